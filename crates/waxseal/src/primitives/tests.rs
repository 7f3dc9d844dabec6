//! One known answer each.

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
