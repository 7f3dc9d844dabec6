//! One KMS per region, each a stand-in that notes what it is asked and answers as it is told, and what keyrings make of that.

use std::sync::Mutex;

use waxseal_base::threading::BoxFuture;
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{DecryptRequest, DecryptResponse, EncryptResponse, GenerateDataKeyResponse};
use waxseal_kms_api::kms::KmsError;
use zeroize::Zeroizing;

use super::super::tests::{make, refusal, request, unwrap};
use super::super::{MultiKeyring, RawAesKeyring};
use super::*;
use crate::suite::Suite;

const SINGLE: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd";
const MRK_US: &str = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234";
const MRK_EU: &str = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234";

/// A KMS whose plaintexts are 32 sevens.
#[derive(Default)]
struct StandIn {
    asked: Mutex<Vec<String>>,
    generates: Mutex<Vec<GenerateDataKeyRequest>>,
    decrypts: Mutex<Vec<DecryptRequest>>,
    /// The names it answers with, in order; then what it was asked for.
    answers_as: Mutex<Vec<String>>,
    /// The lengths of its plaintexts, in order; then 32.
    lengths: Mutex<Vec<usize>>,
    refuses: Option<KmsError>,
}

impl StandIn {
    fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    fn answer(&self, asked: &str) -> Result<(String, SecretBlob), KmsError> {
        self.asked.lock().unwrap().push(asked.into());
        if let Some(error) = &self.refuses {
            return Err(error.clone());
        }
        fn next<T>(queue: &Mutex<Vec<T>>) -> Option<T> {
            let mut queue = queue.lock().unwrap();
            (!queue.is_empty()).then(|| queue.remove(0))
        }
        let len = next(&self.lengths).unwrap_or(32);
        Ok((next(&self.answers_as).unwrap_or_else(|| asked.into()), SecretBlob(Zeroizing::new(vec![7; len]))))
    }
}

impl Kms for StandIn {
    fn generate_data_key<'a>(
        &'a self,
        request: GenerateDataKeyRequest,
        _observer: &'a Observer,
    ) -> BoxFuture<'a, Result<GenerateDataKeyResponse, KmsError>> {
        Box::pin(async move {
            self.lengths.lock().unwrap().push(usize::try_from(request.number_of_bytes.unwrap()).unwrap());
            let (key_id, plaintext) = self.answer(&request.key_id)?;
            self.generates.lock().unwrap().push(request);
            Ok(GenerateDataKeyResponse { ciphertext_blob: Blob(vec![1]), plaintext, key_id, key_material_id: None })
        })
    }

    fn encrypt<'a>(&'a self, request: EncryptRequest, _observer: &'a Observer) -> BoxFuture<'a, Result<EncryptResponse, KmsError>> {
        Box::pin(async move {
            let (key_id, _) = self.answer(&request.key_id)?;
            Ok(EncryptResponse { ciphertext_blob: Blob(request.plaintext.0.to_vec()), key_id, encryption_algorithm: None })
        })
    }

    fn decrypt<'a>(&'a self, request: DecryptRequest, _observer: &'a Observer) -> BoxFuture<'a, Result<DecryptResponse, KmsError>> {
        Box::pin(async move {
            let (key_id, plaintext) = self.answer(request.key_id.as_deref().unwrap())?;
            self.decrypts.lock().unwrap().push(request);
            Ok(DecryptResponse { plaintext, key_id, key_material_id: None, encryption_algorithm: None })
        })
    }
}

fn wrapped_by(arn: &str) -> EncryptedDataKey {
    EncryptedDataKey { provider_id: "aws-kms".into(), provider_info: arn.into(), ciphertext: arn.into() }
}

fn opened() -> Option<Result<Vec<u8>, Error>> {
    Some(Ok(vec![7; 32]))
}

