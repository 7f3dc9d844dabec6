//! A small KMS that hostile input meets: a key with an alias, a tag, a grant and a ciphertext, and who may do everything to it.

use std::sync::{Arc, LazyLock};

use base64ct::{Base64, Encoding};
use waxseal_base::env::Env;
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use waxseal_kms::http::{Front, HttpRequest, HttpResponse};
use waxseal_kms::{Change, LocalKms, LocalKmsClient, LocalKmsOptions, MemoryStore, Record, Store};
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{CreateAliasRequest, CreateGrantRequest, CreateKeyRequest, DecryptRequest, EncryptRequest, Tag};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::sigv4::{Credentials, Place, SecretAccessKey, SignedRequest, sign};
use waxseal_policy::Caller;
use zeroize::Zeroizing;

/// What was encrypted.
pub(super) const PLAINTEXT: &[u8] = b"attack at dawn";

/// Whom the grant entitles to retire it.
pub(super) const RETIRING: &str = "arn:aws:iam::111122223333:user/alice";

/// The world, made once. Every input meets a KMS of its own, with the records of this one.
pub(crate) static WORLD: LazyLock<World> = LazyLock::new(World::new);

pub(crate) struct World {
    pub(super) key: String,
    pub(super) blob: Vec<u8>,
    pub(super) grant_id: String,
    pub(super) token: String,
    records: Vec<Record>,
}

impl World {
    fn new() -> Self {
        let administrator = kms(&[], 1).administrator();
        let observer = Observer::none();
        let tags = vec![Tag { tag_key: "team".into(), tag_value: "a".into() }];
        let made = administrator.call(CreateKeyRequest { tags, ..CreateKeyRequest::default() }, &observer).expect("a key is made");
        let key = made.key_metadata.arn;
        let alias = CreateAliasRequest { alias_name: "alias/a".into(), target_key_id: key.clone() };
        administrator.call(alias, &observer).expect("an alias is made");
        let grant = CreateGrantRequest {
            key_id: key.clone(),
            grantee_principal: "arn:aws:iam::111122223333:user/bob".into(),
            retiring_principal: Some(RETIRING.into()),
            operations: vec!["Decrypt".into(), "CreateGrant".into(), "RetireGrant".into()],
            ..CreateGrantRequest::default()
        };
        let granted = administrator.call(grant, &observer).expect("a grant is made");
        let encrypt = EncryptRequest {
            key_id: key.clone(),
            plaintext: SecretBlob(Zeroizing::new(PLAINTEXT.to_vec())),
            encryption_context: encryption_context(),
            ..EncryptRequest::default()
        };
        let blob = administrator.call(encrypt, &observer).expect("the key encrypts").ciphertext_blob.0;
        let records = administrator.kms().records().expect("a store in memory can be read");
        Self { key, blob, grant_id: granted.grant_id, token: granted.grant_token, records }
    }

    /// The administrator of a KMS with the world's records.
    pub(super) fn administrator(&self) -> LocalKmsClient {
        kms(&self.records, 2).administrator()
    }

    /// A front of a KMS with the world's records, and what its administrator signs with.
    pub(crate) fn front(&self) -> SignedFront {
        SignedFront::of(kms(&self.records, 2))
    }

    /// A body with `$KEY`, `$BLOB`, `$GRANT` and `$TOKEN` replaced by what they stand for.
    pub(crate) fn filled_in(&self, body: &[u8]) -> Vec<u8> {
        let blob = Base64::encode_string(&self.blob);
        let names = [("$KEY", &self.key), ("$BLOB", &blob), ("$GRANT", &self.grant_id), ("$TOKEN", &self.token)];
        let mut filled = Vec::with_capacity(body.len());
        let mut rest = body;
        while let Some((first, after)) = rest.split_first() {
            match names.iter().find(|(name, _)| rest.starts_with(name.as_bytes())) {
                Some((name, value)) => {
                    filled.extend_from_slice(value.as_bytes());
                    rest = &rest[name.len()..];
                }
                None => {
                    filled.push(*first);
                    rest = after;
                }
            }
        }
        filled
    }

