//! The operations, one file each: a file holds only how its request is checked and what it does. All else is the pipeline's.

mod cancel_key_deletion;
mod create_alias;
mod create_grant;
mod create_key;
mod decapsulate;
mod decrypt;
mod delete_alias;
mod delete_imported_key_material;
mod derive_shared_secret;
mod describe_key;
mod disable_key;
mod disable_key_rotation;
mod enable_key;
mod enable_key_rotation;
mod encapsulate;
mod encrypt;
mod generate_data_key;
mod generate_data_key_pair;
mod generate_data_key_pair_without_plaintext;
mod generate_data_key_without_plaintext;
mod generate_mac;
mod generate_random;
mod get_key_last_usage;
mod get_key_policy;
mod get_key_rotation_status;
mod get_parameters_for_import;
mod get_public_key;
mod import_key_material;
mod list_aliases;
mod list_grants;
mod list_key_policies;
mod list_key_rotations;
mod list_keys;
mod list_resource_tags;
mod list_retirable_grants;
mod put_key_policy;
mod re_encrypt;
mod replicate_key;
mod retire_grant;
mod revoke_grant;
mod rotate_key_on_demand;
mod schedule_key_deletion;
mod sign;
mod tag_resource;
mod untag_resource;
mod update_alias;
mod update_key_description;
mod update_primary_region;
mod verify;
mod verify_mac;

use serde_json::Value;
use waxseal_kms_api::calls::{Request, Response};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::{Context, GrantChange};

use crate::scene::Scene;

/// What an operation adds to the pipeline, asked of its request.
pub(crate) trait Operate {
    /// Which operation.
    fn operation(&self) -> Operation;

    /// Checks what can be checked without looking at any record.
    fn validate(&self) -> Result<(), Fault>;

    /// Which key it is about.
    fn target(&self) -> Target<'_>;

    /// Does it. The key is there, the caller may, and the key's state permits it.
    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault>;

    /// The request as the audit log shows it, in CloudTrail's names: no secret, no ciphertext, no token.
    fn audit_parameters(&self) -> Value;

    /// The response as the audit log shows it.
    fn audit_response(&self, _response: &Response) -> Value {
        Value::Null
    }

    /// Refuses a dry run as the real run would be refused.
    fn rehearse(&self, _scene: &Scene<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// Whether it is only to be checked.
    fn is_dry_run(&self) -> bool {
        false
    }

    /// A second key that it is about.
    fn other_target(&self) -> Target<'_> {
        Target::NoKey
    }

    /// What the caller must be allowed, in the order in which it is asked.
    fn permissions(&self) -> Vec<Permission<'_>> {
        let encryption_context = self.encryption_context();
        let condition_context = self.condition_context();
        vec![Permission { encryption_context, condition_context, ..Permission::new(self.operation().action(), On::Key) }]
    }

    /// Tokens of grants that may be too new to be seen everywhere.
    fn grant_tokens(&self) -> &[String] {
        &[]
    }

    /// The encryption context of the request.
    fn encryption_context(&self) -> Option<&EncryptionContext> {
        None
    }

    /// The pairs that `kms:EncryptionContext:…` shows to policies.
    fn condition_context(&self) -> Option<&EncryptionContext> {
        self.encryption_context()
    }

    /// What it would change about grants.
    fn grant_change(&self) -> Option<GrantChange<'_>> {
        None
    }

    /// Condition keys that only this operation has.
    fn add_conditions(&self, _scene: &Scene<'_>, _context: &mut Context) {}

    /// Bytes of its main input, where it has one.
    fn input_len(&self) -> Option<usize> {
        None
    }
}

/// Members that many requests have under the same name, as the pipeline asks for them.
macro_rules! members {
    (@dry_run) => {
        fn is_dry_run(&self) -> bool {
            self.dry_run == Some(true)
        }
    };
    (@grant_tokens) => {
        fn grant_tokens(&self) -> &[String] {
            &self.grant_tokens
        }
    };
    (@encryption_context) => {
        fn encryption_context(&self) -> Option<&waxseal_kms_api::encryption_context::EncryptionContext> {
            Some(&self.encryption_context)
        }
    };
    ($($member:ident),*) => { $(members!(@$member);)* };
}
use members;

