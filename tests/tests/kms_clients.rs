//! The clients of remote KMS on the cases that those in JavaScript run too: `tests/clients/cases/`, which `cargo xtask test clients` compares with them.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use waxseal::{Client, DecryptOptions, EncryptOptions, Keyring, KmsKeyring, MultiKeyring, VendorKeyring};
use waxseal_base::env::{Env, FixedClock, Random, RandomError};
use waxseal_base::observer::Observer;
use waxseal_base::threading::BoxFuture;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::calls::{DecryptResponse, EncryptResponse, GenerateDataKeyResponse, ReEncryptResponse};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::kms::Kms;
use waxseal_kms_api::sigv4::{Credentials, SecretAccessKey};
use waxseal_kms_clients::{
    Algorithm, AwsKms, AwsOptions, AzureKms, AzureOptions, BrokerKms, BrokerOptions, ClientError, GcpKms, GcpOptions, Host, Http,
    HttpError, HttpRequest, HttpResponse, Limits, Provided, Source, Timer, Token, VaultKms, VaultOptions,
};
use zeroize::Zeroizing;

/// Has one answer, and notes what it was asked.
struct Answering {
    answer: Value,
    sent: Mutex<Vec<Value>>,
}

impl Http for Answering {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, HttpError>> {
        Box::pin(async move {
            let headers: BTreeMap<_, _> = request.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let body = std::str::from_utf8(&request.body).unwrap();
            self.sent.lock().unwrap().push(json!({ "method": "POST", "url": request.url, "headers": headers, "body": body }));
            let headers = self.answer["headers"].as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect();
            let status = u16::try_from(self.answer["status"].as_u64().unwrap()).unwrap();
            Ok(HttpResponse { status, headers, body: Zeroizing::new(text(&self.answer["body"]).into_bytes()) })
        })
    }
}

/// Nobody waits in these cases.
struct Never;

impl Timer for Never {
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(pending())
    }
}

struct Sevens;

impl Random for Sevens {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        bytes.fill(7);
        Ok(())
    }
}

fn env() -> Env {
    Env::new(FixedClock(Timestamp::parse_iso8601("2026-01-15T12:00:00Z").unwrap()), Sevens)
}

fn host(answer: &Value) -> (Host, Arc<Answering>) {
    let http = Arc::new(Answering { answer: answer.clone(), sent: Mutex::default() });
    (Host { http: http.clone(), timer: Arc::new(Never), env: env() }, http)
}

enum Any {
    Aws(AwsKms),
    Azure(AzureKms),
    Broker(BrokerKms),
    Gcp(GcpKms),
    Vault(VaultKms),
}

/// The same expression for whichever client it is.
macro_rules! each {
    ($any:expr, $kms:ident => $act:expr) => {
        match $any {
            Any::Aws($kms) => $act,
            Any::Azure($kms) => $act,
            Any::Broker($kms) => $act,
            Any::Gcp($kms) => $act,
            Any::Vault($kms) => $act,
        }
    };
}

impl Any {
    /// The client that a case says.
    fn new(host: &Host, given: &Value) -> Result<Self, ClientError> {
        let maybe = |name: &str| given[name].as_str().map(str::to_owned);
        let token = || Token::new(maybe("token").unwrap()).map(|token| Source::Fixed(Provided::always(token)));
        let limits = Limits { attempts: 1, ..Limits::default() };
        let is_set = |name: &str| given[name].as_bool().unwrap_or_default();
        Ok(match text(&given["vendor"]).as_str() {
            "aws" => {
                let credentials = Credentials {
                    access_key_id: text(&given["credentials"]["accessKeyId"]),
                    secret_access_key: SecretAccessKey::new(text(&given["credentials"]["secretAccessKey"])),
                    session_token: given["credentials"]["sessionToken"].as_str().map(|token| Zeroizing::new(token.to_owned())),
                };
                let options = AwsOptions::new(Source::Fixed(Provided::always(credentials)));
                let options = AwsOptions { region: maybe("region"), endpoint: maybe("endpoint"), limits, ..options };
                Self::Aws(AwsKms::new(host, AwsOptions { fips: is_set("fips"), dual_stack: is_set("dualStack"), ..options })?)
            }
            "azure" => {
                let all = [Algorithm::RsaOaep256, Algorithm::A256Kw, Algorithm::A256Gcm];
                let algorithm = maybe("algorithm").map(|name| all.into_iter().find(|algorithm| algorithm.name() == name).unwrap());
                let algorithm = algorithm.unwrap_or_default();
                Self::Azure(AzureKms::new(host, AzureOptions { algorithm, limits, ..AzureOptions::new(token()?) })?)
            }
            "broker" => Self::Broker(BrokerKms::new(host, BrokerOptions { limits, ..BrokerOptions::new(text(&given["url"]), token()?) })?),
            "gcp" => Self::Gcp(GcpKms::new(host, GcpOptions { endpoint: maybe("endpoint"), limits, ..GcpOptions::new(token()?) })?),
            _ => {
                let options = VaultOptions { namespace: maybe("namespace"), limits, ..VaultOptions::new(text(&given["url"]), token()?) };
                let mount = maybe("mount").unwrap_or_else(|| options.mount.clone());
                Self::Vault(VaultKms::new(host, VaultOptions { mount, derived: is_set("derived"), ..options })?)
            }
        })
    }

