//! AWS managed keys: `alias/aws/<service>` is a key of an account that appears when that service first asks for it on behalf of somebody there. Its
//! policy admits nobody who does not come through the service, and nobody at all to change the key.

use waxseal_base::event::Kind;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::fault::Fault;

use crate::alias_record::{AliasRecord, alias_arn};
use crate::ids::make_uuid;
use crate::key_record::{KeyRecord, Rotation};
use crate::key_spec::{KeySpec, KeyUsage, Origin};
use crate::material::make_material;
use crate::refusals::failed;
use crate::scene::{LoadedKey, Scene};
use crate::states::KeyState;

/// The key that an alias will name, if the service that it is for asks for it; without material yet.
pub(crate) fn record_for(scene: &Scene<'_>, alias: &Arn) -> Result<Option<KeyRecord>, Fault> {
    let is_own = |account: &&str| *alias == alias_arn(scene.engine, scene.region, account, &alias.resource);
    let account = scene.call.caller.account().filter(is_own);
    let service = alias.resource.strip_prefix(ALIAS_PREFIX).filter(|service| comes_through(scene, service));
    let (Some(account), Some(service)) = (account, service) else { return Ok(None) };
    let partition = &scene.engine.partition;
    Ok(Some(KeyRecord {
        id: make_uuid(&scene.engine.env).map_err(failed)?,
        partition: partition.clone(),
        region: scene.region.into(),
        account: account.into(),
        created: scene.now,
        description: format!("Default key that protects my {} data when no other key is defined", title(service)),
        key_usage: KeyUsage::EncryptDecrypt,
        key_spec: KeySpec::SymmetricDefault,
        origin: Origin::AwsKms,
        service: Some(service.into()),
        multi_region: None,
        state: KeyState::Enabled,
        deletion_date: None,
        pending_window_in_days: None,
        policy: policy(partition, account, service, &via(scene, service)),
        tags: Vec::new(),
        aliases: vec![alias.resource.clone()],
        rotation: Some(Rotation { period_in_days: ROTATION_PERIOD, next: scene.now.plus_days(ROTATION_PERIOD) }),
        on_demand_rotation: None,
        materials: Vec::new(),
        pending_material: None,
        grants: Vec::new(),
        next_grant: 0,
    }))
}

/// Writes a key down that a request brought about, with its first material and its alias.
pub(crate) fn write(scene: &mut Scene<'_>, key: LoadedKey) -> Result<LoadedKey, Fault> {
    let mut record = KeyRecord::clone(&key.record);
    record.materials.push(make_material(scene.engine, &record.id, record.key_spec, scene.now, None, scene.observer)?);
    let key_arn = record.arn();
    let written = scene.write_key(None, &record)?;
    scene.observer.emit(|_| Kind::KeyStateChanged { key_arn: key_arn.to_string(), before: None, after: record.state.name().into() });
    for name in &record.aliases {
        let alias = AliasRecord { name: name.clone(), key_id: record.id.clone(), created: scene.now, updated: scene.now };
        let alias_arn = alias_arn(scene.engine, &record.region, &record.account, name);
        scene.write_alias(&alias_arn, &alias, None)?;
        scene.observer.emit(|_| Kind::AliasSet { alias_arn: alias_arn.to_string(), key_arn: key_arn.to_string() });
    }
    Ok(LoadedKey { record: written, version: 1, ..key })
}

fn comes_through(scene: &Scene<'_>, service: &str) -> bool {
    scene.call.via_service.as_deref() == Some(&via(scene, service))
}

/// What `kms:ViaService` has for requests through a service. EBS's come through EC2.
fn via(scene: &Scene<'_>, service: &str) -> String {
    let service = if service == "ebs" { "ec2" } else { service };
    let suffix = if scene.engine.partition == "aws-cn" { ".cn" } else { "" };
    format!("{service}.{}.amazonaws.com{suffix}", scene.region)
}

/// In AWS's form: S3 makes no grants, the others do.
fn policy(partition: &str, account: &str, service: &str, via: &str) -> String {
    let title = title(service);
    let (create_grant, revoke_grant) = if service == "s3" { ("", "") } else { (r#""kms:CreateGrant", "#, r#", "kms:RevokeGrant""#) };
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "auto-{service}-2",
  "Statement" : [ {{
    "Sid" : "Allow access through {title} for all principals in the account that are authorized to use {title}",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "*"
    }},
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", {create_grant}"kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : {{
      "StringEquals" : {{
        "kms:CallerAccount" : "{account}",
        "kms:ViaService" : "{via}"
      }}
    }}
  }}, {{
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:{partition}:iam::{account}:root"
    }},
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*"{revoke_grant} ],
    "Resource" : "*"
  }} ]
}}"#
    )
}

/// A service as people write it: short names are abbreviations.
fn title(service: &str) -> String {
    if service.len() <= 3 { service.to_ascii_uppercase() } else { service.into() }
}

/// What the names of their aliases begin with.
const ALIAS_PREFIX: &str = "alias/aws/";
const ROTATION_PERIOD: u32 = 365;
