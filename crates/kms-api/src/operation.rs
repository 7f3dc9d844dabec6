//! The operations of the KMS and what holds for each, in one table.

use std::fmt;

use crate::fault::{Fault, FaultCode};

macro_rules! operations {
    ($($name:ident, $scope:ident, $effect:ident, $context:literal;)*) => {
        /// An operation of the KMS.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Operation {
            $(#[doc = concat!("`", stringify!($name), "`")] $name,)*
        }

        impl Operation {
            /// All operations.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// AWS's name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The permission it needs, such as `kms:Decrypt`.
            pub fn action(self) -> &'static str {
                match self { $(Self::$name => concat!("kms:", stringify!($name)),)* }
            }

            /// Whose policies decide about it.
            pub fn scope(self) -> Scope {
                match self { $(Self::$name => Scope::$scope,)* }
            }

            /// Whether it leaves the KMS as it was; CloudTrail's `readOnly`.
            pub fn is_read_only(self) -> bool {
                match self { $(Self::$name => matches!(Effect::$effect, Effect::Reads),)* }
            }

            /// Whether its request carries an encryption context.
            pub fn takes_encryption_context(self) -> bool {
                match self { $(Self::$name => $context,)* }
            }
        }
    };
}

enum Effect {
    Reads,
    Changes,
}

operations! {
    // name, whose policies decide, effect, takes an encryption context
    CancelKeyDeletion, OwnAccount, Changes, false;
    CreateAlias, OwnAccount, Changes, false;
    CreateGrant, AnyAccount, Changes, false;
    CreateKey, IdentityPolicy, Changes, false;
    Decapsulate, AnyAccount, Reads, false;
    Decrypt, AnyAccount, Reads, true;
    DeleteAlias, OwnAccount, Changes, false;
    DeleteImportedKeyMaterial, OwnAccount, Changes, false;
    DeriveSharedSecret, AnyAccount, Reads, false;
    DescribeKey, AnyAccount, Reads, false;
    DisableKey, OwnAccount, Changes, false;
    DisableKeyRotation, OwnAccount, Changes, false;
    EnableKey, OwnAccount, Changes, false;
    EnableKeyRotation, OwnAccount, Changes, false;
    Encapsulate, AnyAccount, Reads, false;
    Encrypt, AnyAccount, Reads, true;
    GenerateDataKey, AnyAccount, Reads, true;
    GenerateDataKeyPair, AnyAccount, Reads, true;
    GenerateDataKeyPairWithoutPlaintext, AnyAccount, Reads, true;
    GenerateDataKeyWithoutPlaintext, AnyAccount, Reads, true;
    GenerateMac, AnyAccount, Reads, false;
    GenerateRandom, IdentityPolicy, Reads, false;
    GetKeyLastUsage, OwnAccount, Reads, false;
    GetKeyPolicy, OwnAccount, Reads, false;
    GetKeyRotationStatus, AnyAccount, Reads, false;
    GetParametersForImport, OwnAccount, Reads, false;
    GetPublicKey, AnyAccount, Reads, false;
    ImportKeyMaterial, OwnAccount, Changes, false;
    ListAliases, IdentityPolicy, Reads, false;
    ListGrants, AnyAccount, Reads, false;
    ListKeyPolicies, OwnAccount, Reads, false;
    ListKeyRotations, OwnAccount, Reads, false;
    ListKeys, IdentityPolicy, Reads, false;
    ListResourceTags, OwnAccount, Reads, false;
    ListRetirableGrants, IdentityPolicy, Reads, false;
    PutKeyPolicy, OwnAccount, Changes, false;
    ReEncrypt, AnyAccount, Reads, true;
    ReplicateKey, OwnAccount, Changes, false;
    RetireGrant, AnyAccount, Changes, false;
    RevokeGrant, AnyAccount, Changes, false;
    RotateKeyOnDemand, OwnAccount, Changes, false;
    ScheduleKeyDeletion, OwnAccount, Changes, false;
    Sign, AnyAccount, Reads, false;
    TagResource, OwnAccount, Changes, false;
    UntagResource, OwnAccount, Changes, false;
    UpdateAlias, OwnAccount, Changes, false;
    UpdateKeyDescription, OwnAccount, Changes, false;
    UpdatePrimaryRegion, OwnAccount, Changes, false;
    Verify, AnyAccount, Reads, false;
    VerifyMac, AnyAccount, Reads, false;
}

/// Whose policies decide about an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// It is about no key: only the caller's identity policies count.
    IdentityPolicy,
    /// Only callers of the key's own account, whatever the policies say.
    OwnAccount,
    /// Callers of other accounts too, if both accounts allow it.
    AnyAccount,
}

impl Operation {
    /// The operation of that name; names are case-sensitive.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.name() == name)
    }

    /// The operation that a request names, or why there is none: those on custom key stores are AWS's, and of no use without hardware.
    pub fn requested(name: &str) -> Result<Self, Fault> {
        Self::from_name(name).ok_or_else(|| match ON_KEY_STORES.contains(&name) {
            true => Fault::new(FaultCode::UnsupportedOperationException, format!("this KMS has no custom key stores, so it has no {name}")),
            false => Fault::new(FaultCode::UnknownOperationException, format!("there is no operation `{name}`")),
        })
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

const ON_KEY_STORES: &[&str] = &[
    "ConnectCustomKeyStore",
    "CreateCustomKeyStore",
    "DeleteCustomKeyStore",
    "DescribeCustomKeyStores",
    "DisconnectCustomKeyStore",
    "UpdateCustomKeyStore",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for &operation in Operation::ALL {
            assert_eq!(Operation::from_name(operation.name()), Some(operation));
            assert_eq!(operation.action(), format!("kms:{operation}"));
        }
        assert_eq!(Operation::from_name("encrypt"), None);
        let refusal = |name: &str| Operation::requested(name).map_err(|fault| fault.code);
        assert_eq!(refusal("Encrypt"), Ok(Operation::Encrypt));
        assert_eq!(refusal("encrypt"), Err(FaultCode::UnknownOperationException));
        assert_eq!(refusal("DescribeCustomKeyStores"), Err(FaultCode::UnsupportedOperationException));
    }
}