    fn aws(&self) -> &AwsKms {
        let Self::Aws(kms) = self else { panic!("only AWS has this operation") };
        kms
    }

    fn call(&self, call: &str, request: &Value) -> Result<Value, ClientError> {
        let observer = Observer::none();
        let request = request.clone();
        pollster::block_on(async {
            match call {
                "generateDataKey" => {
                    let request = serde_json::from_value(request).unwrap();
                    let GenerateDataKeyResponse { ciphertext_blob, plaintext, key_id, key_material_id } =
                        each!(self, kms => kms.generate_data_key(request, &observer).await)?;
                    Ok(response(&key_id, Some(&ciphertext_blob.0), Some(&plaintext.0), &[("KeyMaterialId", key_material_id)]))
                }
                "encrypt" => {
                    let request = serde_json::from_value(request).unwrap();
                    let EncryptResponse { ciphertext_blob, key_id, encryption_algorithm } = each!(self, kms => kms.encrypt(request).await)?;
                    Ok(response(&key_id, Some(&ciphertext_blob.0), None, &[("EncryptionAlgorithm", encryption_algorithm)]))
                }
                "reEncrypt" => Ok(moved(&self.aws().re_encrypt(serde_json::from_value(request).unwrap()).await?)),
                "describeKey" => {
                    let described = self.aws().describe_key(serde_json::from_value(request).unwrap()).await?;
                    Ok(serde_json::to_value(described).unwrap())
                }
                _ => {
                    let request = serde_json::from_value(request).unwrap();
                    let DecryptResponse { plaintext, key_id, key_material_id, encryption_algorithm } =
                        each!(self, kms => kms.decrypt(request).await)?;
                    let more = [("KeyMaterialId", key_material_id), ("EncryptionAlgorithm", encryption_algorithm)];
                    Ok(response(&key_id, None, Some(&plaintext.0), &more))
                }
            }
        })
    }
}

fn response(key_id: &str, ciphertext: Option<&[u8]>, plaintext: Option<&[u8]>, more: &[(&str, Option<String>)]) -> Value {
    let mut members = serde_json::Map::from_iter([("KeyId".to_owned(), key_id.into())]);
    let bytes = [("CiphertextBlob", ciphertext), ("Plaintext", plaintext)];
    members.extend(bytes.iter().filter_map(|(name, bytes)| Some(((*name).to_owned(), Base64::encode_string((*bytes)?).into()))));
    members.extend(more.iter().filter_map(|(name, value)| Some(((*name).to_owned(), value.clone()?.into()))));
    Value::Object(members)
}

fn moved(outcome: &ReEncryptResponse) -> Value {
    let more = [
        ("SourceKeyId", Some(outcome.source_key_id.clone())),
        ("SourceEncryptionAlgorithm", outcome.source_encryption_algorithm.clone()),
        ("DestinationEncryptionAlgorithm", outcome.destination_encryption_algorithm.clone()),
        ("SourceKeyMaterialId", outcome.source_key_material_id.clone()),
        ("DestinationKeyMaterialId", outcome.destination_key_material_id.clone()),
    ];
    response(&outcome.key_id, Some(&outcome.ciphertext_blob.0), None, &more)
}

