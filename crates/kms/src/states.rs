//! The states of a key and what each operation may do in them: AWS's table, in one place.

use serde::{Deserialize, Serialize};
use waxseal_base::event::Kind;
use waxseal_base::observer::Observer;
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;

use crate::key_record::KeyRecord;
use crate::key_spec::Origin;
use crate::scene::Scene;

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
    PendingReplicaDeletion "It is a primary key, and its waiting period begins once its last replica is destroyed."
    PendingImport "It lacks key material that its owner has to import, for the first time or again."
    Creating "It is a replica that does not have its material yet; it has before the next request."
    Updating "It is becoming the primary key, or is no more. This engine does that in one step."
    Unavailable "Its key store can not be reached. No key of this engine is in a custom key store."
}

impl KeyState {
    /// Whether the operation may go on with that key; the fault if not.
    pub(crate) fn check(self, operation: Operation, key: &KeyRecord) -> Result<(), Fault> {
        let arn = key.arn();
        let rule = if suits(operation, key.origin) { rule(operation, self) } else { Rule::IsForeign };
        let (code, text) = match rule {
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

/// Brings the scene's key into a state, one in which nothing about its destruction is scheduled; nothing changes if it is in it already.
pub(crate) fn change_state(scene: &mut Scene<'_>, state: KeyState) -> Result<(), Fault> {
    let key = scene.key()?;
    if key.state == state {
        return Ok(());
    }
    let key = KeyRecord { state, deletion_date: None, pending_window_in_days: None, ..key.clone() };
    put_key(scene, key)
}

/// Writes the scene's key anew, and tells of its state if that is another.
pub(crate) fn put_key(scene: &mut Scene<'_>, mut key: KeyRecord) -> Result<(), Fault> {
    let before = scene.key()?.state;
    if before != key.state {
        key.resume_rotation(scene.now);
    }
    key.share_pending(&scene.key()?.pending(), scene.now);
    scene.replace_key(&key)?;
    tell_change(scene.observer, &key, before);
    Ok(())
}

/// Tells of a key's state, if it is another.
pub(crate) fn tell_change(observer: &Observer, key: &KeyRecord, before: KeyState) {
    if before != key.state {
        observer.emit(|_| Kind::KeyStateChanged {
            key_arn: key.arn().to_string(),
            before: Some(before.name().into()),
            after: key.state.name().into(),
        });
    }
}

/// Whether the operation is for keys of that origin; their state does not matter then.
fn suits(operation: Operation, origin: Origin) -> bool {
    match operation {
        Operation::GetParametersForImport | Operation::ImportKeyMaterial | Operation::DeleteImportedKeyMaterial => {
            origin == Origin::External
        }
        Operation::EnableKeyRotation | Operation::DisableKeyRotation | Operation::GetKeyRotationStatus => origin == Origin::AwsKms,
        _ => true,
    }
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
    CreateGrant:                     [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         Yes];
    CreateKey:                       [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes]; // about no key
    Decapsulate:                     [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    Decrypt:                         [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    DeleteAlias:                     [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    DeleteImportedKeyMaterial:       [Yes         Yes         Yes             Yes                    Yes           IsCreating  IsUpdating  IsForeign];
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
    GetKeyLastUsage:                 [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    GetKeyPolicy:                    [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    GetKeyRotationStatus:            [Yes         Yes         Yes             Yes                    IsForeign     Yes         Yes         IsForeign];
    GetParametersForImport:          [Yes         Yes         IsDeleting      IsDeleting             Yes           IsCreating  IsUpdating  IsForeign];
    GetPublicKey:                    [Yes         Yes         IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway]; // AWS's guide says disabled keys refuse it; AWS does not
    ImportKeyMaterial:               [Yes         Yes         IsDeleting      IsDeleting             Yes           IsCreating  Yes         IsForeign];
    ListAliases:                     [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes]; // about no key
    ListGrants:                      [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    ListKeyPolicies:                 [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    ListKeyRotations:                [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    ListKeys:                        [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes]; // about no key
    ListResourceTags:                [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    ListRetirableGrants:             [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes]; // about no key
    PutKeyPolicy:                    [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    ReEncrypt:                       [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    ReplicateKey:                    [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  IsUpdating  IsForeign];
    RetireGrant:                     [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    RevokeGrant:                     [Yes         Yes         Yes             Yes                    Yes           Yes         Yes         Yes];
    RotateKeyOnDemand:               [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsForeign];
    ScheduleKeyDeletion:             [Yes         Yes         IsDeleting      IsDeleting             Yes           Yes         IsUpdating  Yes];
    Sign:                            [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    TagResource:                     [Yes         Yes         IsDeleting      IsDeleting             Yes           Yes         Yes         Yes];
    UntagResource:                   [Yes         Yes         IsDeleting      IsDeleting             Yes           Yes         Yes         Yes];
    UpdateAlias:                     [Yes         Yes         IsDeleting      IsDeleting             Yes           Yes         Yes         Yes]; // of the key that gets it
    UpdateKeyDescription:            [Yes         Yes         IsDeleting      IsDeleting             Yes           Yes         Yes         Yes];
    UpdatePrimaryRegion:             [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsForeign];
    Verify:                          [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
    VerifyMac:                       [Yes         IsDisabled  IsDeleting      IsDeleting             IsImporting   IsCreating  Yes         IsAway];
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The table as AWS's guide has it. The engine's tests bring keys into these states; no caller meets the last three.
    #[derive(Deserialize)]
    struct Table {
        columns: Vec<KeyState>,
        rows: Vec<Row>,
    }

    #[derive(Deserialize)]
    struct Row {
        operations: Vec<String>,
        cells: Vec<String>,
    }

    #[test]
    fn every_cell_is_as_aws_has_it() {
        let table: Table = serde_json::from_str(include_str!("../tests/states.json")).unwrap();
        assert_eq!(table.columns.len(), KeyState::ALL.len());
        let mut cells = BTreeMap::new();
        for row in &table.rows {
            assert_eq!(row.cells.len(), table.columns.len(), "{:?}", row.operations);
            for operation in &row.operations {
                for (state, cell) in table.columns.iter().zip(&row.cells) {
                    assert!(cells.insert((operation.as_str(), state.name()), cell).is_none(), "{operation} is there twice");
                }
            }
        }
        let pairs = || Operation::ALL.iter().flat_map(|operation| KeyState::ALL.iter().map(move |state| (*operation, *state)));
        assert_eq!(cells.len(), pairs().count(), "the file has operations that there are not");
        let differ = |(operation, state): &(Operation, KeyState)| {
            let cell = cells.get(&(operation.name(), state.name())).map(|cell| cell.as_str());
            cell != Some(name(rule(*operation, *state)))
        };
        let differing: Vec<String> = pairs().filter(differ).map(|(operation, state)| format!("{operation} {}", state.name())).collect();
        assert_eq!(differing, [""; 0]);
    }

    /// What the file calls it.
    fn name(rule: Rule) -> &'static str {
        match rule {
            Rule::Yes => "ok",
            Rule::IsDisabled => "disabled",
            Rule::IsDeleting => "deleting",
            Rule::NotDeleting => "not deleting",
            Rule::IsImporting => "importing",
            Rule::IsCreating => "creating",
            Rule::IsUpdating => "updating",
            Rule::IsForeign => "origin",
            Rule::IsAway => "unavailable",
        }
    }
}
