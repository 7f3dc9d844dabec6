//! What a keyring over keys without ARNs makes of the answers of its KMS, and of the encrypted data keys of others.

use waxseal_kms_api::kms::KmsError;
use waxseal_kms_api::vendor_key::Named;

use super::super::tests::{ToyKms, make, refusal, request, unwrap};
use super::super::{MultiKeyring, RawAesKeyring};
use super::*;

const KEY: &str = "https://v/keys/k";
const VERSION: &str = "https://v/keys/k/1";

fn key(named: Named) -> VendorKey {
    VendorKey { provider_id: "waxseal-azure-key-vault".into(), key_id: KEY.into(), named }
}

fn keyring(change: impl FnOnce(&mut ToyKms)) -> (VendorKeyring, Arc<ToyKms>) {
    let mut kms = ToyKms { answers_as: VERSION.into(), ..ToyKms::new() };
    change(&mut kms);
    let kms = Arc::new(kms);
    (VendorKeyring::new(kms.clone(), key(Named::AsVersionOf(KEY.into()))), kms)
}

#[test]
fn messages_name_the_version_that_wrapped_and_it_is_asked_to_unwrap() {
    let (keyring, kms) = keyring(|_| {});
    let made = make(&keyring).unwrap();
    let [encrypted] = &made.encrypted_data_keys[..] else { panic!("one key") };
    assert_eq!((encrypted.provider_id.as_str(), encrypted.provider_info.as_slice()), ("waxseal-azure-key-vault", VERSION.as_bytes()));
    assert_eq!(unwrap(&keyring, &made.encrypted_data_keys), Some(Ok(vec![7; 32])));
    let wrapped = pollster::block_on(keyring.wrap_data_key(&made.data_key, &request(), &Observer::none())).unwrap();
    assert_eq!(wrapped, made.encrypted_data_keys);
    assert_eq!(*kms.calls.lock().unwrap(), ["GenerateDataKey https://v/keys/k", "Decrypt https://v/keys/k/1", "Encrypt https://v/keys/k"]);
    let pinned = VendorKeyring::new(kms, key(Named::As(VERSION.into())));
    assert_eq!(unwrap(&pinned, &made.encrypted_data_keys), Some(Ok(vec![7; 32])));
}

#[test]
fn what_is_anothers_is_not_asked_about() {
    let (own, kms) = keyring(|_| {});
    let mine = make(&own).unwrap().encrypted_data_keys.remove(0);
    let pinned = VendorKeyring::new(kms.clone(), key(Named::As("https://v/keys/k/2".into())));
    kms.calls.lock().unwrap().clear();
    for (what, provider_id, info) in [
        ("another vendor's", "waxseal-gcp-kms", VERSION.as_bytes()),
        ("another key", "waxseal-azure-key-vault", b"https://v/keys/other/1"),
        ("no version", "waxseal-azure-key-vault", KEY.as_bytes()),
        ("no text", "waxseal-azure-key-vault", b"\xff"),
    ] {
        let other = EncryptedDataKey { provider_id: provider_id.into(), provider_info: info.to_vec(), ..mine.clone() };
        assert_eq!(unwrap(&own, std::slice::from_ref(&other)), None, "{what}");
        assert_eq!(unwrap(&own, &[other, mine.clone()]), Some(Ok(vec![7; 32])), "{what}");
    }
    assert_eq!(unwrap(&pinned, &[mine]), None, "a keyring of one version has nothing to do with others");
    assert_eq!(kms.calls.lock().unwrap().len(), 4);
}

#[test]
fn answers_are_checked_and_refusals_keep_their_names() {
    let good = make(&keyring(|_| {}).0).unwrap();
    for (what, change) in [
        (
            "with the key `https://w/keys/k/1`, not `https://v/keys/k`",
            (|kms| kms.answers_as = "https://w/keys/k/1".into()) as fn(&mut ToyKms),
        ),
        ("a data key of 31 bytes where 32 were asked for", |kms| kms.plaintext_len = 31),
    ] {
        let error = make(&keyring(change).0).unwrap_err();
        assert_eq!(error.kms(), Some(&KmsError::Unavailable { reason: format!("it answered {what}") }));
    }
    let short = unwrap(&keyring(|kms| kms.plaintext_len = 31).0, &good.encrypted_data_keys).unwrap().unwrap_err();
    assert!(short.to_string().contains("a data key of 31 bytes; the message needs 32"), "{short}");
    let other = unwrap(&keyring(|kms| kms.answers_as = "https://v/keys/k/2".into()).0, &good.encrypted_data_keys).unwrap().unwrap_err();
    assert!(other.to_string().contains("with the key `https://v/keys/k/2`, not `https://v/keys/k/1`"), "{other}");
    let refused = unwrap(&keyring(|kms| kms.refuses = Some(refusal("KeyDisabled"))).0, &good.encrypted_data_keys).unwrap().unwrap_err();
    assert_eq!(refused.kms_code(), Some("KeyDisabled"));
    let (aborting, kms) = keyring(|kms| kms.refuses = Some(KmsError::Aborted));
    let twice = [good.encrypted_data_keys[0].clone(), good.encrypted_data_keys[0].clone()];
    assert_eq!(unwrap(&aborting, &twice).unwrap().unwrap_err().code(), "Aborted");
    assert_eq!(kms.calls.lock().unwrap().len(), 1, "nothing is tried after the caller gave up");
}

#[test]
fn it_wraps_what_another_keyring_made_and_either_opens_it() {
    let raw = Arc::new(RawAesKeyring::new("ns", "name", zeroize::Zeroizing::new(vec![1; 32])).unwrap());
    let vendor = Arc::new(keyring(|_| {}).0);
    let down = Arc::new(keyring(|kms| kms.refuses = Some(KmsError::Unavailable { reason: "no route".into() })).0);
    let made = make(&MultiKeyring::new(Some(raw.clone()), vec![vendor.clone()]).unwrap()).unwrap();
    for keyring in [MultiKeyring::new(None, vec![down.clone(), raw]).unwrap(), MultiKeyring::new(None, vec![vendor]).unwrap()] {
        assert_eq!(unwrap(&keyring, &made.encrypted_data_keys), Some(Ok(made.data_key.expose().to_vec())));
    }
    assert_eq!(unwrap(down.as_ref(), &made.encrypted_data_keys).unwrap().unwrap_err().code(), "KmsUnavailable");
}