/// A discovery keyring with a KMS in each of two regions.
fn discovery() -> (KmsDiscoveryKeyring, Arc<StandIn>, Arc<StandIn>) {
    let (us, eu) = (StandIn::new(), StandIn::new());
    let of_region = {
        let (us, eu) = (us.clone(), eu.clone());
        move |region: &str| -> Option<Arc<dyn Kms>> {
            match region {
                "us-east-1" => Some(us.clone()),
                "eu-west-1" => Some(eu.clone()),
                _ => None,
            }
        }
    };
    (KmsDiscoveryKeyring::new(Arc::new(of_region)), us, eu)
}

fn in_europe() -> (KmsDiscoveryKeyring, Arc<StandIn>) {
    let kms = StandIn::new();
    (KmsDiscoveryKeyring::mrk_aware("eu-west-1", kms.clone()).unwrap(), kms)
}

fn mrk_aware(key_id: &str) -> (KmsKeyring, Arc<StandIn>) {
    let kms = StandIn::new();
    (KmsKeyring::mrk_aware(kms.clone(), key_id).unwrap(), kms)
}

#[test]
fn the_kms_is_asked_for_as_many_bytes_as_the_suite_needs() {
    for &suite in Suite::ALL {
        let kms = StandIn::new();
        let keyring = KmsKeyring::new(kms, SINGLE).unwrap();
        let request = KeyRequest { suite, ..request() };
        let made = pollster::block_on(keyring.make_data_key(&request, &Observer::none())).unwrap();
        assert_eq!(made.data_key.len(), suite.data_key_len(), "{suite}");
    }
}

#[test]
fn discovery_only_decrypts() {
    let (keyring, us, _) = discovery();
    let (regional, eu) = in_europe();
    let data_key = make(&RawAesKeyring::new("ns", "n", Zeroizing::new(vec![1; 32])).unwrap()).unwrap().data_key;
    for keyring in [&keyring, &regional] {
        assert!(make(keyring).unwrap_err().to_string().contains("only decrypts"));
        let wrapped = pollster::block_on(keyring.wrap_data_key(&data_key, &request(), &Observer::none()));
        assert_eq!(wrapped.unwrap_err().code(), "InvalidInput");
    }
    assert!(us.asked().is_empty() && eu.asked().is_empty(), "no KMS is asked");
}

#[test]
fn discovery_asks_the_region_of_the_key_for_the_key_of_the_message() {
    let (keyring, us, eu) = discovery();
    let keyring = keyring.with_grant_tokens(vec!["token".into()]);
    assert_eq!(unwrap(&keyring, &[wrapped_by(SINGLE)]), opened());
    assert_eq!(unwrap(&keyring, &[wrapped_by(MRK_EU)]), opened());
    assert_eq!((us.asked(), eu.asked()), (vec![SINGLE.to_owned()], vec![MRK_EU.to_owned()]));
    let call = us.decrypts.lock().unwrap().remove(0);
    assert_eq!((call.ciphertext_blob.0, call.grant_tokens), (SINGLE.as_bytes().to_vec(), vec!["token".to_owned()]));
    assert_eq!(call.encryption_context, request().encryption_context);
}

#[test]
fn discovery_passes_over_regions_without_a_kms_and_other_providers() {
    let (keyring, us, _) = discovery();
    let elsewhere = "arn:aws:kms:ap-south-1:111122223333:key/1";
    assert_eq!(unwrap(&keyring, &[wrapped_by(elsewhere)]), None);
    let raw = EncryptedDataKey { provider_id: "aws-kms-rsa".into(), ..wrapped_by(SINGLE) };
    assert_eq!(unwrap(&keyring, std::slice::from_ref(&raw)), None);
    assert_eq!(unwrap(&keyring, &[raw, wrapped_by(elsewhere), wrapped_by(SINGLE)]), opened());
    assert_eq!(us.asked(), [SINGLE]);
}

