//! CreateKey: a key in the caller's account, with its first generation of material, or without any if its owner brings that.

use serde_json::{Value, json};
use waxseal_base::event::Kind;
use waxseal_kms_api::calls::{CreateKeyRequest, CreateKeyResponse, KeyMetadata, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{On, Operate, Permission, Target};
use crate::conditions::add_key_kind;
use crate::ids::{make_multi_region_id, make_uuid};
use crate::key_policy::{self, default_policy};
use crate::key_record::KeyRecord;
use crate::key_spec::{KeySpec, KeyUsage, Origin, SYMMETRIC_DEFAULT};
use crate::material::make_material;
use crate::multi_region::{MultiRegion, PRIMARY};
use crate::refusals::{failed, unsupported};
use crate::scene::Scene;
use crate::states::KeyState;
use crate::tags;
use crate::validation::{Validation, invalid};

impl Operate for CreateKeyRequest {
    fn operation(&self) -> Operation {
        Operation::CreateKey
    }

    fn validate(&self) -> Result<(), Fault> {
        let mut validation = Validation::new()
            .length("description", self.description.as_ref().map_or(0, |text| text.chars().count()), 0..=8192)
            .one_of("keyUsage", self.key_usage.as_deref(), KeyUsage::NAMES)
            .one_of("keySpec", self.key_spec.as_deref(), KeySpec::NAMES)
            .one_of("customerMasterKeySpec", self.customer_master_key_spec.as_deref(), KeySpec::NAMES)
            .one_of("origin", self.origin.as_deref(), Origin::NAMES);
        if let Some(policy) = &self.policy {
            validation = key_policy::limits(validation, policy);
        }
        tags::limits(validation, &self.tags).finish()?;
        tags::check(&self.tags)?;
        check_supported(self)
    }

    fn target(&self) -> Target<'_> {
        Target::NoKey
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let record = make_record(self, scene)?;
        let arn = record.arn();
        let bypass = self.bypass_policy_lockout_safety_check == Some(true);
        key_policy::check(scene, self, &arn, &record.policy, bypass)?;
        let response = CreateKeyResponse { key_metadata: record.metadata() };
        let state = record.state;
        scene.add_key(record)?;
        scene.observer.emit(|_| Kind::KeyStateChanged { key_arn: arn.to_string(), before: None, after: state.name().into() });
        Ok(response.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({
            "policy": self.policy,
            "description": self.description,
            "keyUsage": self.key_usage.as_deref().unwrap_or(KeyUsage::EncryptDecrypt.name()),
            "keySpec": key_spec(self),
            "customerMasterKeySpec": self.customer_master_key_spec,
            "origin": self.origin.as_deref().unwrap_or(Origin::AwsKms.name()),
            "multiRegion": self.multi_region.unwrap_or(false),
            "bypassPolicyLockoutSafetyCheck": self.bypass_policy_lockout_safety_check,
            "tags": tags::audited(&self.tags),
        })
    }

    fn audit_response(&self, response: &Response) -> Value {
        match response {
            Response::CreateKey(response) => json!({ "keyMetadata": audited_metadata(&response.key_metadata) }),
            _ => Value::Null,
        }
    }

    fn permissions(&self) -> Vec<Permission<'_>> {
        let tagging = if self.tags.is_empty() { None } else { Some("kms:TagResource") };
        std::iter::once("kms:CreateKey").chain(tagging).map(|action| Permission::new(action, On::Key)).collect()
    }

    fn add_conditions(&self, _scene: &Scene<'_>, context: &mut Context) {
        let usage = self.key_usage.as_deref().unwrap_or(KeyUsage::EncryptDecrypt.name());
        let origin = self.origin.as_deref().unwrap_or(Origin::AwsKms.name());
        add_key_kind(context, key_spec(self), usage, origin, self.multi_region.unwrap_or(false));
        context.insert_all("kms:BypassPolicyLockoutSafetyCheck", self.bypass_policy_lockout_safety_check.map(|bypass| bypass.to_string()));
        context.insert_all("kms:MultiRegionKeyType", (self.multi_region == Some(true)).then_some(PRIMARY));
        tags::add_conditions(context, &self.tags);
    }
}

