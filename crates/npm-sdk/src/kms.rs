//! Any JavaScript object with the methods of AWS SDK v3's aggregated KMS client, as a [`Kms`]. Requests and responses have AWS's shapes.

use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use waxseal_base::observer::Observer;
use waxseal_base::threading::BoxFuture;
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{
    DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest, GenerateDataKeyResponse,
};
use waxseal_kms_api::fault::FaultCode;
use waxseal_kms_api::kms::{Kms, KmsError};
use zeroize::Zeroizing;

use crate::encryption_context;
use crate::members::{bytes, member, text};
use crate::object::object;
use crate::operation::Desk;

/// A KMS that JavaScript asks on our behalf.
pub(crate) struct JsKms {
    object: JsValue,
    desk: Rc<Desk>,
}

impl JsKms {
    /// The KMS behind `object`, which is handed back with each question.
    pub(crate) fn new(object: JsValue, desk: Rc<Desk>) -> Self {
        Self { object, desk }
    }

    async fn ask(&self, operation: &str, request: JsValue, observer: &Observer) -> Result<JsValue, KmsError> {
        self.desk.ask(&self.object, operation, request, observer).await
    }
}

impl Kms for JsKms {
    fn generate_data_key<'a>(
        &'a self,
        request: GenerateDataKeyRequest,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Result<GenerateDataKeyResponse, KmsError>> {
        Box::pin(async move {
            let members = object([
                ("KeyId", request.key_id.into()),
                ("NumberOfBytes", request.number_of_bytes.map_or(JsValue::UNDEFINED, Into::into)),
                ("KeySpec", request.key_spec.map_or(JsValue::UNDEFINED, Into::into)),
                ("EncryptionContext", encryption_context::to_js(&request.encryption_context)),
                ("GrantTokens", texts(&request.grant_tokens)),
            ]);
            let response = self.ask("generateDataKey", members, observer).await?;
            let plaintext = take_plaintext(&response)?;
            Ok(GenerateDataKeyResponse {
                ciphertext_blob: ciphertext(&response)?,
                plaintext,
                key_id: key_id(&response)?,
                key_material_id: text(&response, "KeyMaterialId"),
            })
        })
    }

    fn encrypt<'a>(&'a self, request: EncryptRequest, observer: &'a Observer) -> BoxFuture<'a, Result<EncryptResponse, KmsError>> {
        Box::pin(async move {
            let plaintext = Uint8Array::new_from_slice(&request.plaintext.0);
            let members = object([
                ("KeyId", request.key_id.into()),
                ("Plaintext", plaintext.clone().into()),
                ("EncryptionContext", encryption_context::to_js(&request.encryption_context)),
                ("GrantTokens", texts(&request.grant_tokens)),
            ]);
            let response = self.ask("encrypt", members, observer).await;
            wipe(&plaintext);
            let response = response?;
            Ok(EncryptResponse {
                ciphertext_blob: ciphertext(&response)?,
                key_id: key_id(&response)?,
                encryption_algorithm: text(&response, "EncryptionAlgorithm"),
            })
        })
    }

    fn decrypt<'a>(&'a self, request: DecryptRequest, observer: &'a Observer) -> BoxFuture<'a, Result<DecryptResponse, KmsError>> {
        Box::pin(async move {
            let members = object([
                ("KeyId", request.key_id.map_or(JsValue::UNDEFINED, Into::into)),
                ("CiphertextBlob", Uint8Array::new_from_slice(&request.ciphertext_blob.0).into()),
                ("EncryptionContext", encryption_context::to_js(&request.encryption_context)),
                ("GrantTokens", texts(&request.grant_tokens)),
            ]);
            let response = self.ask("decrypt", members, observer).await?;
            Ok(DecryptResponse {
                plaintext: take_plaintext(&response)?,
                key_id: key_id(&response)?,
                key_material_id: text(&response, "KeyMaterialId"),
                encryption_algorithm: text(&response, "EncryptionAlgorithm"),
            })
        })
    }
}

/// What a thrown value says: AWS's faults, and errors of that shape, are refusals; anything else means that there was no answer. So does a KMS's
/// own `AbortError`, for it was not the caller who gave up.
pub(crate) fn error_from(thrown: &JsValue) -> KmsError {
    let name = text(thrown, "name").unwrap_or_default();
    let message = text(thrown, "message").filter(|message| !message.is_empty());
    let known = FaultCode::from_name(&name);
    if known.is_none() && !name.ends_with("Exception") && member(thrown, "$fault").is_undefined() {
        let reason = message.or_else(|| thrown.as_string()).unwrap_or_else(|| "it threw something that is no error".into());
        return KmsError::Unavailable { reason };
    }
    let metadata = member(thrown, "$metadata");
    let says_retry = !member(thrown, "$retryable").is_undefined();
    let failed_inside = member(&metadata, "httpStatusCode").as_f64().is_some_and(|status| status >= 500.0);
    KmsError::Refused {
        message,
        request_id: text(&metadata, "requestId"),
        retryable: says_retry || failed_inside || known.is_some_and(FaultCode::is_retryable),
        code: name,
    }
}

fn take_plaintext(response: &JsValue) -> Result<SecretBlob, KmsError> {
    let array = bytes(response, "Plaintext").ok_or_else(|| not_a_response("Plaintext", "Uint8Array"))?;
    Ok(SecretBlob(take_secret(&array)))
}

/// Copies a secret in once and overwrites the array, whose job is done.
pub(crate) fn take_secret(array: &Uint8Array) -> Zeroizing<Vec<u8>> {
    let secret = Zeroizing::new(array.to_vec());
    wipe(array);
    secret
}

/// An array whose buffer was transferred away has no bytes, and `fill` would throw.
pub(crate) fn wipe(array: &Uint8Array) {
    if array.length() > 0 {
        array.fill(0, 0, array.length());
    }
}

fn ciphertext(response: &JsValue) -> Result<Blob, KmsError> {
    let array = bytes(response, "CiphertextBlob").ok_or_else(|| not_a_response("CiphertextBlob", "Uint8Array"))?;
    Ok(Blob(array.to_vec()))
}

fn key_id(response: &JsValue) -> Result<String, KmsError> {
    text(response, "KeyId").ok_or_else(|| not_a_response("KeyId", "string"))
}

fn not_a_response(member: &str, kind: &str) -> KmsError {
    KmsError::Unavailable { reason: format!("its response has no `{member}` that is a {kind}") }
}

fn texts(list: &[String]) -> JsValue {
    if list.is_empty() {
        return JsValue::UNDEFINED;
    }
    list.iter().map(JsValue::from).collect::<Array>().into()
}
