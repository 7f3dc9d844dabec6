//! The condition keys of a request: what policies can ask about it.

use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::fault::Fault;
use waxseal_policy::{Caller, CallerKind, Context};

use crate::authorization::{Home, account_of};
use crate::engine::RequestContext;
use crate::key_record::KeyRecord;
use crate::multi_region::REPLICA;
use crate::operations::{On, Permission};
use crate::primitives::digest;
use crate::scene::{LoadedKey, Scene};

/// The condition keys of a request that any operation has.
pub(crate) fn of(
    scene: &Scene<'_>,
    call: &RequestContext,
    home: &Home,
    key: Option<&LoadedKey>,
    permission: &Permission<'_>,
) -> Result<Context, Fault> {
    let mut context = Context::new();
    add_caller(&mut context, &call.caller);
    add_principal_tags(&mut context, call, home);
    add_request(&mut context, scene, call, permission.on);
    context.insert_all("aws:PrincipalOrgID", home.account.as_ref().and_then(|account| account.organization.as_deref()));
    if let Some(key) = key {
        add_key(&mut context, &key.record);
        context.insert_all("kms:RequestAlias", key.alias.as_deref());
        add_owner(&mut context, scene, call, &key.record.account, home)?;
    }
    if let (On::NewReplica(_), Ok(primary)) = (permission.on, scene.key()) {
        add_key_kind(&mut context, primary.key_spec.name(), primary.key_usage.name(), primary.origin.name(), true);
        context.insert("kms:MultiRegionKeyType", REPLICA);
    }
    if let Some(pairs) = permission.condition_context {
        for (key, value) in pairs.iter() {
            context.insert(format!("kms:EncryptionContext:{key}"), value);
        }
        context.insert_all("kms:EncryptionContextKeys", pairs.iter().map(|(key, _)| key));
    }
    context.insert_all("kms:EncryptionAlgorithm", permission.encryption_algorithm);
    Ok(context)
}

/// What the host says about a request, where the engine does not know it itself.
pub(crate) fn add_vouched(context: &mut Context, call: &RequestContext) {
    for (key, values) in call.vouched.iter() {
        if context.values(key).is_empty() {
            context.insert_all(key, values.iter().map(String::as_str));
        }
    }
}

fn add_caller(context: &mut Context, caller: &Caller) {
    context.insert("aws:PrincipalArn", caller.principal_arn());
    context.insert("aws:PrincipalType", caller.principal_type());
    context.insert("aws:userid", principal_id(caller));
    for key in ["aws:PrincipalAccount", "kms:CallerAccount"] {
        context.insert_all(key, caller.account());
    }
    context.insert_all("aws:username", caller.user_name());
    context.insert("aws:PrincipalIsAWSService", caller.is_service().to_string());
    context.insert_all("aws:PrincipalServiceName", caller.is_service().then(|| caller.arn()));
}

/// The labels of the session, and those of its user or role that it does not replace. Their keys ignore case.
fn add_principal_tags(context: &mut Context, call: &RequestContext, home: &Home) {
    let own = home.principal.iter().flat_map(|principal| &principal.tags);
    let own = own.filter(|(key, _)| !call.session_tags.keys().any(|replaced| replaced.eq_ignore_ascii_case(key)));
    for (key, value) in own.chain(&call.session_tags) {
        context.insert(format!("aws:PrincipalTag/{key}"), value);
    }
}

/// Whose the key is.
fn add_owner(context: &mut Context, scene: &Scene<'_>, call: &RequestContext, owner: &str, home: &Home) -> Result<(), Fault> {
    context.insert("aws:ResourceAccount", owner);
    let is_own = call.caller.account() == Some(owner);
    let account = if is_own { home.account.clone() } else { account_of(scene.engine, scene.store, owner)? };
    context.insert_all("aws:ResourceOrgID", account.as_ref().and_then(|account| account.organization.as_deref()));
    Ok(())
}

