//! Google Cloud KMS over REST. It makes no data keys and wraps those that are made here; they are bound to the encryption context as additional
//! authenticated data, and checksums tell what was altered on the way.

use crc::{CRC_32_ISCSI, Crc};
use serde_json::Value;
use waxseal_base::observer::Observer;
use waxseal_base::threading::{BoxFuture, MaybeSync};
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{
    DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest, GenerateDataKeyResponse,
};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::kms::KmsError;
use waxseal_kms_api::vendor_key::{Named, VendorKey};
use zeroize::Zeroizing;

use crate::address::Address;
use crate::as_kms::as_kms;
use crate::check::{DryRuns, binding_of, is_word, some_bytes};
use crate::error::{ClientError, Kind};
use crate::http::Host;
use crate::json::{Members, Object, text_at};
use crate::own_data_key::{generated, make_data_key};
use crate::renewed::{Source, Token};
use crate::token_client::{Ask, Headers, Refusal, TokenClient};
use crate::transport::{Answer, Limits};

/// Google Cloud KMS. Its keys are named `projects/…/locations/…/keyRings/…/cryptoKeys/NAME`; with `/cryptoKeyVersions/N` after it, that version wraps.
pub struct GcpKms {
    client: TokenClient,
    endpoint: Address,
}

/// Where, and who asks.
#[derive(Clone, Debug)]
pub struct GcpOptions {
    /// An OAuth 2 access token.
    pub token: Source<Token>,
    /// The service's address, for whatever is not Google's own.
    pub endpoint: Option<String>,
    /// How long to wait, and how often to try.
    pub limits: Limits,
}

impl GcpOptions {
    /// With that token, at Google.
    pub fn new(token: Source<Token>) -> Self {
        Self { token, endpoint: None, limits: Limits::default() }
    }
}

impl GcpKms {
    /// A client.
    pub fn new(host: &Host, options: GcpOptions) -> Result<Self, ClientError> {
        let endpoint = Address::parse(options.endpoint.as_deref().unwrap_or(GOOGLE), "endpoint")?;
        Ok(Self { client: TokenClient::new(VENDOR, host, options.token, Headers::Bearer, options.limits)?, endpoint })
    }

    /// The key as keyrings take it and messages name it: provider id `waxseal-gcp-kms`, and the key's name without a version, which is in Google's
    /// ciphertext.
    pub fn key(name: &str) -> Result<VendorKey, ClientError> {
        let Key { key, version } = Key::parse(name)?;
        Ok(VendorKey { provider_id: "waxseal-gcp-kms".into(), key_id: version, named: Named::As(key) })
    }

    async fn make(&self, request: GenerateDataKeyRequest, observer: &Observer) -> Result<GenerateDataKeyResponse, ClientError> {
        let data_key = make_data_key(&request, &self.client.host().env, observer)?;
        Ok(generated(&data_key, self.wrap(&request.key_id, data_key.expose(), &request.encryption_context).await?))
    }

    async fn seal(&self, request: EncryptRequest) -> Result<EncryptResponse, ClientError> {
        self.wrap(&request.key_id, &request.plaintext.0, &request.encryption_context).await
    }

    async fn wrap(&self, key_id: &str, plaintext: &[u8], context: &EncryptionContext) -> Result<EncryptResponse, ClientError> {
        let Key { key, version } = Key::parse(key_id)?;
        let binding = binding_of(context)?;
        let body = summed(Object::new(), "plaintext", some_bytes(plaintext, "Plaintext")?);
        let body = summed(body, "additionalAuthenticatedData", &binding).finish();
        let read = |members: &Members<'_>| {
            let used = members.text("name")?;
            let is_any = version == key && used.strip_prefix(&key).is_some_and(|rest| rest.starts_with("/cryptoKeyVersions/"));
            if used != version && !is_any {
                return Err(members.wrong(format_args!("the key `{used}` where `{key_id}` was asked for")));
            }
            if !members.is_true("verifiedPlaintextCrc32c")
                || !(binding.is_empty() || members.is_true("verifiedAdditionalAuthenticatedDataCrc32c"))
            {
                return Err(corrupted());
            }
            let ciphertext_blob = Blob(verified(members, "ciphertext")?.to_vec());
            Ok(EncryptResponse { ciphertext_blob, key_id: key.clone(), encryption_algorithm: None })
        };
        self.ask(&format!("{version}:encrypt"), body, read).await
    }

    async fn open(&self, request: DecryptRequest) -> Result<DecryptResponse, ClientError> {
        let Key { key, .. } = Key::parse(&request.key_id.unwrap_or_default())?;
        let body = summed(Object::new(), "ciphertext", some_bytes(&request.ciphertext_blob.0, "CiphertextBlob")?);
        let body = summed(body, "additionalAuthenticatedData", &binding_of(&request.encryption_context)?).finish();
        let read = |members: &Members<'_>| {
            let plaintext = SecretBlob(verified(members, "plaintext")?);
            Ok(DecryptResponse { plaintext, key_id: key.clone(), key_material_id: None, encryption_algorithm: None })
        };
        self.ask(&format!("{key}:decrypt"), body, read).await
    }

    async fn ask<T>(
        &self,
        path: &str,
        body: Zeroizing<Vec<u8>>,
        read: impl Fn(&Members<'_>) -> Result<T, ClientError> + MaybeSync,
    ) -> Result<T, ClientError> {
        let read = |answer: &Answer| read(&answer.members(VENDOR, None)?);
        let url = format!("{}/v1/{path}", self.endpoint);
        self.client.ask(Ask { host: self.endpoint.host().into(), url, body, read, refusal }).await
    }
}