#[test]
fn the_filter_excludes_other_accounts_and_partitions() {
    let filter = DiscoveryFilter::new("aws", ["111122223333", "444455556666"]).unwrap();
    let (keyring, us, _) = discovery();
    let (regional, eu) = in_europe();
    let (keyring, regional) = (keyring.with_filter(filter.clone()), regional.with_filter(filter));
    for (arn, admitted) in [
        (SINGLE, true),
        ("arn:aws:kms:us-east-1:444455556666:key/1", true),
        (MRK_US, true),
        ("arn:aws:kms:us-east-1:777788889999:key/mrk-1", false),
        ("arn:aws-cn:kms:us-east-1:111122223333:key/mrk-1", false),
        ("arn:aws:kms:us-east-1:11112222333:key/mrk-1", false),
    ] {
        assert_eq!(unwrap(&keyring, &[wrapped_by(arn)]).is_some(), admitted, "{arn}");
        assert_eq!(us.asked().len(), usize::from(admitted), "{arn}");
        let multi_region = arn.contains("key/mrk-");
        assert_eq!(unwrap(&regional, &[wrapped_by(arn)]).is_some(), admitted && multi_region, "{arn}");
        assert_eq!(eu.asked().len(), usize::from(admitted && multi_region), "{arn}");
    }
}

#[test]
fn a_key_that_is_not_named_by_its_arn_spoils_the_message() {
    let (anywhere, us, _) = discovery();
    let (regional, eu) = in_europe();
    let (aware, kms) = mrk_aware(MRK_EU);
    let keyrings: [&dyn Keyring; 3] = [&anywhere, &regional, &aware];
    let infos = [
        "",
        "mrk-1234",
        "alias/mrk-1234",
        "arn:aws:kms:eu-west-1:111122223333:alias/mrk-1234",
        "arn:aws:kms:eu-west-1:111122223333:key/",
        "arn:aws:kms:eu-west-1:111122223333:key",
        "arn:aws:kms::111122223333:key/mrk-1234",
        "arn:aws:kms:eu-west-1::key/mrk-1234",
        "arn::kms:eu-west-1:111122223333:key/mrk-1234",
        "arn:aws:sqs:eu-west-1:111122223333:key/mrk-1234",
        "ARN:aws:kms:eu-west-1:111122223333:key/mrk-1234",
    ];
    for (keyring, info) in keyrings.iter().flat_map(|keyring| infos.map(|info| (keyring, info))) {
        let error = unwrap(*keyring, &[wrapped_by(MRK_EU), wrapped_by(info)]).unwrap().unwrap_err();
        assert_eq!(error.code(), "InvalidMessage", "{info}");
    }
    assert!(us.asked().is_empty() && eu.asked().is_empty() && kms.asked().is_empty(), "no KMS is asked");
}

#[test]
fn answers_for_another_key_or_of_another_length_are_not_used_and_the_next_key_is_tried() {
    let (keyring, us, _) = discovery();
    let keys = [wrapped_by(MRK_US), wrapped_by(SINGLE)];
    for other in [MRK_EU, SINGLE, "mrk-1234", "alias/a", ""] {
        us.answers_as.lock().unwrap().push(other.into());
        assert_eq!(unwrap(&keyring, &keys), opened(), "{other}");
        assert_eq!(us.asked(), [MRK_US, SINGLE], "{other}");
    }
    for len in [0, 16, 31, 33] {
        us.lengths.lock().unwrap().push(len);
        assert_eq!(unwrap(&keyring, &keys), opened(), "{len}");
        assert_eq!(us.asked(), [MRK_US, SINGLE], "{len}");
    }
    us.answers_as.lock().unwrap().extend([SINGLE.into(), MRK_US.into()]);
    let error = unwrap(&keyring, &keys).unwrap().unwrap_err();
    assert_eq!(error.code(), "KmsUnavailable");
    assert!(matches!(&error, Error::Kms { failures, .. } if failures.len() == 2), "all failures are collected: {error}");
    let (aware, kms) = mrk_aware(MRK_EU);
    kms.answers_as.lock().unwrap().push(MRK_US.into());
    let error = unwrap(&aware, &[wrapped_by(MRK_US)]).unwrap().unwrap_err();
    assert!(error.to_string().contains("not `arn:aws:kms:eu-west-1:"), "the related key's name is another name: {error}");
}

