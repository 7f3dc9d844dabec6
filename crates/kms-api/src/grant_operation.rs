//! The operations that grants name. They are AWS's, by permission: ReEncrypt is two of them.

/// All that a grant can allow on some key, in the order in which AWS lists them.
pub const GRANTABLE: &[&str] = &[
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "Sign",
    "Verify",
    "GetPublicKey",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "VerifyMac",
    "DeriveSharedSecret",
    "Encapsulate",
    "Decapsulate",
];

/// Whether it is asked with an encryption context, which grants and policies can constrain.
pub fn takes_encryption_context(operation: &str) -> bool {
    WITH_CONTEXT.contains(&operation)
}

const WITH_CONTEXT: &[&str] = &[
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Operation;

    #[test]
    fn it_agrees_with_the_table_of_operations() {
        for &operation in Operation::ALL.iter().filter(|operation| GRANTABLE.contains(&operation.name())) {
            assert_eq!(takes_encryption_context(operation.name()), operation.takes_encryption_context(), "{operation}");
        }
        assert!(WITH_CONTEXT.iter().all(|operation| GRANTABLE.contains(operation)));
    }
}