/// As the files have it.
fn error_to_file(error: ClientError) -> Value {
    if error.vendor == "the caller" {
        return json!({ "invalidInput": true });
    }
    let mut members = serde_json::Map::new();
    members.insert("kind".into(), error.kind.name().into());
    members.extend(error.vendor_code.map(|code| ("vendorCode".to_owned(), code.into())));
    members.extend(error.request_id.map(|id| ("requestId".to_owned(), id.into())));
    members.insert("retryable".into(), error.retryable.into());
    members.insert("message".into(), error.message.into());
    Value::Object(members)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn rows(file: &str) -> Vec<Value> {
    serde_json::from_str(file).unwrap()
}

#[test]
fn requests_and_outcomes_are_those_of_the_clients_in_javascript() {
    let mut count = 0;
    for (vendor, file) in [
        ("aws", include_str!("../clients/cases/calls-aws.json")),
        ("azure", include_str!("../clients/cases/calls-azure.json")),
        ("broker", include_str!("../clients/cases/calls-broker.json")),
        ("gcp", include_str!("../clients/cases/calls-gcp.json")),
        ("vault", include_str!("../clients/cases/calls-vault.json")),
    ] {
        for row in rows(file) {
            let what = format!("{vendor}: {}", row["name"]);
            let (host, http) = host(&row["answer"]);
            let outcome = Any::new(&host, &row["client"]).and_then(|kms| kms.call(&text(&row["call"]), &row["request"]));
            let sent = http.sent.lock().unwrap().pop().unwrap_or_default();
            assert_eq!(sent, row["sent"], "{what}");
            assert_eq!(outcome.unwrap_or_else(error_to_file), row["outcome"], "{what}");
            count += 1;
        }
    }
    assert!(count > 140, "{count} cases");
}

#[test]
fn messages_are_those_of_the_keyrings_in_javascript_and_open() {
    for row in rows(include_str!("../clients/cases/messages.json")) {
        let client = |answer: &Value| {
            let (host, http) = host(answer);
            (Client::new(env(), keyring(&host, &row)), http)
        };
        let context: EncryptionContext = serde_json::from_value(row["encryptionContext"].clone()).unwrap();
        let (plaintext, observer) = (text(&row["plaintext"]), Observer::none());
        let (writer, http) = client(&row["wrapped"]);
        let options = EncryptOptions { encryption_context: context.clone(), ..Default::default() };
        let message = pollster::block_on(writer.encrypt(plaintext.as_bytes(), &options, &observer)).unwrap();
        assert_eq!(http.sent.lock().unwrap().as_slice(), [row["written"].clone()], "{}", row["name"]);
        assert_eq!(Base64::encode_string(&message), row["message"], "{}", row["name"]);
        let (reader, http) = client(&row["unwrapped"]);
        let options = DecryptOptions { encryption_context: context, ..Default::default() };
        let opened = pollster::block_on(reader.decrypt(&message, &options, &observer)).unwrap();
        assert_eq!(opened.plaintext, plaintext.as_bytes());
        assert_eq!(http.sent.lock().unwrap().as_slice(), [row["opened"].clone()], "{}", row["name"]);
    }
}

#[test]
fn a_message_under_several_vendors_opens_when_any_one_of_them_is_up() {
    let rows = rows(include_str!("../clients/cases/messages.json"));
    let vendors: Vec<_> = rows.iter().filter(|row| row["name"] != "a broker").collect();
    let all = |answer_of: &dyn Fn(&Value) -> Value| {
        let keyrings: Vec<_> = vendors.iter().map(|row| keyring(&host(&answer_of(row)).0, row)).collect();
        Client::new(env(), Arc::new(MultiKeyring::new(keyrings.first().cloned(), keyrings[1..].to_vec()).unwrap()))
    };
    let observer = Observer::none();
    let context: EncryptionContext = serde_json::from_value(rows[0]["encryptionContext"].clone()).unwrap();
    let options = EncryptOptions { encryption_context: context, ..Default::default() };
    let message = pollster::block_on(all(&|row| row["wrapped"].clone()).encrypt(b"for everybody", &options, &observer)).unwrap();
    let down = || json!({ "status": 503, "headers": {}, "body": "<html>" });
    for up in &vendors {
        let client = all(&|row| if row["name"] == up["name"] { row["unwrapped"].clone() } else { down() });
        let opened = pollster::block_on(client.decrypt(&message, &DecryptOptions::default(), &observer)).unwrap();
        let named: Vec<_> = opened.header.encrypted_data_keys.iter().map(|key| key.provider_id.as_str()).collect();
        assert_eq!((opened.plaintext.as_slice(), named), (&b"for everybody"[..], PROVIDER_IDS.to_vec()), "{}", up["name"]);
    }
    let error = pollster::block_on(all(&|_| down()).decrypt(&message, &DecryptOptions::default(), &observer)).unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("KmsUnavailable", true));
    assert!(error.to_string().contains("the first of 4 failures"), "{error}");
}

const PROVIDER_IDS: [&str; 4] = ["aws-kms", "waxseal-gcp-kms", "waxseal-azure-key-vault", "waxseal-vault-transit"];

/// The keyring of a row of messages.
fn keyring(host: &Host, row: &Value) -> Arc<dyn Keyring> {
    let key_id = text(&row["keyId"]);
    let (kms, key): (Arc<dyn Kms>, _) = match Any::new(host, &row["client"]).unwrap() {
        Any::Aws(kms) => (Arc::new(kms), None),
        Any::Broker(kms) => (Arc::new(kms), None),
        Any::Azure(kms) => (Arc::new(kms), Some(AzureKms::key(&key_id).unwrap())),
        Any::Gcp(kms) => (Arc::new(kms), Some(GcpKms::key(&key_id).unwrap())),
        Any::Vault(kms) => {
            let key = kms.key(&key_id).unwrap();
            (Arc::new(kms), Some(key))
        }
    };
    match key {
        Some(key) => Arc::new(VendorKeyring::new(kms, key)),
        None => Arc::new(KmsKeyring::new(kms, &key_id).unwrap()),
    }
}
