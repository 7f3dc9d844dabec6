//! One known answer each, and Wycheproof where the shared vectors lie beside the repository.

use serde_json::Value;

use super::*;

#[cfg(feature = "legacy")]
#[test]
fn aes_gcm_known_answer() {
    let key = GcmKey::new(&hex::decode("5b9604fe14eadba931b0ccf34843dab9").unwrap()).unwrap();
    let iv: Iv = hex::decode("028318abc1824029138141a2").unwrap().try_into().unwrap();
    let mut buffer = hex::decode("001d0c231287c1182784554ca3a21908").unwrap();
    let tag = key.seal(&iv, b"", &mut buffer).unwrap();
    assert_eq!(hex::encode(&buffer), "26073cc1d851beff176384dc9896d5ff");
    assert_eq!(hex::encode(tag), "0a3ea7a5487cb5f7d70fb6c58d038554");
    let sealed = buffer.clone();
    let mut wrong = tag;
    wrong[15] ^= 1;
    assert_eq!(key.open(&iv, b"", &mut buffer, &wrong), Err(CipherError));
    assert_eq!(buffer, sealed, "nothing is decrypted before the tag is right");
    key.open(&iv, b"", &mut buffer, &tag).unwrap();
    assert_eq!(hex::encode(buffer), "001d0c231287c1182784554ca3a21908");
}

#[test]
fn key_lengths_are_those_of_aes() {
    for len in 0..=64 {
        assert_eq!(GcmKey::new(&vec![0; len]).is_some(), [16, 24, 32].contains(&len) && (len == 32 || cfg!(feature = "legacy")), "{len}");
    }
}

#[test]
fn hkdf_known_answer() {
    let mut output = [0; 20];
    let input = hex::decode("24aeff2645e3e0f5494a9a102778c43a").unwrap();
    hkdf(HkdfHash::Sha512, Some(b""), &input, &mut [Expansion { info: &[], output: &mut output }]).unwrap();
    assert_eq!(hex::encode(output), "dd2599840b09699c6200b5cba79002b3aa75c61b");
    let mut too_long = vec![0; 255 * 64 + 1];
    assert!(hkdf(HkdfHash::Sha512, Some(b""), &input, &mut [Expansion { info: &[], output: &mut too_long }]).is_err());
}

#[test]
fn kbkdf_known_answer() {
    let (key, salt): (Vec<u8>, Vec<u8>) = ((0..32).collect(), (100..116).collect());
    let derived = kbkdf(&key, b"aws-kms-hierarchy", &salt).unwrap();
    // What Python's hmac module says.
    assert_eq!(hex::encode(&*derived), "158fc6a614fd99d6004e1fe18a50b033eebdf21f70d63f2b8af9a1def888d927");
}

#[cfg(feature = "legacy")]
#[test]
fn aes_gcm_passes_wycheproof() {
    let Some(file) = wycheproof("aes_gcm_test.json") else { return };
    let mut ran = 0;
    for group in file["testGroups"].as_array().unwrap().iter().filter(|group| group["ivSize"] == 96 && group["tagSize"] == 128) {
        for test in group["tests"].as_array().unwrap() {
            let field = |name: &str| hex::decode(test[name].as_str().unwrap()).unwrap();
            let (iv, tag): (Iv, Tag) = (field("iv").try_into().unwrap(), field("tag").try_into().unwrap());
            let key = GcmKey::new(&field("key")).unwrap();
            let mut buffer = field("ct");
            let opened = key.open(&iv, &field("aad"), &mut buffer, &tag);
            assert_eq!(opened.is_ok(), test["result"] == "valid", "{test}");
            if opened.is_ok() {
                assert_eq!(buffer, field("msg"), "{test}");
                assert_eq!(key.seal(&iv, &field("aad"), &mut buffer), Ok(tag), "{test}");
                assert_eq!(buffer, field("ct"), "{test}");
            }
            ran += 1;
        }
    }
    assert!(ran > 100, "only {ran} tests ran");
}

#[test]
fn hkdf_sha512_passes_wycheproof() {
    let Some(file) = wycheproof("hkdf_sha512_test.json") else { return };
    let mut ran = 0;
    for test in file["testGroups"].as_array().unwrap().iter().flat_map(|group| group["tests"].as_array().unwrap()) {
        let field = |name: &str| hex::decode(test[name].as_str().unwrap()).unwrap();
        let mut output = vec![0; usize::try_from(test["size"].as_u64().unwrap()).unwrap()];
        let expansion = Expansion { info: &[&field("info")], output: &mut output };
        let derived = hkdf(HkdfHash::Sha512, Some(&field("salt")), &field("ikm"), &mut [expansion]);
        assert_eq!(derived.is_ok(), test["result"] == "valid", "{test}");
        if derived.is_ok() {
            assert_eq!(output, field("okm"), "{test}");
        }
        ran += 1;
    }
    assert!(ran > 50, "only {ran} tests ran");
}

fn wycheproof(name: &str) -> Option<Value> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/wycheproof").join(name);
    if !path.is_file() {
        eprintln!("skipped: there is no `{}`", path.display());
        return None;
    }
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}
