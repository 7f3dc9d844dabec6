//! The states of a key and what each operation may do in them: AWS's table, in one place.

use serde::{Deserialize, Serialize};
use waxseal_base::event::Kind;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;

use crate::key_record::KeyRecord;
use crate::pipeline::Scene;

macro_rules! key_states {
    ($($state:ident $doc:literal)*) => {
        /// The state of a key.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum KeyState {
            $(#[doc = $doc] $state,)*
        }

        impl KeyState {
            /// All states.
            pub const ALL: &[Self] = &[$(Self::$state,)*];

            /// AWS's name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$state => stringify!($state),)* }
            }
        }
    };
}

key_states! {
    Enabled "It can be used."
    Disabled "It refuses every use until it is enabled again."
    PendingDeletion "It will be destroyed when its waiting period is over, unless that is cancelled."
    PendingReplicaDeletion "It will be destroyed once its last replica is. No key of this engine has replicas yet."
    PendingImport "It has no key material yet, or no more. No key of this engine takes imported material yet."
    Creating "It is being made. This engine makes keys in one step."
    Updating "It is being changed together with its replicas. No key of this engine has replicas yet."
    Unavailable "Its key store can not be reached. No key of this engine is in a custom key store."
}

impl KeyState {
    /// Whether the operation may go on with that key; the fault if not.
    pub(crate) fn check(self, operation: Operation, key: &KeyRecord) -> Result<(), Fault> {
        let arn = key.arn();
        let (code, text) = match rule(operation, self) {
            Rule::Yes => return Ok(()),
            Rule::IsDisabled => (FaultCode::DisabledException, format!("{arn} is disabled.")),
            Rule::IsDeleting => (FaultCode::KMSInvalidStateException, format!("{arn} is pending deletion.")),
            Rule::NotDeleting => (FaultCode::KMSInvalidStateException, format!("{arn} is not pending deletion.")),
            Rule::IsImporting => (FaultCode::KMSInvalidStateException, format!("{arn} is pending import.")),
            Rule::IsCreating => (FaultCode::KMSInvalidStateException, format!("{arn} is creating.")),
            Rule::IsUpdating => (FaultCode::KMSInvalidStateException, format!("{arn} is updating.")),
            Rule::IsForeign => {
                let text = format!("{arn} origin is {} which is not valid for this operation.", key.origin);
                (FaultCode::UnsupportedOperationException, text)
            }
            Rule::IsAway => (FaultCode::KMSInvalidStateException, format!("{arn} is unavailable.")),
        };
        Err(Fault::new(code, text))
    }
}

/// Brings the scene's key into a state; nothing changes if it is in it already. A key that is to be destroyed has a date for it.
pub(crate) fn change_state(scene: &mut Scene<'_>, state: KeyState, deletion_date: Option<Timestamp>) -> Result<(), Fault> {
    let record = scene.key()?;
    let before = record.state;
    if before == state {
        return Ok(());
    }
    let mut record = KeyRecord { state, deletion_date, ..record.clone() };
    record.resume_rotation(scene.now);
    scene.replace_key(&record)?;
    scene.observer.emit(|_| Kind::KeyStateChanged {
        key_arn: record.arn().to_string(),
        before: Some(before.name().into()),
        after: state.name().into(),
    });
    Ok(())
}

/// One cell: go on, or with which fault not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Yes,
    IsDisabled,
    IsDeleting,
    NotDeleting,
    IsImporting,
    IsCreating,
    IsUpdating,
    /// The key's material is not the KMS's own.
    IsForeign,
    IsAway,
}

macro_rules! table {
    ($states:tt $($operation:ident: $rules:tt;)*) => {
        /// Every operation in every state, so that a new one of either does not compile without its cells.
        fn rule(operation: Operation, state: KeyState) -> Rule {
            match operation { $(Operation::$operation => table!(@row state $states $rules),)* }
        }
    };
    (@row $value:ident [$($state:ident)*] [$($rule:ident)*]) => {
        match $value { $(KeyState::$state => Rule::$rule,)* }
    };
}

