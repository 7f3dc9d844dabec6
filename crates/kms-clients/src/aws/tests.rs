//! Where a call goes when a region does not answer, and with which credentials.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use waxseal_kms_api::blob::Blob;
use waxseal_kms_api::calls::{DecryptRequest, DecryptResponse, DescribeKeyRequest, ReEncryptRequest, ReEncryptResponse};
use waxseal_kms_api::sigv4::SecretAccessKey;

use super::*;
use crate::error::Kind;
use crate::renewed::{Good, Provided, Provider, ProviderError, Source};
use crate::testing::{Way, World, answers};

const MRK: &str = "arn:aws:kms:us-east-1:111122223333:key/mrk-1";
const SINGLE: &str = "arn:aws:kms:us-east-1:111122223333:key/1";

/// Numbered credentials that do not end by themselves.
#[derive(Default)]
struct Numbered(AtomicU32);

impl Provider<Credentials> for Numbered {
    fn provide(&self) -> BoxFuture<'_, Result<Provided<Credentials>, ProviderError>> {
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        let secret_access_key = SecretAccessKey::new("secret".to_owned());
        let credentials = Credentials { access_key_id: format!("A{number}"), secret_access_key, session_token: None };
        Box::pin(async move { Ok(Provided { value: Arc::new(credentials), good: Good::Always }) })
    }
}

fn kms(world: &Arc<World>) -> AwsKms {
    let options = AwsOptions::new(Source::Provider(Arc::new(Numbered::default())));
    let replica_regions = vec!["eu-west-1".into(), "us-east-1".into(), "ap-south-1".into()];
    AwsKms::new(&world.host(), AwsOptions { replica_regions, ..options }).unwrap()
}

fn decrypt(world: &World, kms: &AwsKms, key_id: &str) -> Result<DecryptResponse, ClientError> {
    let request = DecryptRequest { key_id: Some(key_id.into()), ciphertext_blob: Blob(vec![1]), ..Default::default() };
    world.run(kms.decrypt(request))
}

