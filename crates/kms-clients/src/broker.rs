//! A KMS behind a server of the user's own, for devices that have no credentials of a cloud. The protocol is in `BROKER.md` of the npm package, whose
//! `waxseal/broker/server` speaks it.

use serde_json::Value;
use waxseal_base::observer::Observer;
use waxseal_base::threading::{BoxFuture, MaybeSync};
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{
    DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest, GenerateDataKeyResponse,
};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::kms::KmsError;

use crate::address::Address;
use crate::as_kms::as_kms;
use crate::check::{DryRuns, some_bytes};
use crate::error::{ClientError, Kind};
use crate::http::Host;
use crate::json::{Members, Object, text_at};
use crate::own_data_key::data_key_len;
use crate::renewed::{Source, Token};
use crate::token_client::{Ask, Headers, Refusal, TokenClient};
use crate::transport::{Answer, Limits};

/// A broker. Its keys are those of the KMS behind it; an empty name is the broker's first.
pub struct BrokerKms {
    client: TokenClient,
    address: Address,
}

/// Where, and whose session.
#[derive(Clone, Debug)]
pub struct BrokerOptions {
    /// The broker's address, without the operation.
    pub url: String,
    /// The session's token.
    pub token: Source<Token>,
    /// How long to wait, and how often to try.
    pub limits: Limits,
}

impl BrokerOptions {
    /// With that token, there.
    pub fn new(url: impl Into<String>, token: Source<Token>) -> Self {
        Self { url: url.into(), token, limits: Limits::default() }
    }
}

impl BrokerKms {
    /// A client.
    pub fn new(host: &Host, options: BrokerOptions) -> Result<Self, ClientError> {
        let address = Address::parse(&options.url, "url")?;
        Ok(Self { client: TokenClient::new(VENDOR, host, options.token, Headers::Bearer, options.limits)?, address })
    }

    async fn make(&self, request: GenerateDataKeyRequest, _: &Observer) -> Result<GenerateDataKeyResponse, ClientError> {
        let len = data_key_len(&request)?;
        let body = body(&request.key_id, &request.encryption_context).number("NumberOfBytes", len);
        let read = |members: &Members<'_>| {
            let plaintext = SecretBlob(members.data_key("Plaintext", len)?);
            let ciphertext_blob = Blob(members.bytes("CiphertextBlob")?.to_vec());
            Ok(GenerateDataKeyResponse { plaintext, ciphertext_blob, key_id: members.text("KeyId")?, key_material_id: None })
        };
        self.ask("generate-data-key", body, read).await
    }

    async fn seal(&self, request: EncryptRequest) -> Result<EncryptResponse, ClientError> {
        let plaintext = some_bytes(&request.plaintext.0, "Plaintext")?;
        let body = body(&request.key_id, &request.encryption_context).bytes("Plaintext", plaintext);
        let read = |members: &Members<'_>| {
            let ciphertext_blob = Blob(members.bytes("CiphertextBlob")?.to_vec());
            Ok(EncryptResponse { ciphertext_blob, key_id: members.text("KeyId")?, encryption_algorithm: None })
        };
        self.ask("encrypt", body, read).await
    }

    async fn open(&self, request: DecryptRequest) -> Result<DecryptResponse, ClientError> {
        let ciphertext = some_bytes(&request.ciphertext_blob.0, "CiphertextBlob")?;
        let body = body(&request.key_id.unwrap_or_default(), &request.encryption_context).bytes("CiphertextBlob", ciphertext);
        let read = |members: &Members<'_>| {
            let plaintext = SecretBlob(members.bytes("Plaintext")?);
            Ok(DecryptResponse { plaintext, key_id: members.text("KeyId")?, key_material_id: None, encryption_algorithm: None })
        };
        self.ask("decrypt", body, read).await
    }

    async fn ask<T>(
        &self,
        operation: &str,
        body: Object,
        read: impl Fn(&Members<'_>) -> Result<T, ClientError> + MaybeSync,
    ) -> Result<T, ClientError> {
        let read = |answer: &Answer| read(&answer.members(VENDOR, request_id(answer))?);
        let url = format!("{}/{operation}", self.address);
        self.client.ask(Ask { host: self.address.host().into(), url, body: body.finish(), read, refusal }).await
    }
}

as_kms!(BrokerKms, DryRuns::Refused);

fn body(key_id: &str, context: &EncryptionContext) -> Object {
    Object::new().and(Some(key_id).filter(|id| !id.is_empty()), |object, id| object.text("KeyId", id)).context("EncryptionContext", context)
}

fn refusal(answer: &Answer, json: &Value) -> Refusal {
    let kind = text_at(json, "/error/kind").and_then(|kind| Kind::from_name(&kind));
    Refusal { kind, code: text_at(json, "/error/code"), message: text_at(json, "/error/message"), request_id: request_id(answer) }
}

fn request_id(answer: &Answer) -> Option<String> {
    answer.header("x-request-id").map(str::to_owned)
}

const VENDOR: &str = "the broker";
