//! Azure Key Vault and Managed HSM over REST. They make no data keys and wrap those that are made here.
//!
//! **With [`Algorithm::RsaOaep256`] and [`Algorithm::A256Kw`] Azure binds a data key to nothing**: whoever may unwrap with the key can unwrap it under any
//! encryption context. The header of the message is bound to the context all the same, so a message opens under no other; but Azure's policies and logs can
//! not tell contexts apart. [`Algorithm::A256Gcm`] binds it.

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

/// Azure Key Vault or Managed HSM. Its keys are named by their identifiers, `https://…/keys/NAME/VERSION`, which are where the token is sent; without a
/// version, the current one wraps.
pub struct AzureKms {
    client: TokenClient,
    algorithm: Algorithm,
}

/// Who asks, and how keys are wrapped.
#[derive(Clone, Debug)]
pub struct AzureOptions {
    /// An access token for `https://vault.azure.net` or `https://managedhsm.azure.net`.
    pub token: Source<Token>,
    /// How keys are wrapped.
    pub algorithm: Algorithm,
    /// How long to wait, and how often to try.
    pub limits: Limits,
}

/// How keys are wrapped. The first two ask for the permissions wrapKey and unwrapKey, the last for encrypt and decrypt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// `RSA-OAEP-256`, for RSA keys.
    #[default]
    RsaOaep256,
    /// `A256KW`, for AES keys of a Managed HSM.
    A256Kw,
    /// `A256GCM`, for AES keys of a Managed HSM: the one that binds data keys to their encryption context.
    A256Gcm,
}

impl Algorithm {
    /// Azure's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::A256Kw => "A256KW",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// Whether what is wrapped opens under its own encryption context only, as it does at all other vendors.
    pub fn binds_context(self) -> bool {
        self == Self::A256Gcm
    }

    /// Azure's own client has AES-GCM among the operations that encrypt, and the others among those that wrap.
    fn operations(self) -> (&'static str, &'static str) {
        if self.binds_context() { ("encrypt", "decrypt") } else { ("wrapkey", "unwrapkey") }
    }
}

impl AzureOptions {
    /// With that token, for RSA keys.
    pub fn new(token: Source<Token>) -> Self {
        Self { token, algorithm: Algorithm::default(), limits: Limits::default() }
    }
}

impl AzureKms {
    /// A client.
    pub fn new(host: &Host, options: AzureOptions) -> Result<Self, ClientError> {
        Ok(Self { client: TokenClient::new(VENDOR, host, options.token, Headers::Bearer, options.limits)?, algorithm: options.algorithm })
    }

    /// The key as keyrings take it and messages name it: provider id `waxseal-azure-key-vault`, and the identifier with the version that wrapped. One that
    /// is given without a version opens what any of its versions wrapped. The wrapped key is Azure's `value`; under `A256GCM` it is `iv` (12 bytes),
    /// `value` and `tag` (16 bytes), one after the other.
    pub fn key(identifier: &str) -> Result<VendorKey, ClientError> {
        let Key { url, version, .. } = Key::parse(identifier)?;
        let named = if version.is_some() { Named::As(url) } else { Named::AsVersionOf(url) };
        Ok(VendorKey { provider_id: "waxseal-azure-key-vault".into(), key_id: identifier.into(), named })
    }

    async fn make(&self, request: GenerateDataKeyRequest, observer: &Observer) -> Result<GenerateDataKeyResponse, ClientError> {
        let data_key = make_data_key(&request, &self.client.host().env, observer)?;
        Ok(generated(&data_key, self.wrap(&request.key_id, data_key.expose(), &request.encryption_context).await?))
    }

    async fn seal(&self, request: EncryptRequest) -> Result<EncryptResponse, ClientError> {
        self.wrap(&request.key_id, &request.plaintext.0, &request.encryption_context).await
    }