fn add_request(context: &mut Context, scene: &Scene<'_>, call: &RequestContext, on: On<'_>) {
    context.insert("aws:CurrentTime", scene.now.to_string());
    context.insert("aws:EpochTime", scene.now.as_millis().div_euclid(1000).to_string());
    context.insert("aws:SecureTransport", call.secure_transport.to_string());
    context.insert(
        "aws:RequestedRegion",
        match on {
            On::NewReplica(region) => region,
            On::OtherKey => scene.other_key().map_or(scene.region, |key| &key.region),
            On::Key | On::Alias(_) => scene.region,
        },
    );
    context.insert_all("aws:SourceIp", call.source_ip.as_deref());
    context.insert_all("aws:UserAgent", call.user_agent.as_deref());
    context.insert_all("kms:ViaService", call.via_service.as_deref());
    context.insert("aws:ViaAWSService", call.via_service.is_some().to_string());
    if let Some(service) = call.via_service.as_deref().map(without_region) {
        for key in ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"] {
            context.insert(key, &service);
        }
    }
    if let Some(source) = &call.source_arn {
        context.insert("aws:SourceArn", source);
        let account = source.parse::<Arn>().map(|arn| arn.account).unwrap_or_default();
        context.insert_all("aws:SourceAccount", Some(account).filter(|account| !account.is_empty()));
    }
}

fn add_key(context: &mut Context, key: &KeyRecord) {
    add_key_kind(context, key.key_spec.name(), key.key_usage.name(), key.origin.name(), key.multi_region.is_some());
    context.insert_all("kms:MultiRegionKeyType", key.multi_region_key_type());
    context.insert_all("kms:ResourceAliases", &key.aliases);
    for tag in &key.tags {
        context.insert(format!("aws:ResourceTag/{}", tag.tag_key), &tag.tag_value);
    }
}

/// What kind of key it is, or will be.
pub(crate) fn add_key_kind(context: &mut Context, spec: &str, usage: &str, origin: &str, multi_region: bool) {
    context.insert("kms:KeySpec", spec);
    context.insert("kms:KeyUsage", usage);
    context.insert("kms:KeyOrigin", origin);
    context.insert("kms:MultiRegion", multi_region.to_string());
    // The names that these had before, which older policies still use.
    context.insert("kms:CustomerMasterKeySpec", spec);
    context.insert("kms:CustomerMasterKeyUsage", usage);
}

/// The name of a service as `aws:CalledVia` has it: `s3.us-east-1.amazonaws.com` is `s3.amazonaws.com`.
fn without_region(service: &str) -> String {
    match service.split('.').collect::<Vec<_>>().as_slice() {
        [name, region, rest @ ..] if *region != "amazonaws" => [&[*name], rest].concat().join("."),
        _ => service.to_owned(),
    }
}

/// The unique id of a principal, in AWS's form: the account for its root user, `AIDA…` for a user, `AROA…:session` for a session of a role,
/// `account:name` for a federated user. AWS draws such ids when a principal is made; here they follow from the ARN.
pub(crate) fn principal_id(caller: &Caller) -> String {
    let account = caller.account().unwrap_or_default();
    match caller.kind() {
        CallerKind::Root => account.to_owned(),
        CallerKind::User { .. } => unique_id("AIDA", caller),
        CallerKind::RoleSession { session, .. } => format!("{}:{session}", unique_id("AROA", caller)),
        CallerKind::FederatedUser { name } => format!("{account}:{name}"),
        CallerKind::Service => caller.arn().to_owned(),
    }
}

fn unique_id(prefix: &str, caller: &Caller) -> String {
    let letters = digest(caller.principal_arn().as_bytes()).into_iter().take(17).map(|byte| match byte % 32 {
        letter @ 0..26 => char::from(b'A'.wrapping_add(letter)),
        digit => char::from(b'2'.wrapping_add(digit.wrapping_sub(26))),
    });
    prefix.chars().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principal_ids_have_awss_form() {
        let id = |arn: &str| principal_id(&Caller::parse(arn).unwrap());
        assert_eq!(id("arn:aws:iam::111122223333:root"), "111122223333");
        assert_eq!(id("arn:aws:sts::111122223333:federated-user/f"), "111122223333:f");
        let bob = id("arn:aws:iam::111122223333:user/bob");
        assert!(bob.starts_with("AIDA") && bob.len() == 21, "{bob}");
        assert_ne!(bob, id("arn:aws:iam::111122223333:user/alice"));
        let sessions = ["s1", "s2"].map(|session| id(&format!("arn:aws:sts::111122223333:assumed-role/App/{session}")));
        let [(role, "s1"), (same_role, "s2")] = sessions.each_ref().map(|id| id.split_once(':').unwrap()) else { panic!("{sessions:?}") };
        assert!(role == same_role && role.starts_with("AROA"), "{sessions:?}");
    }
}
