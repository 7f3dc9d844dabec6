//! An account's record: the policies attached to its principals, what limits them, and the account's place in an organization.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use waxseal_policy::{Caller, Document};

use crate::cache::Opened;
use crate::record::Body;

/// The body of `account/<id>`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AccountRecord {
    /// By principal ARN, a role's without its path: names of roles are unique in an account.
    pub(crate) principals: BTreeMap<String, PrincipalRecord>,
    /// The texts of the policies that limit the account: a list for each level of its organization, from the root down.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) service_control_policies: Vec<Vec<String>>,
    /// The id of the organization that it is in, such as `o-a1b2c3d4e5`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) organization: Option<String>,
}

/// What is attached to a user or role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PrincipalRecord {
    /// By name: the policy's text.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) policies: BTreeMap<String, String>,
    /// The text of the permissions boundary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) boundary: Option<String>,
    /// Its labels: `aws:PrincipalTag/…`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
}

impl Body for AccountRecord {}

impl AccountRecord {
    /// The record's id in a store.
    pub(crate) fn record_id(account: &str) -> String {
        format!("{ACCOUNT_PREFIX}{account}")
    }
}

/// An account's record, with its policies read.
#[derive(Debug, Default)]
pub(crate) struct Account {
    principals: HashMap<String, Arc<Principal>>,
    pub(crate) service_control_policies: Vec<Vec<Document>>,
    pub(crate) organization: Option<String>,
}

/// What is attached to a user or role, read.
#[derive(Debug, Default)]
pub(crate) struct Principal {
    /// In order of their names.
    pub(crate) policies: Vec<Document>,
    pub(crate) boundary: Option<Document>,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Account {
    /// What holds for a caller: what is attached to itself; for a session, to its role.
    pub(crate) fn principal(&self, caller: &Caller) -> Option<&Arc<Principal>> {
        self.principals.get(&caller.principal_arn())
    }

    /// The ARNs of those to whom something is attached.
    pub(crate) fn principal_arns(&self) -> impl Iterator<Item = &str> {
        self.principals.keys().map(String::as_str)
    }
}

impl Opened for Account {
    type Body = AccountRecord;

    fn open(record: AccountRecord) -> Self {
        let read = |texts: Vec<String>| texts.into_iter().map(Document::identity_policy).collect();
        let principals = record.principals.into_iter().map(|(arn, principal)| {
            let policies = read(principal.policies.into_values().collect());
            let boundary = principal.boundary.map(Document::identity_policy);
            (arn, Arc::new(Principal { policies, boundary, tags: principal.tags }))
        });
        Self {
            principals: principals.collect(),
            service_control_policies: record.service_control_policies.into_iter().map(read).collect(),
            organization: record.organization,
        }
    }
}

/// A role's ARN without the role's path, which the ARNs of its sessions do not tell; any other ARN as it is.
pub(crate) fn without_role_path(arn: &str) -> String {
    match arn.split_once(":role/") {
        Some((account, role)) => format!("{account}:role/{}", role.rsplit_once('/').map_or(role, |(_, name)| name)),
        None => arn.to_owned(),
    }
}

/// What the ids of accounts' records begin with.
pub(crate) const ACCOUNT_PREFIX: &str = "account/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_what_its_role_has() {
        let mut record = AccountRecord::default();
        for (arn, text) in [("arn:aws:iam::111122223333:role/team/App", "{}"), ("arn:aws:iam::111122223333:user/team/App", "[]")] {
            record.principals.entry(without_role_path(arn)).or_default().policies.insert("p".into(), text.into());
        }
        let account = Account::open(record);
        let text = |caller: &str| account.principal(&Caller::parse(caller).unwrap()).map(|principal| principal.policies[0].text());
        assert_eq!(text("arn:aws:sts::111122223333:assumed-role/App/s1"), Some("{}"));
        assert_eq!(text("arn:aws:iam::111122223333:user/team/App"), Some("[]"));
        assert_eq!(text("arn:aws:iam::111122223333:user/App"), None);
    }
}