    async fn wrap(&self, key_id: &str, plaintext: &[u8], context: &EncryptionContext) -> Result<EncryptResponse, ClientError> {
        let key = Key::parse(key_id)?;
        let body = self.object().url_bytes("value", some_bytes(plaintext, "Plaintext")?);
        let read = |members: &Members<'_>| {
            let used = members.text("kid")?;
            if !key.is_version(&used) {
                return Err(members.wrong(format_args!("the key `{used}` where `{key_id}` was asked for")));
            }
            let ciphertext = match self.algorithm.binds_context() {
                false => members.bytes("value")?.to_vec(),
                true => [of_len(members, "iv", IV_LEN)?, members.bytes("value")?.to_vec(), of_len(members, "tag", TAG_LEN)?].concat(),
            };
            Ok(EncryptResponse { ciphertext_blob: Blob(ciphertext), key_id: used, encryption_algorithm: None })
        };
        self.ask(&key, self.algorithm.operations().0, self.bound(body, context)?, read).await
    }

    async fn open(&self, request: DecryptRequest) -> Result<DecryptResponse, ClientError> {
        let key_id = request.key_id.unwrap_or_default();
        let key = Key::parse(&key_id)?;
        if key.version.is_none() {
            return Err(ClientError::caller(format!("`{key_id}` names no version of the key, and a ciphertext does not either")));
        }
        let ciphertext = some_bytes(&request.ciphertext_blob.0, "CiphertextBlob")?;
        let body = match self.algorithm.binds_context() {
            false => self.object().url_bytes("value", ciphertext),
            true => {
                let (iv, value, tag) = parts(ciphertext)
                    .ok_or_else(|| ClientError::caller(format!("CiphertextBlob is too short for {}", self.algorithm.name())))?;
                self.object().url_bytes("iv", iv).url_bytes("value", value).url_bytes("tag", tag)
            }
        };
        let read = |members: &Members<'_>| {
            let used = members.text("kid")?;
            if used != key.url {
                return Err(members.wrong(format_args!("the key `{used}` where `{}` was asked for", key.url)));
            }
            let plaintext = SecretBlob(members.bytes("value")?);
            Ok(DecryptResponse { plaintext, key_id: used, key_material_id: None, encryption_algorithm: None })
        };
        self.ask(&key, self.algorithm.operations().1, self.bound(body, &request.encryption_context)?, read).await
    }

    fn object(&self) -> Object {
        Object::new().text("alg", self.algorithm.name())
    }

    /// Only an authenticated cipher binds anything.
    fn bound(&self, body: Object, context: &EncryptionContext) -> Result<Object, ClientError> {
        let binding = Some(binding_of(context)?).filter(|binding| self.algorithm.binds_context() && !binding.is_empty());
        Ok(body.and(binding, |body, binding| body.url_bytes("aad", &binding)))
    }

    async fn ask<T>(
        &self,
        key: &Key,
        operation: &str,
        body: Object,
        read: impl Fn(&Members<'_>) -> Result<T, ClientError> + MaybeSync,
    ) -> Result<T, ClientError> {
        let read = |answer: &Answer| read(&answer.members(VENDOR, request_id(answer))?);
        let url = format!("{}/{operation}?api-version={VERSION}", key.url);
        self.client.ask(Ask { host: key.vault.host().into(), url, body: body.finish(), read, refusal }).await
    }
}

as_kms!(AzureKms, DryRuns::Refused);

/// The parts of `https://…/keys/NAME/VERSION`.
struct Key {
    vault: Address,
    url: String,
    version: Option<String>,
}

impl Key {
    fn parse(text: &str) -> Result<Self, ClientError> {
        let refused = || ClientError::caller(format!("`{text}` is not https://…/keys/NAME or https://…/keys/NAME/VERSION"));
        let (rest, last) = text.rsplit_once('/').ok_or_else(refused)?;
        let (vault, name, version) = match (rest.strip_suffix("/keys"), rest.rsplit_once('/')) {
            (Some(vault), _) => (vault, last, None),
            (None, Some((rest, name))) => (rest.strip_suffix("/keys").ok_or_else(refused)?, name, Some(last)),
            (None, None) => return Err(refused()),
        };
        if !is_word(name, b"_-") || version.is_some_and(|version| !is_word(version, b"_")) {
            return Err(refused());
        }
        let vault = Address::parse(vault, "KeyId")?;
        let whole = format!("{vault}/keys/{name}");
        let url = version.map_or_else(|| whole.clone(), |version| format!("{whole}/{version}"));
        Ok(Self { vault, url, version: version.map(str::to_owned) })
    }

    /// Whether the identifier is that version, or any if the key is named without one.
    fn is_version(&self, identifier: &str) -> bool {
        match self.version {
            Some(_) => identifier == self.url,
            None => Named::AsVersionOf(self.url.clone()).is(identifier),
        }
    }
}

fn of_len(members: &Members<'_>, name: &str, len: usize) -> Result<Vec<u8>, ClientError> {
    let bytes = members.bytes(name)?.to_vec();
    match bytes.len() {
        given if given == len => Ok(bytes),
        given => Err(members.wrong(format_args!("a `{name}` of {given} bytes"))),
    }
}

/// The nonce, what was encrypted, and the tag.
fn parts(ciphertext: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (iv, rest) = ciphertext.split_at_checked(IV_LEN)?;
    let (value, tag) = rest.split_at_checked(rest.len().checked_sub(TAG_LEN)?)?;
    (!value.is_empty()).then_some((iv, value, tag))
}

fn refusal(answer: &Answer, json: &Value) -> Refusal {
    let inner = text_at(json, "/error/innererror/code").filter(|code| !code.is_empty());
    let code = text_at(json, "/error/code");
    let says = |words: &[&str]| inner.iter().chain(&code).any(|code| words.iter().any(|word| code.contains(word)));
    let kind = KINDS.iter().find(|(words, _)| says(words)).map(|(_, kind)| *kind);
    Refusal { kind, code: inner.clone().or(code.clone()), message: text_at(json, "/error/message"), request_id: request_id(answer) }
}

fn request_id(answer: &Answer) -> Option<String> {
    answer.header("x-ms-request-id").map(str::to_owned)
}

const VENDOR: &str = "Azure Key Vault";
const VERSION: &str = "7.4";
const IV_LEN: usize = 12;
const TAG_LEN: usize = 16;
const KINDS: &[(&[&str], Kind)] =
    &[(&["Disabled", "Expired", "NotYetValid"], Kind::Disabled), (&["NotFound"], Kind::NotFound), (&["Throttled"], Kind::Throttled)];
