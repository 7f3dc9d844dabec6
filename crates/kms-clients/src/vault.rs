//! The Transit engine of HashiCorp Vault and OpenBao. What is wrapped is bound to the encryption context: as `associated_data`, or for a derived key as
//! the `context` that it is derived from. Vault makes data keys where it can bind them; others are made here, because HashiCorp's Vault takes no
//! `associated_data` when it makes one.

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
use crate::own_data_key::{data_key_len, generated, make_data_key};
use crate::renewed::{Source, Token};
use crate::token_client::{Ask, Headers, Refusal, TokenClient};
use crate::transport::{Answer, Limits};

/// A Transit engine. Its keys are named `NAME` or, as in its answers, `NAMESPACE/MOUNT/keys/NAME`.
pub struct VaultKms {
    client: TokenClient,
    address: Address,
    mount: String,
    /// What stands before the name of a key in messages.
    place: String,
    is_derived: bool,
}

/// Where, and who asks.
#[derive(Clone, Debug)]
pub struct VaultOptions {
    /// The server's address, without `/v1`.
    pub url: String,
    /// A Vault token.
    pub token: Source<Token>,
    /// The namespace, if it is not the root.
    pub namespace: Option<String>,
    /// Where the Transit engine is mounted.
    pub mount: String,
    /// Whether the keys are derived ones. Then every encryption needs an encryption context.
    pub derived: bool,
    /// How long to wait, and how often to try.
    pub limits: Limits,
}

impl VaultOptions {
    /// The engine at `transit` in the root namespace.
    pub fn new(url: impl Into<String>, token: Source<Token>) -> Self {
        Self { url: url.into(), token, namespace: None, mount: "transit".into(), derived: false, limits: Limits::default() }
    }
}

impl VaultKms {
    /// A client.
    pub fn new(host: &Host, options: VaultOptions) -> Result<Self, ClientError> {
        let namespace = options.namespace.as_deref().map(|namespace| path(namespace, "namespace")).transpose()?;
        let mount = path(&options.mount, "mount")?;
        let before = namespace.as_ref().map(|namespace| format!("{namespace}/")).unwrap_or_default();
        Ok(Self {
            client: TokenClient::new(VENDOR, host, options.token, Headers::Vault { namespace }, options.limits)?,
            address: Address::parse(&options.url, "url")?,
            place: format!("{before}{mount}/keys/"),
            mount,
            is_derived: options.derived,
        })
    }

    /// The key as keyrings take it and messages name it: provider id `waxseal-vault-transit`, and `NAMESPACE/MOUNT/keys/NAME`. Where the server is, a message
    /// does not say. The wrapped key is Vault's own ciphertext, `vault:v1:…`.
    pub fn key(&self, name: &str) -> Result<VendorKey, ClientError> {
        let whole = format!("{}{}", self.place, self.name_of(name)?);
        Ok(VendorKey { provider_id: "waxseal-vault-transit".into(), key_id: name.into(), named: Named::As(whole) })
    }

