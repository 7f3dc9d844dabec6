//! Which key a request means: by its name, by its alias, by a grant on it, or by the one that its ciphertext carries.

use std::sync::Arc;

use waxseal_base::event::NamedBy;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::key_ref::KeyRef;

use crate::alias_record::alias_arn;
use crate::blob::CiphertextBlob;
use crate::cache::Opened;
use crate::grants::key_and_grant_of_token;
use crate::ids::is_key_id;
use crate::key_record::Key;
use crate::managed_key::record_for;
use crate::operations::Target;
use crate::refusals::{ciphertext_of_no_key, invalid_ciphertext, invalid_key_id, no_such_key, unknown_grant_token};
use crate::scene::{LoadedKey, Scene, UNWRITTEN};

/// The key that a request is about, if it is about one.
pub(crate) fn resolve(scene: &Scene<'_>, target: &Target<'_>) -> Result<Option<LoadedKey>, Fault> {
    match *target {
        Target::NoKey => Ok(None),
        Target::Key(key_id) => by_id(scene, key_id).map(Some),
        Target::KeyOrAlias(name) => by_name(scene, name).map(Some),
        Target::Alias(name) => by_alias(scene, &alias_arn(scene.engine, scene.region, account(scene), name)).map(Some),
        Target::Ciphertext(blob) => by_ciphertext(scene, blob).map(Some),
        Target::Grant { key_id, grant_id } => by_grant(scene, key_id, grant_id).map(Some),
        Target::Token(token) => by_token(scene, token).map(Some),
        Target::Replica(region) => replica(scene, region),
    }
}

/// The key of that id or ARN. A bare id is one of the caller's account.
pub(crate) fn by_id(scene: &Scene<'_>, name: &str) -> Result<LoadedKey, Fault> {
    match name.parse().map_err(|_| invalid_key_id(name))? {
        KeyRef::AliasName(_) | KeyRef::AliasArn(_) => Err(invalid_key_id(name)),
        _ => by_name(scene, name),
    }
}

/// The key of that id, ARN, alias name or alias ARN. A bare id or alias name is one of the caller's account.
fn by_name(scene: &Scene<'_>, name: &str) -> Result<LoadedKey, Fault> {
    let arn = match name.parse().map_err(|_| invalid_key_id(name))? {
        KeyRef::Id(id) if is_key_id(&id) => {
            let arn = Arn::kms_key(&scene.engine.partition, scene.region, account(scene), &id);
            return by_arn(scene, &arn, NamedBy::Id);
        }
        KeyRef::Id(id) => return Err(invalid_key_id(&id)),
        KeyRef::Arn(arn) => return by_arn(scene, &arn, NamedBy::Arn),
        KeyRef::AliasName(name) => alias_arn(scene.engine, scene.region, account(scene), &name),
        KeyRef::AliasArn(arn) => arn,
    };
    let key = match by_alias(scene, &arn) {
        Err(unknown) if unknown.code == FaultCode::NotFoundException => by_service(scene, &arn)?.ok_or(unknown)?,
        found => found?,
    };
    Ok(LoadedKey { alias: Some(arn.resource), ..key })
}

fn by_arn(scene: &Scene<'_>, arn: &Arn, named_by: NamedBy) -> Result<LoadedKey, Fault> {
    check_region(scene, arn)?;
    let found = scene.load(arn.resource_id(), named_by)?.filter(|key| key.record.arn() == *arn);
    found.ok_or_else(|| no_such_key(&arn.to_string()))
}

/// The key that an alias names.
fn by_alias(scene: &Scene<'_>, arn: &Arn) -> Result<LoadedKey, Fault> {
    check_region(scene, arn)?;
    let unknown = || Fault::new(FaultCode::NotFoundException, format!("Alias {arn} is not found."));
    let (alias, _) = scene.alias(arn)?.filter(|_| arn.partition == scene.engine.partition).ok_or_else(unknown)?;
    scene.load(&alias.key_id, NamedBy::Alias)?.ok_or_else(unknown)
}

/// The key that appears because a service asks for it. A request that asks for it twice means one key.
fn by_service(scene: &Scene<'_>, alias: &Arn) -> Result<Option<LoadedKey>, Fault> {
    let same = scene.key().ok().filter(|key| key.service.is_some() && key.aliases.contains(&alias.resource)).cloned();
    let record = match same {
        Some(record) => Some(record),
        None => record_for(scene, alias)?,
    };
    Ok(record.map(|record| LoadedKey { record: Arc::new(Key::open(record)), version: UNWRITTEN, named_by: NamedBy::Alias, alias: None }))
}

/// The key that a ciphertext names, of whatever account: it is for the key's policy to decide who may use it.
fn by_ciphertext(scene: &Scene<'_>, blob: &[u8]) -> Result<LoadedKey, Fault> {
    let blob = CiphertextBlob::read(blob).map_err(|_| invalid_ciphertext())?;
    if !is_key_id(&blob.header.key_id) {
        return Err(invalid_ciphertext());
    }
    scene.load(&blob.header.key_id, NamedBy::Ciphertext)?.ok_or_else(ciphertext_of_no_key)
}

/// The key of that id or ARN, if that grant is on it.
fn by_grant(scene: &Scene<'_>, key_id: &str, grant_id: &str) -> Result<LoadedKey, Fault> {
    let key = by_id(scene, key_id)?;
    let is_there = key.record.living_grants().any(|grant| grant.id == grant_id && grant.is_seen(scene.engine, scene.now));
    match is_there {
        true => Ok(key),
        false => Err(Fault::new(FaultCode::NotFoundException, format!("Grant ID {grant_id} not found"))),
    }
}

/// The key that a genuine token of a living grant is about.
fn by_token(scene: &Scene<'_>, token: &str) -> Result<LoadedKey, Fault> {
    let (key_id, grant_id) = key_and_grant_of_token(&scene.engine.root_key, token).ok_or_else(unknown_grant_token)?;
    let key = scene.load(&key_id, NamedBy::Id)?.filter(|key| key.record.living_grants().any(|grant| grant.id == grant_id));
    key.ok_or_else(unknown_grant_token)
}

/// The replica in that region of the key that the scene has already.
fn replica(scene: &Scene<'_>, region: &str) -> Result<Option<LoadedKey>, Fault> {
    let key = scene.key()?;
    let is_replica = key.is_primary() && key.multi_region.as_ref().is_some_and(|family| family.replicas.iter().any(|own| own == region));
    if is_replica { scene.load_in(region, &key.id, NamedBy::Id) } else { Ok(None) }
}

fn account<'a>(scene: &Scene<'a>) -> &'a str {
    scene.call.caller.account().unwrap_or_default()
}

fn check_region(scene: &Scene<'_>, arn: &Arn) -> Result<(), Fault> {
    match arn.region == scene.region {
        true => Ok(()),
        false => Err(Fault::new(FaultCode::NotFoundException, format!("Invalid arn {}", arn.region))),
    }
}
