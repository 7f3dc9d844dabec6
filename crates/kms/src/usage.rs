//! What a key must be to be used by an operation: its usage, and for some its spec.

use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;

use crate::key_record::KeyRecord;
use crate::key_spec::{KeySpec, KeyUsage};

/// Refuses a key that is not for that operation.
pub(crate) fn check(operation: Operation, key: &KeyRecord) -> Result<(), Fault> {
    if let Some(usage) = usage(operation) {
        check_usage(operation, usage, key)?;
    }
    let wrong_spec = |code| {
        let text = format!("{} key KeySpec is {} which is not valid for {operation}.", key.arn(), key.key_spec);
        Err(Fault::new(code, text))
    };
    let is_symmetric = key.key_spec == KeySpec::SymmetricDefault;
    match operation {
        Operation::GenerateDataKey
        | Operation::GenerateDataKeyWithoutPlaintext
        | Operation::GenerateDataKeyPair
        | Operation::GenerateDataKeyPairWithoutPlaintext
            if !is_symmetric =>
        {
            wrong_spec(FaultCode::InvalidKeyUsageException)
        }
        Operation::EnableKeyRotation | Operation::DisableKeyRotation | Operation::RotateKeyOnDemand | Operation::ListKeyRotations
            if !is_symmetric =>
        {
            wrong_spec(FaultCode::UnsupportedOperationException)
        }
        Operation::GetPublicKey if !key.key_spec.is_key_pair() => wrong_spec(FaultCode::UnsupportedOperationException),
        _ => Ok(()),
    }
}

/// Refuses a key that is for another usage than that.
pub(crate) fn check_usage(operation: Operation, usage: KeyUsage, key: &KeyRecord) -> Result<(), Fault> {
    match key.key_usage == usage {
        true => Ok(()),
        false => {
            let text = format!("{} key usage is {} which is not valid for {operation}.", key.arn(), key.key_usage);
            Err(Fault::new(FaultCode::InvalidKeyUsageException, text))
        }
    }
}

/// Whether a grant on that key can name that operation of AWS's list.
pub(crate) fn is_grantable(operation: &str, key: &KeyRecord) -> bool {
    let (spec, usage) = (key.key_spec, key.key_usage);
    match operation {
        "CreateGrant" | "RetireGrant" | "DescribeKey" => true,
        "GetPublicKey" => spec.is_key_pair(),
        "Decrypt" | "Encrypt" | "ReEncryptFrom" | "ReEncryptTo" => usage == KeyUsage::EncryptDecrypt,
        "Sign" | "Verify" => usage == KeyUsage::SignVerify,
        "GenerateMac" | "VerifyMac" => usage == KeyUsage::GenerateVerifyMac,
        "DeriveSharedSecret" => usage == KeyUsage::KeyAgreement,
        "Encapsulate" | "Decapsulate" => usage == KeyUsage::EncapsulateDecapsulate,
        // Data keys and data key pairs.
        _ => spec == KeySpec::SymmetricDefault,
    }
}

/// Which usage it needs. Decrypt needs none: that a ciphertext is not of the key says more.
fn usage(operation: Operation) -> Option<KeyUsage> {
    match operation {
        Operation::Encrypt
        | Operation::GenerateDataKey
        | Operation::GenerateDataKeyWithoutPlaintext
        | Operation::GenerateDataKeyPair
        | Operation::GenerateDataKeyPairWithoutPlaintext
        | Operation::ReEncrypt => Some(KeyUsage::EncryptDecrypt),
        Operation::Sign | Operation::Verify => Some(KeyUsage::SignVerify),
        Operation::GenerateMac | Operation::VerifyMac => Some(KeyUsage::GenerateVerifyMac),
        Operation::DeriveSharedSecret => Some(KeyUsage::KeyAgreement),
        Operation::Encapsulate | Operation::Decapsulate => Some(KeyUsage::EncapsulateDecapsulate),
        _ => None,
    }
}