#[test]
fn discovery_keeps_the_names_of_refusals() {
    let kms: Arc<dyn Kms> = Arc::new(StandIn { refuses: Some(refusal("AccessDeniedException")), ..StandIn::default() });
    let keyring = KmsDiscoveryKeyring::new(Arc::new(move |_: &str| Some(kms.clone())));
    let error = unwrap(&keyring, &[wrapped_by(SINGLE), wrapped_by(MRK_EU)]).unwrap().unwrap_err();
    assert_eq!(error.kms_code(), Some("AccessDeniedException"));
    assert!(matches!(&error, Error::Kms { failures, .. } if failures.len() == 2), "{error}");
}

#[test]
fn a_keyring_that_is_not_aware_uses_no_related_key() {
    let kms = StandIn::new();
    let keyring = KmsKeyring::new(kms.clone(), MRK_EU).unwrap();
    assert_eq!(unwrap(&keyring, &[wrapped_by(MRK_US)]), None);
    assert_eq!(unwrap(&keyring, &[wrapped_by(MRK_US), wrapped_by(MRK_EU)]), opened());
    assert_eq!(kms.asked(), [MRK_EU]);
}

#[test]
fn an_aware_keyring_opens_what_a_related_key_wrapped_with_its_own() {
    let (keyring, kms) = mrk_aware(MRK_EU);
    for arn in [MRK_EU, MRK_US] {
        assert_eq!(unwrap(&keyring, &[wrapped_by(arn)]), opened(), "{arn}");
        assert_eq!(kms.asked(), [MRK_EU], "{arn}");
    }
    for other in [
        "arn:aws:kms:eu-west-1:111122223333:key/mrk-12345",
        "arn:aws:kms:us-east-1:444455556666:key/mrk-1234",
        "arn:aws-cn:kms:us-east-1:111122223333:key/mrk-1234",
        SINGLE,
    ] {
        assert_eq!(unwrap(&keyring, &[wrapped_by(other)]), None, "{other}");
    }
    let made = make(&keyring).unwrap();
    assert_eq!(made.encrypted_data_keys[0].provider_info, MRK_EU.as_bytes(), "it wraps as any KMS keyring does");
}

#[test]
fn an_aware_keyring_of_a_single_region_key_opens_only_its_own() {
    let (keyring, kms) = mrk_aware(SINGLE);
    assert_eq!(unwrap(&keyring, &[wrapped_by("arn:aws:kms:eu-west-1:111122223333:key/1234abcd")]), None);
    assert_eq!(unwrap(&keyring, &[wrapped_by(SINGLE)]), opened());
    assert_eq!(kms.asked(), [SINGLE]);
    for name in ["mrk-1234", "alias/mrk-1234"] {
        let error = unwrap(&mrk_aware(name).0, &[wrapped_by(MRK_EU)]).unwrap().unwrap_err();
        assert!(error.to_string().contains("can not decrypt"), "{error}");
    }
}

#[test]
fn discovery_in_one_region_asks_for_the_replica_there() {
    let (keyring, kms) = in_europe();
    assert_eq!(unwrap(&keyring, &[wrapped_by(MRK_US)]), opened());
    assert_eq!(kms.asked(), [MRK_EU]);
    let here = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd";
    assert_eq!(unwrap(&keyring, &[wrapped_by(SINGLE), wrapped_by(here)]), opened(), "a single-Region key of another region is passed over");
    assert_eq!(kms.asked(), [here]);
    assert_eq!(unwrap(&keyring, &[wrapped_by(SINGLE)]), None);
    kms.answers_as.lock().unwrap().push(MRK_US.into());
    let error = unwrap(&keyring, &[wrapped_by(MRK_US)]).unwrap().unwrap_err();
    assert_eq!(error.code(), "KmsUnavailable", "the answer must be the replica's: {error}");
}

