//! The fault table: a service that misbehaves, what comes of it, after how many requests, and when.

use std::ops::RangeInclusive;

use waxseal_base::observer::Observer;
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{DecryptRequest, EncryptRequest, GenerateDataKeyRequest};
use waxseal_kms_api::kms::{Kms, KmsError};
use waxseal_kms_api::sigv4::{Credentials, SecretAccessKey};

use super::*;
use crate::testing::{Way, World, answers};
use crate::{
    AwsKms, AwsOptions, AzureKms, AzureOptions, BrokerKms, BrokerOptions, GcpKms, GcpOptions, Provided, Source, Token, VaultKms,
    VaultOptions,
};

/// A client, a good answer to it, and what it must tell nobody.
struct Vendor {
    name: &'static str,
    make: fn(&Host, Limits) -> Box<dyn Kms>,
    key_id: &'static str,
    good: &'static str,
}

const SECRETS: [&str; 3] = ["the-secret-access-key", "the-session-token", "the-bearer-token"];

fn token() -> Source<Token> {
    Source::Fixed(Provided::always(Token::new(SECRETS[2].to_owned()).unwrap()))
}

fn aws(host: &Host, limits: Limits) -> Box<dyn Kms> {
    let credentials = Credentials {
        access_key_id: "AKID".into(),
        secret_access_key: SecretAccessKey::new(SECRETS[0].to_owned()),
        session_token: Some(Zeroizing::new(SECRETS[1].into())),
    };
    let options = AwsOptions { endpoint: Some("http://kms".into()), ..AwsOptions::new(Source::Fixed(Provided::always(credentials))) };
    Box::new(AwsKms::new(host, AwsOptions { limits, ..options }).unwrap())
}

const VENDORS: [Vendor; 5] = [
    Vendor {
        name: "AWS KMS",
        make: aws,
        key_id: "arn:aws:kms:eu-west-1:111122223333:key/1",
        good: r#"{"KeyId":"arn:aws:kms:eu-west-1:111122223333:key/1","Plaintext":"BwcHBwcHBwcHBwcHBwcHBw==","CiphertextBlob":"AAAA"}"#,
    },
    Vendor {
        name: "Google Cloud KMS",
        make: |host, limits| {
            Box::new(GcpKms::new(host, GcpOptions { endpoint: Some("http://kms".into()), limits, ..GcpOptions::new(token()) }).unwrap())
        },
        key_id: "projects/p/locations/l/keyRings/r/cryptoKeys/k",
        good: r#"{"name":"projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1","ciphertext":"AAAA","ciphertextCrc32c":"1617208186","verifiedPlaintextCrc32c":true}"#,
    },
    Vendor {
        name: "Azure Key Vault",
        make: |host, limits| Box::new(AzureKms::new(host, AzureOptions { limits, ..AzureOptions::new(token()) }).unwrap()),
        key_id: "http://kms/keys/k/1",
        good: r#"{"kid":"http://kms/keys/k/1","value":"AAAA"}"#,
    },
    Vendor {
        name: "Vault",
        make: |host, limits| Box::new(VaultKms::new(host, VaultOptions { limits, ..VaultOptions::new("http://kms", token()) }).unwrap()),
        key_id: "k",
        good: r#"{"data":{"plaintext":"BwcHBwcHBwcHBwcHBwcHBw==","ciphertext":"vault:v1:AAAA"}}"#,
    },
    Vendor {
        name: "the broker",
        make: |host, limits| Box::new(BrokerKms::new(host, BrokerOptions { limits, ..BrokerOptions::new("http://kms", token()) }).unwrap()),
        key_id: "k",
        good: r#"{"KeyId":"k","Plaintext":"BwcHBwcHBwcHBwcHBwcHBw==","CiphertextBlob":"AAAA"}"#,
    },
];