fn good(key_id: &str) -> Way {
    answers(200, &format!(r#"{{"KeyId":"{key_id}","Plaintext":"AAAA"}}"#))
}

/// The regions that were asked, each for its own key, and how the request was signed.
fn asked(world: &World) -> Vec<String> {
    let requests = world.requests.lock().unwrap();
    let text = |request: &HttpRequest| String::from_utf8(request.body.to_vec()).unwrap();
    let scope = |request: &HttpRequest| {
        let (_, authorization) = request.headers.iter().find(|(name, _)| *name == "authorization").unwrap();
        authorization.split([' ', '/', '=']).nth(4).unwrap().to_owned()
    };
    let region = |request: &HttpRequest| request.url.split('.').nth(1).unwrap().to_owned();
    for (_, request) in requests.iter() {
        assert!(text(request).contains(&format!("kms:{}:", region(request))), "{}", text(request));
        assert_eq!(scope(request), region(request));
    }
    requests.iter().map(|(_, request)| region(request)).collect()
}

#[test]
fn a_multi_region_key_is_asked_for_in_the_next_region_at_once() {
    let away = MRK.replace("us-east-1", "eu-west-1");
    let world = World::new(&[Way::HangsUp, good(&away)]);
    let opened = decrypt(&world, &kms(&world), MRK).unwrap();
    assert_eq!((opened.key_id.as_str(), world.elapsed()), (MRK, 0), "what comes out names the key that was asked for");
    assert_eq!(asked(&world), ["us-east-1", "eu-west-1"]);

    let world = World::new(&[Way::HangsUp]);
    assert_eq!(decrypt(&world, &kms(&world), MRK).unwrap_err().kind, Kind::Unavailable);
    assert_eq!(asked(&world), ["us-east-1", "eu-west-1", "ap-south-1"]);
    // The key of the region that was asked, and no other.
    let world = World::new(&[Way::HangsUp, good(MRK)]);
    assert!(decrypt(&world, &kms(&world), MRK).unwrap_err().message.contains("where `arn:aws:kms:eu-west-1:"));

    let world = World::new(&[Way::HangsUp]);
    decrypt(&world, &kms(&world), SINGLE).unwrap_err();
    assert_eq!(asked(&world), ["us-east-1", "us-east-1", "us-east-1"], "a key of one region is asked for there only");
    let world = World::new(&[answers(400, r#"{"__type":"AccessDeniedException"}"#)]);
    assert_eq!(decrypt(&world, &kms(&world), MRK).unwrap_err().kind, Kind::Denied);
    assert_eq!(asked(&world), ["us-east-1"], "a refusal is not asked for elsewhere");
}

fn re_encrypt(world: &Arc<World>, source: Option<&str>, destination: &str) -> Result<ReEncryptResponse, ClientError> {
    let source_key_id = source.map(str::to_owned);
    let request =
        ReEncryptRequest { ciphertext_blob: Blob(vec![1]), source_key_id, destination_key_id: destination.into(), ..Default::default() };
    world.run(kms(world).re_encrypt(request))
}

#[test]
fn a_ciphertext_moves_between_keys_of_the_region_that_is_asked() {
    let (other, away) = (MRK.replace("mrk-1", "mrk-2"), |key: &str| key.replace("us-east-1", "eu-west-1"));
    let moved = |from: &str, to: &str| answers(200, &format!(r#"{{"KeyId":"{to}","SourceKeyId":"{from}","CiphertextBlob":"AAAA"}}"#));
    let world = World::new(&[Way::HangsUp, moved(&away(MRK), &away(&other))]);
    let outcome = re_encrypt(&world, Some(MRK), &other).unwrap();
    assert_eq!((outcome.source_key_id.as_str(), &outcome.key_id), (MRK, &other), "both are named as they were asked for");
    assert_eq!(asked(&world), ["us-east-1", "eu-west-1"]);
    let last = String::from_utf8(world.requests.lock().unwrap()[1].1.body.to_vec()).unwrap();
    assert!(last.contains(&away(MRK)) && last.contains(&away(&other)) && !last.contains("us-east-1"), "{last}");

    // Which key wrapped it is not said: the one that the ciphertext names, as it is called there.
    let world = World::new(&[Way::HangsUp, moved(&away(MRK), &away(&other))]);
    assert_eq!(re_encrypt(&world, None, &other).unwrap().source_key_id, away(MRK));
    let world = World::new(&[Way::HangsUp]);
    re_encrypt(&world, Some(SINGLE), &other).unwrap_err();
    assert_eq!(asked(&world), ["us-east-1", "us-east-1", "us-east-1"], "the source is nowhere else");
    let world = World::new(&[moved(&other, MRK)]);
    assert!(re_encrypt(&world, Some(SINGLE), MRK).unwrap_err().message.contains(&format!("the key `{other}` where `{SINGLE}`")));
}

#[test]
fn a_replica_tells_of_itself() {
    let away = MRK.replace("us-east-1", "eu-west-1");
    let metadata = format!(
        r#"{{"AWSAccountId":"111122223333","KeyId":"mrk-1","Arn":"{away}","CreationDate":1.5,"Enabled":true,"Description":"","KeyUsage":"ENCRYPT_DECRYPT",
        "KeyState":"Enabled","Origin":"AWS_KMS","KeyManager":"CUSTOMER","KeySpec":"SYMMETRIC_DEFAULT","CustomerMasterKeySpec":"SYMMETRIC_DEFAULT","MultiRegion":true}}"#
    );
    let describe = |answer: &str| {
        let world = World::new(&[Way::HangsUp, answers(200, answer)]);
        let request = DescribeKeyRequest { key_id: MRK.into(), ..Default::default() };
        world.run(kms(&world).describe_key(request))
    };
    let described = describe(&format!(r#"{{"KeyMetadata":{metadata}}}"#)).unwrap().key_metadata;
    assert_eq!((described.arn, described.creation_date), (away.clone(), 1.5));
    let short = describe(&format!(r#"{{"KeyMetadata":{{"Arn":"{away}"}}}}"#)).unwrap_err();
    assert!(short.message.contains("no `KeyMetadata` that is complete"), "{short}");
}

#[test]
fn credentials_that_have_ended_are_got_anew() {
    let world = World::new(&[good(SINGLE), answers(400, r#"{"__type":"ExpiredTokenException"}"#), good(SINGLE)]);
    let kms = kms(&world);
    assert!(decrypt(&world, &kms, SINGLE).is_ok());
    assert_eq!(decrypt(&world, &kms, SINGLE).unwrap_err().vendor_code.as_deref(), Some("ExpiredTokenException"));
    assert!(decrypt(&world, &kms, SINGLE).is_ok());
    let requests = world.requests.lock().unwrap();
    let signed_by = |n: u32| {
        requests.iter().filter(|(_, request)| request.headers.iter().any(|(_, value)| value.contains(&format!("Credential=A{n}/")))).count()
    };
    assert_eq!((signed_by(1), signed_by(2)), (2, 1));
}

#[test]
fn what_can_not_be_meant_is_refused_at_once() {
    let world = World::new(&[]);
    let base = || AwsOptions::new(Source::Provider(Arc::new(Numbered::default())));
    let secret = |secret: &str| {
        let credentials =
            Credentials { access_key_id: "A".into(), secret_access_key: SecretAccessKey::new(secret.to_owned()), session_token: None };
        AwsOptions::new(Source::Fixed(Provided::always(credentials)))
    };
    for (options, text) in [
        (AwsOptions { region: Some("evil.example/".into()), ..base() }, "not the name of an AWS region"),
        (AwsOptions { replica_regions: vec!["x".into()], ..base() }, "not the name of an AWS region"),
        (AwsOptions { endpoint: Some("https://user:password@kms.example".into()), ..base() }, "endpoint is not a plain"),
        (AwsOptions { endpoint: Some("https://kms.example".into()), fips: true, ..base() }, "goes without fips"),
        (secret("two words"), "the secret access key is not a string of printable"),
    ] {
        let error = AwsKms::new(&world.host(), options).unwrap_err();
        assert!(error.message.contains(text) && !error.message.contains("two words") && !error.message.contains("password@"), "{error}");
    }
}