    pub(super) fn decrypt_request(&self, blob: &[u8]) -> DecryptRequest {
        DecryptRequest { ciphertext_blob: Blob(blob.to_vec()), encryption_context: encryption_context(), ..DecryptRequest::default() }
    }
}

fn encryption_context() -> EncryptionContext {
    [("tenant", "42")].into_iter().collect()
}

/// A KMS with those records. What it draws follows from the seed: with the one of whoever made the records, it would draw the same ids again.
fn kms(records: &[Record], seed: u64) -> LocalKms {
    let store = MemoryStore::new();
    let put = |record: &Record| Change::Put { record: record.clone(), expected_version: None };
    store.commit(&records.iter().map(put).collect::<Vec<_>>(), None).expect("an empty store takes records");
    let options = LocalKmsOptions { root_key: Some(Zeroizing::new(vec![5; 32])), ..LocalKmsOptions::default() };
    let env = Env::danger_deterministic(Timestamp::from_millis(NOW), seed);
    LocalKms::with_store(options, env, Arc::new(store)).expect("the options are valid")
}

/// A front, with who may sign for it.
pub(crate) struct SignedFront {
    front: Front,
    credentials: Credentials,
    place: Place,
}

impl SignedFront {
    fn of(kms: LocalKms) -> Self {
        let credentials = || Credentials {
            access_key_id: ACCESS_KEY_ID.into(),
            secret_access_key: SecretAccessKey::new("a secret".to_owned()),
            session_token: None,
        };
        let administrator = Caller::parse("arn:aws:iam::111122223333:root").expect("a root user is a caller");
        let front = Front::new(kms);
        front.identities().put(administrator, credentials()).expect("the credentials are whole");
        Self { front, credentials: credentials(), place: Place { region: "us-east-1".into(), service: "kms".into() } }
    }

    /// Sends a request as it is. The answer has to be one that a client can read.
    pub(crate) fn send(&self, request: &HttpRequest) -> HttpResponse {
        let response = self.front.handle(request, &Observer::none());
        let HttpResponse { status, headers, body, .. } = &response;
        assert!(matches!(status, 200 | 204 | 400..=499), "{status}: {}", String::from_utf8_lossy(body));
        assert!(*status < 400 || body.len() <= MAX_REFUSAL_LEN, "a refusal of {} bytes", body.len());
        for (name, value) in headers {
            let is_plain = |text: &str| text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
            assert!(is_plain(name) && is_plain(value), "`{name}: {value}` can not be a header");
        }
        let json: Option<serde_json::Value> = serde_json::from_slice(body).ok();
        assert!(body.is_empty() || json.is_some(), "the answer is not JSON: {}", String::from_utf8_lossy(body));
        let kind = json.as_ref().and_then(|json| json.get("__type")).and_then(serde_json::Value::as_str);
        assert_eq!(*status >= 400, kind.is_some(), "a refusal, and nothing else, names its fault");
        response
    }

    /// The request, signed by the administrator. None if it can not be signed.
    pub(crate) fn sign(&self, mut request: HttpRequest) -> Option<HttpRequest> {
        let HttpRequest { method, target, headers, body, .. } = &request;
        let unsigned = SignedRequest { method, target, headers, body };
        let added = sign(&unsigned, &self.credentials, &self.place, Timestamp::from_millis(NOW)).ok()?;
        request.headers.extend(added);
        Some(request)
    }
}

/// A request to the front that is not signed yet.
pub(crate) fn post(operation: &str, body: Vec<u8>) -> HttpRequest {
    let headers = [
        ("Host", "kms.us-east-1.amazonaws.com"),
        ("Content-Type", "application/x-amz-json-1.1"),
        ("X-Amz-Target", &format!("TrentService.{operation}")),
    ];
    HttpRequest {
        method: "POST".into(),
        target: "/".into(),
        headers: headers.map(|(name, value)| (name.into(), value.into())).into(),
        body: Zeroizing::new(body),
        source_ip: Some("203.0.113.7".into()),
        secure_transport: true,
        received: None,
    }
}

/// 15 January 2026, noon, in milliseconds since the Unix epoch.
const NOW: i64 = 1_768_478_400_000;
/// Bytes of a refusal. It repeats names, never a whole body.
const MAX_REFUSAL_LEN: usize = 16 * 1024;
const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