// One line an operation, whatever its length: it is a table.
#[rustfmt::skip]
table! {
    [                                 Enabled     Disabled    PendingDeletion PendingReplicaDeletion PendingImport Creating    Updating    Unavailable]
    CancelKeyDeletion:               [NotDeleting NotDeleting Yes             Yes                    NotDeleting   NotDeleting NotDeleting NotDeleting];
    CreateAlias:                     [Yes         Yes         IsDeleting      IsDeleting             Yes           Yes         Yes         Yes];
    CreateGrant:                     [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    CreateKey:                       [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes]; // about no key
    Decapsulate:                     [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    Decrypt:                         [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    DeleteAlias:                     [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    DeriveSharedSecret:              [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    DescribeKey:                     [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    DisableKey:                      [Yes         Yes         IsDeleting      IsDeleting             IsImporting   IsCreating  IsUpdating  Yes];
    DisableKeyRotation:              [Yes         IsDisabled  IsDeleting      IsDeleting             IsForeign     IsCreating  Yes         IsForeign];
    EnableKey:                       [Yes         Yes         IsDeleting      IsDeleting             IsImporting   IsCreating  IsUpdating  Yes];
    EnableKeyRotation:               [Yes         IsDisabled  IsDeleting      IsDeleting             IsForeign     IsCreating  Yes         IsForeign];
    Encapsulate:                     [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    Encrypt:                         [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    GenerateDataKey:                 [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    GenerateDataKeyPair:             [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    GenerateDataKeyPairWithoutPlaintext: [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    GenerateDataKeyWithoutPlaintext: [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    GenerateMac:                     [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    GenerateRandom:                  [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes]; // about no key
    GetKeyPolicy:                    [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    GetKeyRotationStatus:            [Yes         Yes         Yes             Yes                    IsForeign     Yes         Yes         IsForeign];
    GetPublicKey:                    [Yes         Yes         IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway]; // AWS's guide says disabled keys refuse it; AWS does not
    ListAliases:                     [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes]; // about no key
    ListGrants:                      [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    ListKeyPolicies:                 [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    ListKeyRotations:                [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    ListKeys:                        [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes]; // about no key
    ListResourceTags:                [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    ListRetirableGrants:             [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes]; // about no key
    PutKeyPolicy:                    [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    ReEncrypt:                       [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    RetireGrant:                     [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    RevokeGrant:                     [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    RotateKeyOnDemand:               [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsForeign];
    ScheduleKeyDeletion:             [Yes         Yes         IsDeleting      IsDeleting             Yes           Yes         IsUpdating  Yes];
    Sign:                            [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    TagResource:                     [Yes         Yes         IsDeleting      IsDeleting             Yes           Yes         Yes         Yes];
    UntagResource:                   [Yes         Yes         IsDeleting      IsDeleting             Yes           Yes         Yes         Yes];
    UpdateAlias:                     [Yes         Yes         IsDeleting      IsDeleting             Yes           Yes         Yes         Yes]; // of the key that gets it
    UpdateKeyDescription:            [Yes         Yes         IsDeleting      IsDeleting             Yes           Yes         Yes         Yes];
    Verify:                          [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    VerifyMac:                       [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
}

#[cfg(test)]
mod tests {
    use waxseal_kms_api::grant_operation::GRANTABLE;

    use super::*;

    #[test]
    fn a_key_that_is_not_enabled_is_managed_but_not_used() {
        for &operation in Operation::ALL {
            assert!(matches!(rule(operation, KeyState::Enabled), Rule::Yes | Rule::NotDeleting), "{operation}");
            let about_the_key = ["RetireGrant", "DescribeKey", "GetPublicKey"];
            let grantable = GRANTABLE.contains(&operation.name()) && !about_the_key.contains(&operation.name());
            let used = grantable || operation == Operation::ReEncrypt;
            for &state in KeyState::ALL {
                let expected = match state {
                    KeyState::Disabled => Rule::IsDisabled,
                    KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => Rule::IsDeleting,
                    KeyState::PendingImport => Rule::IsImporting,
                    KeyState::Creating => Rule::IsCreating,
                    KeyState::Unavailable => Rule::IsAway,
                    KeyState::Enabled | KeyState::Updating => Rule::Yes,
                };
                assert!(!used || rule(operation, state) == expected, "{operation} {}", state.name());
                let others = [Operation::GetKeyRotationStatus, Operation::GetPublicKey];
                let reads = operation.is_read_only() && !used && !others.contains(&operation);
                assert!(!reads || rule(operation, state) == Rule::Yes, "{operation} {}", state.name());
            }
        }
    }
}