/// Which key a request is about.
pub(crate) enum Target<'a> {
    /// None that exists.
    NoKey,
    /// The one of that id or ARN.
    Key(&'a str),
    /// The one of that id, ARN, alias name or alias ARN.
    KeyOrAlias(&'a str),
    /// The one that this alias of the caller's account names; what happens is about the alias, so the key may be in any state.
    Alias(&'a str),
    /// The one that this ciphertext names.
    Ciphertext(&'a [u8]),
    /// The one of that id or ARN, on which that grant is.
    Grant { key_id: &'a str, grant_id: &'a str },
    /// The one that this grant token is about.
    Token(&'a str),
    /// The replica, in that region, of the key that the request is about; none if it has none there.
    Replica(&'a str),
}

/// One thing that the caller must be allowed.
pub(crate) struct Permission<'a> {
    /// Such as `kms:Decrypt`.
    pub(crate) action: &'static str,
    pub(crate) on: On<'a>,
    /// The encryption context, for the constraints of grants.
    pub(crate) encryption_context: Option<&'a EncryptionContext>,
    /// The pairs that `kms:EncryptionContext:…` shows to policies.
    pub(crate) condition_context: Option<&'a EncryptionContext>,
    /// `kms:EncryptionAlgorithm`, where the parts of a request differ in it.
    pub(crate) encryption_algorithm: Option<&'a str>,
}

impl<'a> Permission<'a> {
    /// One that has nothing to do with an encryption context.
    pub(crate) fn new(action: &'static str, on: On<'a>) -> Self {
        Self { action, on, encryption_context: None, condition_context: None, encryption_algorithm: None }
    }
}

/// What a permission is for.
#[derive(Clone, Copy)]
pub(crate) enum On<'a> {
    /// The key, or no key at all for an operation without one.
    Key,
    /// The second key, if it is there.
    OtherKey,
    /// The replica of the key that is to be made in that region: only identity policies decide about it.
    NewReplica(&'a str),
    /// An alias of the caller's account: only identity policies decide about it.
    Alias(&'a str),
}

/// The operation of a request.
pub(crate) fn operate(request: &Request) -> &dyn Operate {
    match request {
        Request::CancelKeyDeletion(request) => request,
        Request::CreateAlias(request) => request,
        Request::CreateGrant(request) => request,
        Request::CreateKey(request) => request,
        Request::Decapsulate(request) => request,
        Request::Decrypt(request) => request,
        Request::DeleteAlias(request) => request,
        Request::DeleteImportedKeyMaterial(request) => request,
        Request::DeriveSharedSecret(request) => request,
        Request::DescribeKey(request) => request,
        Request::DisableKey(request) => request,
        Request::DisableKeyRotation(request) => request,
        Request::EnableKey(request) => request,
        Request::EnableKeyRotation(request) => request,
        Request::Encapsulate(request) => request,
        Request::Encrypt(request) => request,
        Request::GenerateDataKey(request) => request,
        Request::GenerateDataKeyPair(request) => request,
        Request::GenerateDataKeyPairWithoutPlaintext(request) => request,
        Request::GenerateDataKeyWithoutPlaintext(request) => request,
        Request::GenerateMac(request) => request,
        Request::GenerateRandom(request) => request,
        Request::GetKeyLastUsage(request) => request,
        Request::GetKeyPolicy(request) => request,
        Request::GetKeyRotationStatus(request) => request,
        Request::GetParametersForImport(request) => request,
        Request::GetPublicKey(request) => request,
        Request::ImportKeyMaterial(request) => request,
        Request::ListAliases(request) => request,
        Request::ListGrants(request) => request,
        Request::ListKeyPolicies(request) => request,
        Request::ListKeyRotations(request) => request,
        Request::ListKeys(request) => request,
        Request::ListResourceTags(request) => request,
        Request::ListRetirableGrants(request) => request,
        Request::PutKeyPolicy(request) => request,
        Request::ReEncrypt(request) => request,
        Request::ReplicateKey(request) => request,
        Request::RetireGrant(request) => request,
        Request::RevokeGrant(request) => request,
        Request::RotateKeyOnDemand(request) => request,
        Request::ScheduleKeyDeletion(request) => request,
        Request::Sign(request) => request,
        Request::TagResource(request) => request,
        Request::UntagResource(request) => request,
        Request::UpdateAlias(request) => request,
        Request::UpdateKeyDescription(request) => request,
        Request::UpdatePrimaryRegion(request) => request,
        Request::Verify(request) => request,
        Request::VerifyMac(request) => request,
    }
}

/// Bytes of a response's main output, where it has one: what the request was made for.
pub(crate) fn output_len(response: &Response) -> Option<usize> {
    match response {
        Response::Encrypt(response) => Some(response.ciphertext_blob.0.len()),
        Response::GenerateDataKey(response) => Some(response.ciphertext_blob.0.len()),
        Response::GenerateDataKeyWithoutPlaintext(response) => Some(response.ciphertext_blob.0.len()),
        Response::GenerateMac(response) => Some(response.mac.0.len()),
        Response::GetPublicKey(response) => Some(response.public_key.0.len()),
        Response::Sign(response) => Some(response.signature.0.len()),
        Response::GenerateDataKeyPair(response) => Some(response.private_key_ciphertext_blob.0.len()),
        Response::GenerateDataKeyPairWithoutPlaintext(response) => Some(response.private_key_ciphertext_blob.0.len()),
        Response::ReEncrypt(response) => Some(response.ciphertext_blob.0.len()),
        Response::Decrypt(response) => Some(response.plaintext.0.len()),
        Response::DeriveSharedSecret(response) => Some(response.shared_secret.0.len()),
        Response::Encapsulate(response) => Some(response.shared_secret_ciphertext_blob.0.len()),
        Response::Decapsulate(response) => Some(response.shared_secret.0.len()),
        Response::GenerateRandom(response) => Some(response.plaintext.0.len()),
        _ => None,
    }
}
