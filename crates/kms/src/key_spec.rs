//! What kinds of keys there are: key spec, key usage and origin, and the algorithms that each can do, in AWS's names and in one table.

use std::fmt;

use serde::{Deserialize, Serialize};

use KeyUsage::{EncapsulateDecapsulate, EncryptDecrypt, GenerateVerifyMac, KeyAgreement, SignVerify};

macro_rules! names {
    ($(#[$doc:meta])* $kind:ident { $($variant:ident $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub(crate) enum $kind {
            $(#[serde(rename = $name)] $variant,)*
        }

        impl $kind {
            /// All of AWS's names.
            pub(crate) const NAMES: &[&str] = &[$($name,)*];

            /// AWS's name.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The one of that name.
            pub(crate) fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

pub(crate) use names;

names! {
    /// What a key can be used for; a key has one usage for life.
    KeyUsage {
        SignVerify "SIGN_VERIFY",
        EncryptDecrypt "ENCRYPT_DECRYPT",
        GenerateVerifyMac "GENERATE_VERIFY_MAC",
        KeyAgreement "KEY_AGREEMENT",
        EncapsulateDecapsulate "ENCAPSULATE_DECAPSULATE",
    }
}

names! {
    /// Where a key's material comes from.
    Origin {
        AwsKms "AWS_KMS",
        External "EXTERNAL",
        AwsCloudHsm "AWS_CLOUDHSM",
        ExternalKeyStore "EXTERNAL_KEY_STORE",
    }
}

names! {
    /// How a key signs.
    SigningAlgorithm {
        RsassaPssSha256 "RSASSA_PSS_SHA_256",
        RsassaPssSha384 "RSASSA_PSS_SHA_384",
        RsassaPssSha512 "RSASSA_PSS_SHA_512",
        RsassaPkcs1Sha256 "RSASSA_PKCS1_V1_5_SHA_256",
        RsassaPkcs1Sha384 "RSASSA_PKCS1_V1_5_SHA_384",
        RsassaPkcs1Sha512 "RSASSA_PKCS1_V1_5_SHA_512",
        EcdsaSha256 "ECDSA_SHA_256",
        EcdsaSha384 "ECDSA_SHA_384",
        EcdsaSha512 "ECDSA_SHA_512",
        Sm2Dsa "SM2DSA",
        MlDsaShake256 "ML_DSA_SHAKE_256",
        Ed25519Sha512 "ED25519_SHA_512",
        Ed25519PhSha512 "ED25519_PH_SHA_512",
    }
}

names! {
    /// What is given to be signed: a message, its digest, or the representative that ML-DSA makes of a message and the public key.
    MessageType {
        Raw "RAW",
        Digest "DIGEST",
        ExternalMu "EXTERNAL_MU",
    }
}

names! {
    /// How a key authenticates.
    MacAlgorithm {
        HmacSha224 "HMAC_SHA_224",
        HmacSha256 "HMAC_SHA_256",
        HmacSha384 "HMAC_SHA_384",
        HmacSha512 "HMAC_SHA_512",
    }
}

names! {
    /// The form of a key's material.
    KeySpec {
        Rsa2048 "RSA_2048",
        Rsa3072 "RSA_3072",
        Rsa4096 "RSA_4096",
        EccNistP256 "ECC_NIST_P256",
        EccNistP384 "ECC_NIST_P384",
        EccNistP521 "ECC_NIST_P521",
        EccSecgP256k1 "ECC_SECG_P256K1",
        SymmetricDefault "SYMMETRIC_DEFAULT",
        Hmac224 "HMAC_224",
        Hmac256 "HMAC_256",
        Hmac384 "HMAC_384",
        Hmac512 "HMAC_512",
        Sm2 "SM2",
        MlDsa44 "ML_DSA_44",
        MlDsa65 "ML_DSA_65",
        MlDsa87 "ML_DSA_87",
        EccNistEdwards25519 "ECC_NIST_EDWARDS25519",
        MlKem512 "ML_KEM_512",
        MlKem768 "ML_KEM_768",
        MlKem1024 "ML_KEM_1024",
    }
}

impl KeySpec {
    /// Bytes of the secret of a symmetric or HMAC key, which is drawn at random; none for a key pair.
    pub(crate) fn secret_len(self) -> Option<usize> {
        match self {
            Self::SymmetricDefault | Self::Hmac256 => Some(32),
            Self::Hmac224 => Some(28),
            Self::Hmac384 => Some(48),
            Self::Hmac512 => Some(64),
            _ => None,
        }
    }

    /// Bits of an RSA key's modulus; none for a key of another kind.
    pub(crate) fn rsa_bits(self) -> Option<u32> {
        match self {
            Self::Rsa2048 => Some(2048),
            Self::Rsa3072 => Some(3072),
            Self::Rsa4096 => Some(4096),
            _ => None,
        }
    }

    /// Whether it is a private and a public key.
    pub(crate) fn is_key_pair(self) -> bool {
        self.secret_len().is_none()
    }

    /// What a key of this spec can be used for; the first is what it is made for if the request does not say.
    pub(crate) fn usages(self) -> &'static [KeyUsage] {
        match self {
            Self::SymmetricDefault => &[EncryptDecrypt],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[EncryptDecrypt, SignVerify],
            Self::EccNistP256 | Self::EccNistP384 | Self::EccNistP521 => &[SignVerify, KeyAgreement],
            Self::EccSecgP256k1 | Self::EccNistEdwards25519 | Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => &[SignVerify],
            Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512 => &[GenerateVerifyMac],
            Self::Sm2 => &[EncryptDecrypt, SignVerify, KeyAgreement],
            Self::MlKem512 | Self::MlKem768 | Self::MlKem1024 => &[EncapsulateDecapsulate],
        }
    }

    /// The algorithms that a key of this spec and usage can do; the first is what a request means that names none.
    pub(crate) fn algorithms(self, usage: KeyUsage) -> &'static [&'static str] {
        match (self, usage) {
            (Self::SymmetricDefault, EncryptDecrypt) => &["SYMMETRIC_DEFAULT"],
            (Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096, EncryptDecrypt) => &["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
            (Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096, SignVerify) => RSA_SIGNATURES,
            (Self::EccNistP256 | Self::EccSecgP256k1, SignVerify) => &["ECDSA_SHA_256"],
            (Self::EccNistP384, SignVerify) => &["ECDSA_SHA_384"],
            (Self::EccNistP521, SignVerify) => &["ECDSA_SHA_512"],
            (Self::EccNistEdwards25519, SignVerify) => &["ED25519_SHA_512", "ED25519_PH_SHA_512"],
            (Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87, SignVerify) => &["ML_DSA_SHAKE_256"],
            (Self::Sm2, SignVerify) => &["SM2DSA"],
            (Self::Sm2, EncryptDecrypt) => &["SM2PKE"],
            (Self::Hmac224, GenerateVerifyMac) => &["HMAC_SHA_224"],
            (Self::Hmac256, GenerateVerifyMac) => &["HMAC_SHA_256"],
            (Self::Hmac384, GenerateVerifyMac) => &["HMAC_SHA_384"],
            (Self::Hmac512, GenerateVerifyMac) => &["HMAC_SHA_512"],
            (Self::EccNistP256 | Self::EccNistP384 | Self::EccNistP521 | Self::Sm2, KeyAgreement) => &[ECDH],
            (Self::MlKem512 | Self::MlKem768 | Self::MlKem1024, EncapsulateDecapsulate) => &[ML_KEM],
            _ => &[],
        }
    }
}

impl SigningAlgorithm {
    /// Bytes of the digest that it signs instead of the message; none if it has no such step.
    pub(crate) fn digest_len(self) -> Option<usize> {
        match self {
            Self::RsassaPssSha256 | Self::RsassaPkcs1Sha256 | Self::EcdsaSha256 | Self::Sm2Dsa => Some(32),
            Self::RsassaPssSha384 | Self::RsassaPkcs1Sha384 | Self::EcdsaSha384 => Some(48),
            Self::RsassaPssSha512 | Self::RsassaPkcs1Sha512 | Self::EcdsaSha512 | Self::Ed25519PhSha512 => Some(64),
            Self::MlDsaShake256 | Self::Ed25519Sha512 => None,
        }
    }
}

/// The spec of a symmetric encryption key, and the name of the one algorithm that it can do.
pub(crate) const SYMMETRIC_DEFAULT: &str = KeySpec::SymmetricDefault.name();
/// The one algorithm of keys for key agreement.
pub(crate) const ECDH: &str = "ECDH";
/// The one algorithm of keys for encapsulation.
pub(crate) const ML_KEM: &str = "ML_KEM";
const RSA_SIGNATURES: &[&str] = &[
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spec_can_do_something_in_each_of_its_usages_and_nothing_in_others() {
        for name in KeySpec::NAMES {
            let spec = KeySpec::from_name(name).unwrap();
            assert_eq!(spec.name(), *name);
            for usage in KeyUsage::NAMES.iter().filter_map(|name| KeyUsage::from_name(name)) {
                assert_eq!(spec.algorithms(usage).is_empty(), !spec.usages().contains(&usage), "{spec} {usage}");
            }
        }
        assert_eq!((KeySpec::from_name("AES_256"), Origin::from_name("")), (None, None));
    }
}
