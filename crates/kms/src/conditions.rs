//! The condition keys of a request: what policies can ask about it.

use waxseal_kms_api::arn::Arn;
use waxseal_policy::{Caller, CallerKind, Context};

use crate::key_record::KeyRecord;
use crate::operations::{Operate, Permission};
use crate::pipeline::{LoadedKey, Scene};
use crate::primitives::digest;

/// All condition keys that a request has.
pub(crate) fn of(scene: &Scene<'_>, key: Option<&LoadedKey>, request: &dyn Operate, permission: &Permission<'_>) -> Context {
    let mut context = Context::new();
    add_caller(&mut context, &scene.call.caller);
    add_request(&mut context, scene);
    if let Some(key) = key {
        add_key(&mut context, &key.record);
        context.insert_all("kms:RequestAlias", key.alias.as_deref());
    }
    if let Some(pairs) = permission.condition_context {
        for (key, value) in pairs.iter() {
            context.insert(format!("kms:EncryptionContext:{key}"), value);
        }
        context.insert_all("kms:EncryptionContextKeys", pairs.iter().map(|(key, _)| key));
    }
    context.insert_all("kms:EncryptionAlgorithm", permission.encryption_algorithm);
    request.add_conditions(scene, &mut context);
    context
}

fn add_caller(context: &mut Context, caller: &Caller) {
    context.insert("aws:PrincipalArn", caller.principal_arn());
    context.insert("aws:PrincipalType", caller.principal_type());
    context.insert("aws:userid", principal_id(caller));
    for key in ["aws:PrincipalAccount", "kms:CallerAccount"] {
        context.insert_all(key, caller.account());
    }
    context.insert_all("aws:username", caller.user_name());
}

fn add_request(context: &mut Context, scene: &Scene<'_>) {
    let call = scene.call;
    context.insert("aws:CurrentTime", scene.now.to_string());
    context.insert("aws:EpochTime", scene.now.as_millis().div_euclid(1000).to_string());
    context.insert("aws:SecureTransport", call.secure_transport.to_string());
    context.insert("aws:RequestedRegion", scene.region);
    context.insert_all("aws:SourceIp", call.source_ip.as_deref());
    context.insert_all("kms:ViaService", call.via_service.as_deref());
    if let Some(source) = &call.source_arn {
        context.insert("aws:SourceArn", source);
        let account = source.parse::<Arn>().map(|arn| arn.account).unwrap_or_default();
        context.insert_all("aws:SourceAccount", Some(account).filter(|account| !account.is_empty()));
    }
}

fn add_key(context: &mut Context, key: &KeyRecord) {
    add_key_kind(context, key.key_spec.name(), key.key_usage.name(), key.origin.name(), key.multi_region);
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