    async fn make(&self, request: GenerateDataKeyRequest, observer: &Observer) -> Result<GenerateDataKeyResponse, ClientError> {
        let len = data_key_len(&request)?;
        let is_bindable = self.is_derived || request.encryption_context.is_empty();
        if !is_bindable || !matches!(len, 16 | 32 | 64) {
            let data_key = make_data_key(&request, &self.client.host().env, observer)?;
            return Ok(generated(&data_key, self.wrap(&request.key_id, data_key.expose(), &request.encryption_context).await?));
        }
        let body = self.bound(Object::new().number("bits", len.saturating_mul(8)), &request.encryption_context)?;
        let name = self.name_of(&request.key_id)?;
        let read = |members: &Members<'_>| {
            let plaintext = SecretBlob(members.data_key("plaintext", len)?);
            let ciphertext_blob = ciphertext_of(members)?;
            Ok(GenerateDataKeyResponse { plaintext, ciphertext_blob, key_id: self.whole(name), key_material_id: None })
        };
        self.ask("datakey/plaintext", name, body, read).await
    }

    async fn seal(&self, request: EncryptRequest) -> Result<EncryptResponse, ClientError> {
        self.wrap(&request.key_id, &request.plaintext.0, &request.encryption_context).await
    }

    async fn wrap(&self, key_id: &str, plaintext: &[u8], context: &EncryptionContext) -> Result<EncryptResponse, ClientError> {
        let body = self.bound(Object::new().bytes("plaintext", some_bytes(plaintext, "Plaintext")?), context)?;
        let name = self.name_of(key_id)?;
        let read = |members: &Members<'_>| {
            Ok(EncryptResponse { ciphertext_blob: ciphertext_of(members)?, key_id: self.whole(name), encryption_algorithm: None })
        };
        self.ask("encrypt", name, body, read).await
    }

    async fn open(&self, request: DecryptRequest) -> Result<DecryptResponse, ClientError> {
        let ciphertext =
            std::str::from_utf8(some_bytes(&request.ciphertext_blob.0, "CiphertextBlob")?).ok().filter(|text| is_ciphertext(text));
        let ciphertext = ciphertext.ok_or_else(|| ClientError::caller("CiphertextBlob is not a ciphertext of Vault's"))?;
        let body = self.bound(Object::new().text("ciphertext", ciphertext), &request.encryption_context)?;
        let key_id = request.key_id.unwrap_or_default();
        let name = self.name_of(&key_id)?;
        let read = |members: &Members<'_>| {
            let plaintext = SecretBlob(members.bytes("plaintext")?);
            Ok(DecryptResponse { plaintext, key_id: self.whole(name), key_material_id: None, encryption_algorithm: None })
        };
        self.ask("decrypt", name, body, read).await
    }

    async fn ask<T>(
        &self,
        operation: &str,
        name: &str,
        body: Object,
        read: impl Fn(&Members<'_>) -> Result<T, ClientError> + MaybeSync,
    ) -> Result<T, ClientError> {
        let read = |answer: &Answer| {
            // Of an answer that is no JSON there is no id either.
            let id = answer.members(VENDOR, None)?.maybe_text("request_id").filter(|id| !id.is_empty());
            read(&answer.members(VENDOR, id)?.object("data")?)
        };
        let url = format!("{}/v1/{}/{operation}/{name}", self.address, self.mount);
        self.client.ask(Ask { host: self.address.host().into(), url, body: body.finish(), read, refusal }).await
    }

    /// A derived key is another one for each `context`, which binds as well as associated data do.
    fn bound(&self, body: Object, context: &EncryptionContext) -> Result<Object, ClientError> {
        match (binding_of(context)?, self.is_derived) {
            (binding, true) if binding.is_empty() => {
                Err(ClientError::caller("a derived key needs an encryption context, from which it is derived"))
            }
            (binding, false) if binding.is_empty() => Ok(body),
            (binding, true) => Ok(body.bytes("context", &binding)),
            (binding, false) => Ok(body.bytes("associated_data", &binding)),
        }
    }

    fn whole(&self, name: &str) -> String {
        format!("{}{name}", self.place)
    }

    fn name_of<'a>(&self, key_id: &'a str) -> Result<&'a str, ClientError> {
        let name = key_id.strip_prefix(&self.place).unwrap_or(key_id);
        let is_inside = |byte: char| matches!(byte, '.' | '-');
        match is_word(name, b"_.-") && !name.starts_with(is_inside) && !name.ends_with(is_inside) {
            true => Ok(name),
            false => Err(ClientError::caller(format!("`{key_id}` is not the name of a key, nor one in `{}`", self.place))),
        }
    }
}

as_kms!(VaultKms, DryRuns::Refused);

fn ciphertext_of(members: &Members<'_>) -> Result<Blob, ClientError> {
    let ciphertext = members.text("ciphertext")?;
    match is_ciphertext(&ciphertext) {
        true => Ok(Blob(ciphertext.into_bytes())),
        false => Err(members.wrong("a `ciphertext` that is not one of Vault's")),
    }
}

/// `vault:v1:` and base64.
fn is_ciphertext(text: &str) -> bool {
    let Some((version, base64)) = text.strip_prefix("vault:v").and_then(|rest| rest.split_once(':')) else { return false };
    let body = base64.strip_suffix("==").or_else(|| base64.strip_suffix('=')).unwrap_or(base64);
    !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit()) && is_word(body, b"+/")
}

/// Names joined by slashes, as namespaces and mounts are.
fn path(text: &str, what: &str) -> Result<String, ClientError> {
    let names = text.strip_prefix('/').unwrap_or(text);
    let names = names.strip_suffix('/').unwrap_or(names);
    match names.split('/').all(|name| is_word(name, b"_.-") && !name.starts_with('.')) {
        true => Ok(names.into()),
        false => Err(ClientError::caller(format!("{what} is not a path of names"))),
    }
}

/// Vault has no codes, and one status for most.
fn refusal(answer: &Answer, json: &Value) -> Refusal {
    let errors: Option<Vec<_>> =
        json.pointer("/errors").and_then(Value::as_array).map(|errors| errors.iter().filter_map(Value::as_str).collect());
    let message = errors.map(|errors| errors.join("; "));
    let says = |words: &[&str]| message.as_ref().is_some_and(|message| words.iter().any(|word| message.contains(word)));
    let kind = KINDS.iter().find(|(words, _)| answer.status() == 400 && says(words)).map(|(_, kind)| *kind);
    Refusal { kind, code: None, message: message.clone(), request_id: text_at(json, "/request_id").filter(|id| !id.is_empty()) }
}

const VENDOR: &str = "Vault";
const KINDS: &[(&[&str], Kind)] =
    &[(&["key not found"], Kind::NotFound), (&["disallowed by policy", "soft-deleted", "soft deleted"], Kind::Disabled)];
