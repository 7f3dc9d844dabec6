//! Whose policies decide about each action of a KMS, also those that the engine does not have.

use anyhow::{Result, anyhow, bail};
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::operation::{Operation, Scope};

/// Whose policies decide about an action. The engine's operations know it themselves; the cases are about further ones too.
pub(super) fn scope_of(action: &str, resource: Option<&Arn>) -> Result<Scope> {
    let name = action.strip_prefix("kms:").ok_or_else(|| anyhow!("`{action}` is not an action of a KMS"))?;
    if name.contains(['*', '?', ':']) {
        bail!("`{action}` is a pattern; a request has one action");
    }
    // Of an operation on an alias this is the part that the identity policies decide alone.
    if resource.is_some_and(Arn::is_kms_alias) {
        return Ok(Scope::IdentityPolicy);
    }
    if let Some(operation) = Operation::from_name(name) {
        return Ok(operation.scope());
    }
    Ok(match name {
        _ if KEYLESS.contains(&name) => Scope::IdentityPolicy,
        _ if CROSS_ACCOUNT.contains(&name) => Scope::AnyAccount,
        _ => Scope::OwnAccount,
    })
}

const KEYLESS: &[&str] = &[
    "ConnectCustomKeyStore",
    "CreateCustomKeyStore",
    "CreateKey",
    "DeleteCustomKeyStore",
    "DescribeCustomKeyStores",
    "DisconnectCustomKeyStore",
    "GenerateRandom",
    "ListAliases",
    "ListKeys",
    "ListRetirableGrants",
    "UpdateCustomKeyStore",
];

const CROSS_ACCOUNT: &[&str] = &[
    "CreateGrant",
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "DescribeKey",
    "Encapsulate",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GetKeyRotationStatus",
    "GetPublicKey",
    "ListGrants",
    "ReEncryptFrom",
    "ReEncryptTo",
    "RetireGrant",
    "RevokeGrant",
    "Sign",
    "Verify",
    "VerifyMac",
];
