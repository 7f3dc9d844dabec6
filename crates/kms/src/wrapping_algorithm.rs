//! How key material is wrapped on its way into the KMS, and which material each way is for.

use std::fmt;

use serde::{Deserialize, Serialize};
use waxseal_kms_api::fault::Fault;

use crate::key_spec::{KeySpec, names};
use crate::refusals::unsupported;

names! {
    /// How key material is wrapped under an RSA key.
    WrappingAlgorithm {
        Pkcs1 "RSAES_PKCS1_V1_5",
        OaepSha1 "RSAES_OAEP_SHA_1",
        OaepSha256 "RSAES_OAEP_SHA_256",
        AesKeyWrapSha1 "RSA_AES_KEY_WRAP_SHA_1",
        AesKeyWrapSha256 "RSA_AES_KEY_WRAP_SHA_256",
        Sm2 "SM2PKE",
    }
}

impl WrappingAlgorithm {
    /// Refuses to wrap material of that spec under a key of that other spec, where AWS does.
    pub(crate) fn check(self, wrapping_spec: KeySpec, material: KeySpec) -> Result<(), Fault> {
        if self == Self::Sm2 || wrapping_spec == KeySpec::Sm2 {
            return Err(unsupported(
                "SM2PKE and SM2 are for the China Regions only: choose an `RSA` wrapping algorithm and wrapping key spec",
            ));
        }
        let is_suitable = match self {
            Self::Pkcs1 => material == KeySpec::SymmetricDefault,
            Self::OaepSha1 | Self::OaepSha256 => material.rsa_bits().is_none(),
            Self::AesKeyWrapSha1 | Self::AesKeyWrapSha256 => material.is_key_pair(),
            Self::Sm2 => false,
        };
        let is_too_long = material == KeySpec::EccNistP521 && wrapping_spec == KeySpec::Rsa2048 && !self.has_two_steps();
        if is_suitable && !is_too_long {
            return Ok(());
        }
        let under = if is_suitable { format!(" and the wrapping key spec {wrapping_spec}") } else { String::new() };
        Err(unsupported(format!("The wrapping algorithm {self}{under} can not wrap key material of the key spec {material}.")))
    }

    /// Whether the RSA key wraps an AES key, and that the material.
    pub(crate) fn has_two_steps(self) -> bool {
        matches!(self, Self::AesKeyWrapSha1 | Self::AesKeyWrapSha256)
    }
}

/// AWS's names of wrapping key specs.
pub(crate) const WRAPPING_SPECS: &[&str] = &["RSA_2048", "RSA_3072", "RSA_4096", "SM2"];
