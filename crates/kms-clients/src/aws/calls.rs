//! The operations: what each one's request has in it, and what is read of its answer.

use waxseal_base::observer::Observer;
use waxseal_base::threading::BoxFuture;
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{
    DecryptRequest, DecryptResponse, DescribeKeyRequest, DescribeKeyResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest,
    GenerateDataKeyResponse, ReEncryptRequest, ReEncryptResponse,
};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::kms::KmsError;
use waxseal_kms_api::operation::Operation;

use super::{Asked, AwsKms};
use crate::as_kms::as_kms;
use crate::check::{DryRuns, some_bytes};
use crate::error::ClientError;
use crate::json::{Members, Object};
use crate::own_data_key::data_key_len;

as_kms!(AwsKms, DryRuns::Sent);

/// What AWS KMS does besides.
impl AwsKms {
    /// Wraps anew, under another key or encryption context, without anything in the clear. It is asked for in the region of the destination's ARN; the
    /// source, if it is named by one too, has to be in that region or be a multi-Region key.
    pub async fn re_encrypt(&self, request: ReEncryptRequest) -> Result<ReEncryptResponse, ClientError> {
        let body = ciphertext(&request.ciphertext_blob, &request.dry_run_modifiers)?;
        let body = context(body, "SourceEncryptionContext", &request.source_encryption_context);
        let body = context(body, "DestinationEncryptionContext", &request.destination_encryption_context);
        let body = maybe_text(body, "SourceEncryptionAlgorithm", request.source_encryption_algorithm.as_deref());
        let body = maybe_text(body, "DestinationEncryptionAlgorithm", request.destination_encryption_algorithm.as_deref());
        let body = rest(body, &request.grant_tokens, request.dry_run);
        let body = list(body, "DryRunModifiers", &request.dry_run_modifiers);
        let destination = Asked { member: "DestinationKeyId", ..key(Some(&request.destination_key_id)) };
        let source = Asked { member: "SourceKeyId", key_id: request.source_key_id.as_deref(), used: |members| members.text("SourceKeyId") };
        self.ask(Operation::ReEncrypt, [destination, source], body, |members, [key_id, source_key_id]| {
            Ok(ReEncryptResponse {
                ciphertext_blob: Blob(members.bytes("CiphertextBlob")?.to_vec()),
                source_key_id,
                key_id,
                source_encryption_algorithm: members.maybe_text("SourceEncryptionAlgorithm"),
                destination_encryption_algorithm: members.maybe_text("DestinationEncryptionAlgorithm"),
                source_key_material_id: members.maybe_text("SourceKeyMaterialId"),
                destination_key_material_id: members.maybe_text("DestinationKeyMaterialId"),
            })
        })
        .await
    }

    /// What AWS tells about a key; about a replica of it, if its own region does not answer.
    pub async fn describe_key(&self, request: DescribeKeyRequest) -> Result<DescribeKeyResponse, ClientError> {
        let body = rest(Object::new(), &request.grant_tokens, None);
        let described = Asked { used: |members| members.object("KeyMetadata")?.text("Arn"), ..key(Some(&request.key_id)) };
        let read = |members: &Members<'_>, _| Ok(DescribeKeyResponse { key_metadata: members.parsed("KeyMetadata")? });
        self.ask(Operation::DescribeKey, [described], body, read).await
    }

    async fn make(&self, request: GenerateDataKeyRequest, _: &Observer) -> Result<GenerateDataKeyResponse, ClientError> {
        let len = data_key_len(&request)?;
        let body = Object::new().and(request.number_of_bytes, |body, _| body.number("NumberOfBytes", len));
        let body = maybe_text(body, "KeySpec", request.key_spec.as_deref());
        let body = context(body, "EncryptionContext", &request.encryption_context);
        let body = rest(body, &request.grant_tokens, request.dry_run);
        self.ask(Operation::GenerateDataKey, [key(Some(&request.key_id))], body, |members, [key_id]| {
            Ok(GenerateDataKeyResponse {
                plaintext: SecretBlob(members.data_key("Plaintext", len)?),
                ciphertext_blob: Blob(members.bytes("CiphertextBlob")?.to_vec()),
                key_id,
                key_material_id: members.maybe_text("KeyMaterialId"),
            })
        })
        .await
    }

    async fn seal(&self, request: EncryptRequest) -> Result<EncryptResponse, ClientError> {
        let body = Object::new().bytes("Plaintext", some_bytes(&request.plaintext.0, "Plaintext")?);
        let body = context(body, "EncryptionContext", &request.encryption_context);
        let body = rest(body, &request.grant_tokens, request.dry_run);
        let body = maybe_text(body, "EncryptionAlgorithm", request.encryption_algorithm.as_deref());
        self.ask(Operation::Encrypt, [key(Some(&request.key_id))], body, |members, [key_id]| {
            let ciphertext_blob = Blob(members.bytes("CiphertextBlob")?.to_vec());
            Ok(EncryptResponse { ciphertext_blob, key_id, encryption_algorithm: members.maybe_text("EncryptionAlgorithm") })
        })
        .await
    }

    async fn open(&self, request: DecryptRequest) -> Result<DecryptResponse, ClientError> {
        let body = ciphertext(&request.ciphertext_blob, &request.dry_run_modifiers)?;
        let body = context(body, "EncryptionContext", &request.encryption_context);
        let body = rest(body, &request.grant_tokens, request.dry_run);
        let body = list(body, "DryRunModifiers", &request.dry_run_modifiers);
        let body = maybe_text(body, "EncryptionAlgorithm", request.encryption_algorithm.as_deref());
        self.ask(Operation::Decrypt, [key(request.key_id.as_deref())], body, |members, [key_id]| {
            Ok(DecryptResponse {
                plaintext: SecretBlob(members.bytes("Plaintext")?),
                key_id,
                key_material_id: members.maybe_text("KeyMaterialId"),
                encryption_algorithm: members.maybe_text("EncryptionAlgorithm"),
            })
        })
        .await
    }
}

/// The key that most requests name.
fn key(key_id: Option<&str>) -> Asked<'_> {
    Asked { member: "KeyId", key_id, used: |members| members.text("KeyId") }
}

/// Only a dry run that does not look at one goes without.
fn ciphertext(blob: &Blob, dry_run_modifiers: &[String]) -> Result<Object, ClientError> {
    match (blob.0.is_empty(), dry_run_modifiers) {
        (true, [_, ..]) => Ok(Object::new()),
        _ => Ok(Object::new().bytes("CiphertextBlob", some_bytes(&blob.0, "CiphertextBlob")?)),
    }
}

/// The members that all requests have.
fn rest(body: Object, grant_tokens: &[String], dry_run: Option<bool>) -> Object {
    list(body, "GrantTokens", grant_tokens).and(dry_run, |body, dry_run| body.boolean("DryRun", dry_run))
}

fn context(body: Object, name: &str, context: &EncryptionContext) -> Object {
    body.and(Some(context).filter(|context| !context.is_empty()), |body, context| body.context(name, context))
}

fn list(body: Object, name: &str, texts: &[String]) -> Object {
    body.and(Some(texts).filter(|texts| !texts.is_empty()), |body, texts| body.list(name, texts))
}

fn maybe_text(body: Object, name: &str, text: Option<&str>) -> Object {
    body.and(text, |body, text| body.text(name, text))
}
