//! Whom a KMS knows: everybody whom its records name as somebody that could ask.

use std::collections::BTreeMap;

use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::fault::Fault;
use waxseal_policy::Caller;

use crate::account_record::{ACCOUNT_PREFIX, Account, without_role_path};
use crate::engine::Engine;
use crate::key_record::Key;
use crate::refusals::failed;
use crate::store::{Store, ids_from};

/// Callers, by what they are called: a role is called by its own ARN, and asks in a session.
pub(crate) type KnownCallers = BTreeMap<String, Caller>;

/// Those to whom something is attached, the root users of the accounts, and those whom the key's policy or a grant on it names.
pub(crate) fn known_callers(engine: &Engine, store: &dyn Store, key: Option<&Key>) -> Result<KnownCallers, Fault> {
    let mut known = KnownCallers::new();
    for id in ids_from(store, ACCOUNT_PREFIX, String::new()) {
        let id = id.map_err(failed)?;
        add(&mut known, engine, id.strip_prefix(ACCOUNT_PREFIX).unwrap_or_default());
        if let Some((account, _)) = engine.opened::<Account>(store, &id).map_err(failed)? {
            account.principal_arns().for_each(|arn| add(&mut known, engine, arn));
        }
    }
    if let Some(key) = key {
        add(&mut known, engine, &key.account);
        let named = key.policy().policy().map(|policy| policy.principals().collect::<Vec<_>>()).unwrap_or_default();
        let grants = key.grants.iter().flat_map(|grant| std::iter::once(&grant.grantee).chain(&grant.retiring));
        named.into_iter().chain(grants.map(String::as_str)).for_each(|text| add(&mut known, engine, text));
    }
    Ok(known)
}

/// Adds the caller that a policy, a grant or an account's digits name, if they name one.
fn add(known: &mut KnownCallers, engine: &Engine, text: &str) {
    let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let name = if is_account { format!("arn:{}:iam::{text}:root", engine.partition) } else { without_role_path(text) };
    let role = name.parse::<Arn>().ok().filter(|arn| arn.service == "iam" && arn.resource_type() == "role");
    let session =
        role.map(|role| format!("arn:{}:sts::{}:assumed-role/{}/{ANY_SESSION}", role.partition, role.account, role.resource_id()));
    if let Ok(caller) = Caller::parse(session.as_ref().unwrap_or(&name)) {
        known.insert(name, caller);
    }
}

/// The session that stands for all sessions of a role.
const ANY_SESSION: &str = "any";