/// A new key, as the audit log shows it.
pub(super) fn audited_metadata(key: &KeyMetadata) -> Value {
    json!({
        "aWSAccountId": key.aws_account_id,
        "keyId": key.key_id,
        "arn": key.arn,
        "enabled": key.enabled,
        "description": key.description,
        "keyUsage": key.key_usage,
        "keySpec": key.key_spec,
        "keyState": key.key_state,
        "origin": key.origin,
        "multiRegion": key.multi_region,
        "currentKeyMaterialId": key.current_key_material_id,
    })
}

fn make_record(request: &CreateKeyRequest, scene: &Scene<'_>) -> Result<KeyRecord, Fault> {
    let Wanted { spec, usage, origin } = Wanted::of(request)?;
    let engine = scene.engine;
    let account = scene.call.caller.account().ok_or_else(|| unsupported("a service has no account to make a key in"))?;
    let is_multi_region = request.multi_region == Some(true);
    let make_key_id = if is_multi_region { make_multi_region_id } else { make_uuid };
    let id = make_key_id(&engine.env).map_err(failed)?;
    let policy = request.policy.clone().unwrap_or_else(|| default_policy(&engine.partition, account));
    let (state, materials) = match origin {
        Origin::External => (KeyState::PendingImport, Vec::new()),
        _ => (KeyState::Enabled, vec![make_material(engine, &id, spec, scene.now, None, scene.observer)?]),
    };
    Ok(KeyRecord {
        materials,
        pending_material: None,
        id,
        partition: engine.partition.clone(),
        region: scene.region.into(),
        account: account.into(),
        created: scene.now,
        description: request.description.clone().unwrap_or_default(),
        key_usage: usage,
        key_spec: spec,
        origin,
        service: None,
        multi_region: is_multi_region.then(|| MultiRegion::primary_in(scene.region)),
        state,
        deletion_date: None,
        pending_window_in_days: None,
        rotation: None,
        on_demand_rotation: None,
        policy,
        tags: request.tags.clone(),
        aliases: Vec::new(),
        grants: Vec::new(),
        next_grant: 0,
    })
}

/// What kind of key is asked for.
struct Wanted {
    spec: KeySpec,
    usage: KeyUsage,
    origin: Origin,
}

impl Wanted {
    /// Reads the names; those of `validate` are known to be AWS's.
    fn of(request: &CreateKeyRequest) -> Result<Self, Fault> {
        let spec = KeySpec::from_name(key_spec(request)).unwrap_or(KeySpec::SymmetricDefault);
        let usage = match request.key_usage.as_deref().and_then(KeyUsage::from_name) {
            Some(usage) => usage,
            None if spec == KeySpec::SymmetricDefault => KeyUsage::EncryptDecrypt,
            None => return Err(invalid("You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.")),
        };
        if !spec.usages().contains(&usage) {
            return Err(invalid(format!("KeyUsage {usage} is not compatible with KeySpec {spec}")));
        }
        Ok(Self { spec, usage, origin: request.origin.as_deref().and_then(Origin::from_name).unwrap_or(Origin::AwsKms) })
    }
}

fn key_spec(request: &CreateKeyRequest) -> &str {
    request.key_spec.as_deref().or(request.customer_master_key_spec.as_deref()).unwrap_or(SYMMETRIC_DEFAULT)
}

/// Refuses what AWS KMS could make and this engine can not.
fn check_supported(request: &CreateKeyRequest) -> Result<(), Fault> {
    if request.key_spec.is_some() && request.customer_master_key_spec.is_some() {
        return Err(invalid(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.",
        ));
    }
    let Wanted { spec, origin, .. } = Wanted::of(request)?;
    match request {
        _ if spec == KeySpec::Sm2 => Err(unsupported("this KMS makes no `SM2` keys: ask for another `KeySpec`")),
        _ if !matches!(origin, Origin::AwsKms | Origin::External) => {
            Err(unsupported(format!("this KMS has no key stores, so no key has the origin `{origin}`: ask for `AWS_KMS` or `EXTERNAL`")))
        }
        _ if request.custom_key_store_id.is_some() => Err(unsupported("this KMS has no custom key stores: leave out `CustomKeyStoreId`")),
        _ if request.xks_key_id.is_some() => Err(unsupported("this KMS has no external key stores: leave out `XksKeyId`")),
        _ => Ok(()),
    }
}
