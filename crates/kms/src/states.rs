//! The states of a key and what each operation may do in them: AWS's table, in one place.

use serde::{Deserialize, Serialize};
use waxseal_base::event::Kind;
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;

use crate::key_record::KeyRecord;
use crate::pipeline::Scene;

/// The state of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyState {
    /// It can be used.
    Enabled,
    /// It refuses every use until it is enabled again.
    Disabled,
}

impl KeyState {
    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
        }
    }

    /// Whether the operation may go on with the key of that ARN; the fault if not.
    pub(crate) fn check(self, operation: Operation, key_arn: &str) -> Result<(), Fault> {
        match rule(operation, self) {
            Rule::Yes => Ok(()),
            Rule::IsDisabled => Err(Fault::new(FaultCode::DisabledException, format!("{key_arn} is disabled."))),
        }
    }
}

/// Brings the scene's key into a state; nothing changes if it is in it already.
pub(crate) fn change_state(scene: &mut Scene<'_>, state: KeyState) -> Result<(), Fault> {
    let record = scene.key()?;
    let before = record.state;
    if before == state {
        return Ok(());
    }
    let record = KeyRecord { state, ..record.clone() };
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
}

macro_rules! states {
    ($states:tt $($operation:ident: $rules:tt;)*) => {
        /// Every operation in every state, so that a new one of either does not compile without its cells.
        fn rule(operation: Operation, state: KeyState) -> Rule {
            match operation { $(Operation::$operation => states!(@row state $states $rules),)* }
        }
    };
    (@row $value:ident [$($state:ident)*] [$($rule:ident)*]) => {
        match $value { $(KeyState::$state => Rule::$rule,)* }
    };
}

states! {
    [                Enabled Disabled]
    CreateGrant:     [Yes    IsDisabled];
    CreateKey:       [Yes    Yes]; // about no key
    Decrypt:         [Yes    IsDisabled];
    DescribeKey:     [Yes    Yes];
    DisableKey:      [Yes    Yes];
    EnableKey:       [Yes    Yes];
    Encrypt:         [Yes    IsDisabled];
    GenerateDataKey: [Yes    IsDisabled];
    GetKeyPolicy:    [Yes    Yes];
    ListGrants:      [Yes    Yes];
    PutKeyPolicy:    [Yes    Yes];
    RevokeGrant:     [Yes    Yes];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disabled_key_is_managed_but_not_used() {
        for &operation in Operation::ALL {
            assert_eq!(KeyState::Enabled.check(operation, "k"), Ok(()));
            let used = operation.takes_encryption_context() || operation == Operation::CreateGrant;
            let expected = if used { Err(Fault::new(FaultCode::DisabledException, "k is disabled.")) } else { Ok(()) };
            assert_eq!(KeyState::Disabled.check(operation, "k"), expected, "{operation}");
        }
    }
}