as_kms!(GcpKms, DryRuns::Refused);

/// A key, and the version that encrypts: that is the key itself where it is left to Google.
struct Key {
    key: String,
    version: String,
}

impl Key {
    fn parse(text: &str) -> Result<Self, ClientError> {
        let is_name = |name: &str| !name.starts_with('.') && is_word(name, b"_:.-");
        let parts: Vec<_> = text.split('/').collect();
        let version = match parts.as_slice() {
            ["projects", project, "locations", location, "keyRings", ring, "cryptoKeys", key, version @ ..]
                if [project, location, ring, key].iter().all(|name| is_name(name)) =>
            {
                version
            }
            _ => &["no key"],
        };
        match version {
            [] => Ok(Self { key: text.into(), version: text.into() }),
            ["cryptoKeyVersions", number] if is_number(number) => {
                let key = text.strip_suffix(&format!("/cryptoKeyVersions/{number}")).unwrap_or(text);
                Ok(Self { key: key.into(), version: text.into() })
            }
            _ => Err(ClientError::caller(format!("`{text}` is not projects/…/locations/…/keyRings/…/cryptoKeys/…"))),
        }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Members of a request: bytes, and what they sum up to. 64-bit numbers are text in Google's JSON.
fn summed(object: Object, name: &str, bytes: &[u8]) -> Object {
    match bytes {
        [] => object,
        _ => object.bytes(name, bytes).text(&format!("{name}Crc32c"), &CRC32C.checksum(bytes).to_string()),
    }
}

fn verified(members: &Members<'_>, name: &str) -> Result<Zeroizing<Vec<u8>>, ClientError> {
    let bytes = members.bytes(name)?;
    match members.number(&format!("{name}Crc32c")) {
        Some(sum) if sum == u64::from(CRC32C.checksum(&bytes)) => Ok(bytes),
        _ => Err(corrupted()),
    }
}

/// On the way, which the next try may mend.
fn corrupted() -> ClientError {
    ClientError::new(Kind::Unavailable, VENDOR, "a checksum says that the request or the answer was altered on the way")
}

fn refusal(_: &Answer, json: &Value) -> Refusal {
    let code = text_at(json, "/error/status");
    let mut details = json.pointer("/error/details").and_then(Value::as_array).into_iter().flatten();
    let kind = code.as_deref().and_then(|code| KINDS.iter().find(|(own, _)| *own == code)).map(|(_, kind)| *kind);
    Refusal { kind, code, message: text_at(json, "/error/message"), request_id: details.find_map(|detail| text_at(detail, "/requestId")) }
}

const VENDOR: &str = "Google Cloud KMS";
const GOOGLE: &str = "https://cloudkms.googleapis.com";
const CRC32C: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
const KINDS: &[(&str, Kind)] = &[
    ("PERMISSION_DENIED", Kind::Denied),
    ("UNAUTHENTICATED", Kind::Denied),
    ("NOT_FOUND", Kind::NotFound),
    // A version that is disabled or destroyed.
    ("FAILED_PRECONDITION", Kind::Disabled),
    ("RESOURCE_EXHAUSTED", Kind::Throttled),
    ("INVALID_ARGUMENT", Kind::Invalid),
    ("UNAVAILABLE", Kind::Unavailable),
    ("INTERNAL", Kind::Unavailable),
    ("DEADLINE_EXCEEDED", Kind::Unavailable),
];