/// What happens, the ways of the service, limits, the end, requests, milliseconds.
type Row = (&'static str, Vec<Way>, Limits, End, usize, RangeInclusive<i64>);

/// How a call ends: with a data key, with a refusal of that code, or with a text in what is said of there being no answer.
enum End {
    DataKey,
    Refused { code: &'static str, retryable: bool },
    NoAnswer(&'static str),
}

impl Vendor {
    fn generate(&self, world: &std::sync::Arc<World>, limits: Limits) -> Result<usize, KmsError> {
        let kms = (self.make)(&world.host(), limits);
        let request = GenerateDataKeyRequest { key_id: self.key_id.into(), number_of_bytes: Some(16), ..Default::default() };
        world.run(kms.generate_data_key(request, &Observer::none())).map(|answer| answer.plaintext.0.len())
    }
}

fn with_retry_after(status: u16, text: &str) -> Way {
    Way::Answers(status, "{}".into(), vec![("Retry-After", text.into())])
}

#[test]
fn every_fault_has_its_end_in_time_after_as_many_requests_as_are_allowed() {
    let limits = Limits::default();
    let with = |timeout, deadline, attempts| Limits {
        timeout: Duration::from_millis(timeout),
        deadline: Duration::from_millis(deadline),
        attempts,
    };
    for vendor in &VENDORS {
        let ok = answers(200, vendor.good);
        let rows: Vec<Row> = vec![
            ("an answer", vec![ok.clone()], limits, End::DataKey, 1, 0..=0),
            ("hangs up twice", vec![Way::HangsUp, Way::HangsUp, ok.clone()], limits, End::DataKey, 3, 0..=300),
            ("always hangs up", vec![Way::HangsUp], limits, End::NoAnswer("could not be reached or hung up: connection reset"), 3, 0..=300),
            ("hangs once", vec![Way::Hangs, ok.clone()], limits, End::DataKey, 2, 5_000..=5_100),
            ("always hangs", vec![Way::Hangs], limits, End::NoAnswer("kms did not answer in 5000 milliseconds"), 3, 15_000..=15_300),
            (
                "hangs beyond the deadline",
                vec![Way::Hangs],
                with(9_000, 20_000, 5),
                End::NoAnswer("gave no answer in 20000 milliseconds"),
                3,
                20_000..=20_000,
            ),
            (
                "one try of all the time",
                vec![Way::Hangs],
                with(60_000, 1_000, 3),
                End::NoAnswer("gave no answer in 1000 milliseconds"),
                1,
                1_000..=1_000,
            ),
            (
                "answers just in time",
                vec![Way::AnswersAfter(Duration::from_millis(4_999), 200, vendor.good.into())],
                limits,
                End::DataKey,
                1,
                4_999..=4_999,
            ),
            ("500 and 503", vec![answers(500, "{}"), answers(503, "<html>"), ok.clone()], limits, End::DataKey, 3, 0..=300),
            ("always 500", vec![answers(500, "{}")], limits, End::NoAnswer("try again later"), 3, 0..=300),
            ("502 of a proxy, one try", vec![answers(502, "<html>")], with(5_000, 20_000, 1), End::NoAnswer("try again later"), 1, 0..=0),
            ("429", vec![answers(429, "{}"), ok.clone()], limits, End::DataKey, 2, 0..=100),
            (
                "always 429",
                vec![answers(429, "{}")],
                with(5_000, 20_000, 4),
                End::Refused { code: "HTTP 429", retryable: true },
                4,
                0..=700,
            ),
            ("429 with Retry-After in seconds", vec![with_retry_after(429, "2"), ok.clone()], limits, End::DataKey, 2, 2_000..=2_100),
            (
                "503 with Retry-After as a date",
                vec![with_retry_after(503, "Thu, 15 Jan 2026 12:00:03 GMT"), ok.clone()],
                limits,
                End::DataKey,
                2,
                3_000..=3_100,
            ),
            (
                "Retry-After that is over",
                vec![with_retry_after(429, "Thu, 15 Jan 2026 11:00:00 GMT"), ok.clone()],
                limits,
                End::DataKey,
                2,
                0..=100,
            ),
            ("Retry-After that says nothing", vec![with_retry_after(429, "soon"), ok.clone()], limits, End::DataKey, 2, 0..=100),
            (
                "Retry-After beyond the deadline",
                vec![with_retry_after(429, "60")],
                limits,
                End::Refused { code: "HTTP 429", retryable: true },
                1,
                0..=0,
            ),
            (
                "Retry-After beyond all time",
                vec![with_retry_after(429, "18446744073709551615")],
                limits,
                End::Refused { code: "HTTP 429", retryable: true },
                1,
                0..=0,
            ),
            ("Retry-After on a refusal", vec![with_retry_after(401, "1")], limits, vendor.end_of(401), 1, 0..=0),
            ("403", vec![answers(403, "{}")], limits, vendor.end_of(403), 1, 0..=0),
            ("404", vec![answers(404, "{}")], limits, vendor.end_of(404), 1, 0..=0),
            ("400 with a page", vec![answers(400, "<html>")], limits, End::NoAnswer("status 400 and no"), 1, 0..=0),
            ("a redirect", vec![answers(307, "")], limits, End::NoAnswer("status 307 and no"), 1, 0..=0),
            ("nothing in it", vec![answers(200, "")], limits, End::NoAnswer("what is no JSON object"), 1, 0..=0),
            (
                "cut off",
                vec![answers(200, &vendor.good[..vendor.good.len() - 9])],
                limits,
                End::NoAnswer("what is no JSON object"),
                1,
                0..=0,
            ),
            ("null", vec![answers(200, "null")], limits, End::NoAnswer("what is no JSON object"), 1, 0..=0),
            ("an array", vec![answers(200, "[]")], limits, End::NoAnswer("what is no JSON object"), 1, 0..=0),
            ("an empty object", vec![answers(200, "{}")], limits, End::NoAnswer("answered with no `"), 1, 0..=0),
            ("as deep as it goes", vec![answers(200, &"[".repeat(60_000))], limits, End::NoAnswer("what is no JSON object"), 1, 0..=0),
            ("without end", vec![Way::Floods], limits, End::NoAnswer("more than 65536 bytes"), 1, 0..=0),
            ("too much", vec![Way::AnswersTooMuch], limits, End::NoAnswer("more than 65536 bytes"), 1, 0..=0),
            ("no tries", vec![ok.clone()], with(5_000, 20_000, 0), End::DataKey, 1, 0..=0),
        ];
        for (what, ways, limits, end, requests, times) in rows {
            let world = World::new(&ways);
            let outcome = vendor.generate(&world, limits);
            let what = format!("{}: {what}: {outcome:?} at {}", vendor.name, world.elapsed());
            match (&end, &outcome) {
                (End::DataKey, Ok(16)) => {}
                (End::Refused { code, retryable }, Err(KmsError::Refused { code: said, retryable: may, .. })) => {
                    assert_eq!((code, retryable), (&said.as_str(), may), "{what}");
                }
                (End::NoAnswer(text), Err(KmsError::Unavailable { reason })) => assert!(reason.contains(text), "{what}"),
                _ => panic!("{what}"),
            }
            assert_eq!(world.requests.lock().unwrap().len(), requests, "{what}");
            assert!(times.contains(&world.elapsed()), "{what}");
        }
    }
}

impl Vendor {
    /// An empty object is no error of AWS's, which has codes.
    fn end_of(&self, status: u16) -> End {
        match (self.name, status) {
            ("AWS KMS", _) => End::NoAnswer("no code"),
            (_, 401) => End::Refused { code: "HTTP 401", retryable: false },
            (_, 403) => End::Refused { code: "HTTP 403", retryable: false },
            (_, _) => End::Refused { code: "HTTP 404", retryable: false },
        }
    }
}

#[test]
fn nothing_secret_is_told_even_if_the_service_says_it() {
    let echo = SECRETS.join(" / ");
    for vendor in &VENDORS {
        for body in [
            format!(r#"{{"message":"{echo}","__type":"ValidationException"}}"#),
            format!(r#"{{"errors":["{echo}"],"__type":"{}"}}"#, SECRETS[0]),
            format!(r#"{{"error":{{"message":"{echo}","code":"{0}","status":"{0}","kind":"denied"}},"__type":"X"}}"#, SECRETS[2]),
        ] {
            let world = World::new(&[answers(400, &body)]);
            let told = format!("{:?}", vendor.generate(&world, Limits::default()).unwrap_err());
            let own = if vendor.name == "AWS KMS" { &SECRETS[..2] } else { &SECRETS[2..] };
            assert!(own.iter().all(|secret| !told.contains(secret)), "{told}");
            assert!(!format!("{:?}", world.requests.lock().unwrap()).contains("the-"));
        }
    }
}

#[test]
fn what_is_to_be_wrapped_is_not_told_either() {
    let plaintext = "BwcHBwcHBwcHBwcH";
    for vendor in &VENDORS {
        let body =
            format!(r#"{{"message":"{plaintext}","__type":"{plaintext}","errors":["{plaintext}"],"error":{{"message":"{plaintext}"}}}}"#);
        let world = World::new(&[answers(400, &body)]);
        let kms = (vendor.make)(&world.host(), Limits::default());
        let request =
            EncryptRequest { key_id: vendor.key_id.into(), plaintext: SecretBlob(Zeroizing::new(vec![7; 12])), ..Default::default() };
        let told = format!("{:?}", world.run(kms.encrypt(request, &Observer::none())).unwrap_err());
        assert!(told.contains("[secret]") && !told.contains(plaintext), "{told}");
    }
}

#[test]
fn a_call_that_is_dropped_is_over() {
    for vendor in &VENDORS {
        let world = World::new(&[Way::Hangs]);
        let host = world.host();
        let kms = (vendor.make)(&host, Limits::default());
        let request = DecryptRequest { key_id: Some(vendor.key_id.into()), ..Default::default() };
        let request = DecryptRequest { ciphertext_blob: Blob(b"vault:v1:AAAA".to_vec()), ..request };
        let observer = Observer::none();
        let call = within(&host, Duration::from_millis(80), kms.decrypt(request, &observer));
        assert!(world.run(call).is_none());
        assert_eq!((world.elapsed(), world.requests.lock().unwrap().len()), (80, 1));
    }
}