#[test]
fn bad_settings_are_refused_early() {
    for (partition, accounts) in [("", vec!["1"]), ("aws", vec![]), ("aws", vec![""]), ("aws", vec!["1", ""])] {
        assert_eq!(DiscoveryFilter::new(partition, accounts.clone()).unwrap_err().code(), "InvalidInput", "{partition} {accounts:?}");
    }
    for region in ["", "us:east"] {
        assert!(KmsDiscoveryKeyring::mrk_aware(region, StandIn::new()).is_err(), "{region}");
    }
    for key_id in ["", "a b", "arn:aws:kms:us-east-1:111122223333:key/", "arn:aws:s3:::bucket"] {
        assert!(KmsKeyring::mrk_aware(StandIn::new(), key_id).is_err(), "{key_id}");
    }
    assert_eq!(format!("{:?}", in_europe().0), r#"KmsDiscoveryKeyring { region: "eu-west-1", filter: None, .. }"#);
}

#[test]
fn one_multi_region_key_twice_is_refused() {
    let aware = |key_id: &str| -> Arc<dyn Keyring> { Arc::new(mrk_aware(key_id).0) };
    let strict = |key_id: &str| -> Arc<dyn Keyring> { Arc::new(KmsKeyring::new(StandIn::new(), key_id).unwrap()) };
    let multi = |keyrings: &[Arc<dyn Keyring>]| MultiKeyring::new(Some(keyrings[0].clone()), keyrings[1..].to_vec());
    let bare = "mrk-1234";
    for (first, second) in [(MRK_US, MRK_EU), (MRK_US, MRK_US), (MRK_US, bare), (bare, bare)] {
        let error = multi(&[aware(first), aware(SINGLE), aware(second)]).unwrap_err().to_string();
        assert!(error.contains(&format!("`{first}`, `{second}`")) && !error.contains(SINGLE), "{error}");
    }
    let nested: Arc<dyn Keyring> = Arc::new(multi(&[aware(MRK_US)]).unwrap());
    assert!(multi(&[aware(MRK_EU), nested]).is_err(), "in a multi-keyring of a multi-keyring too");
    for keyrings in [
        [strict(MRK_US), strict(MRK_EU)],
        [aware(MRK_US), strict(MRK_EU)],
        [aware(MRK_US), aware("mrk-5678")],
        [aware(SINGLE), aware(SINGLE)],
        [aware("alias/mrk-1234"), aware(MRK_EU)],
        [aware(MRK_EU), Arc::new(in_europe().0)],
    ] {
        assert!(multi(&keyrings).is_ok());
    }
}

#[cfg(feature = "signatures")]
#[test]
fn the_context_of_a_signed_message_has_the_signers_key_when_the_kms_is_asked() {
    let kms = StandIn::new();
    let keyring = Arc::new(KmsKeyring::new(kms.clone(), SINGLE).unwrap());
    let client = crate::Client::new(super::super::tests::env(), keyring).with_suite(Suite::COMMITTING_SIGNED);
    let message = pollster::block_on(client.encrypt(b"", &crate::EncryptOptions::default(), &Observer::none())).unwrap();
    pollster::block_on(client.decrypt(&message, &crate::DecryptOptions::default(), &Observer::none())).unwrap();
    let context = kms.generates.lock().unwrap().remove(0).encryption_context;
    assert!(context.value("aws-crypto-public-key").is_some(), "{context:?}");
    assert_eq!(kms.decrypts.lock().unwrap().remove(0).encryption_context, context);
}
