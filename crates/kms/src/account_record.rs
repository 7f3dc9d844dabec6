//! An account's record: the policies attached to its principals.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use waxseal_policy::{Caller, Document};

use crate::record::Body;

/// The body of `account/<id>`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountRecord {
    /// By principal ARN, then by the policy's name: the policy's text.
    pub(crate) identity_policies: BTreeMap<String, BTreeMap<String, String>>,
}

impl Body for AccountRecord {}

impl AccountRecord {
    /// The record's id in a store.
    pub(crate) fn record_id(account: &str) -> String {
        format!("account/{account}")
    }

    /// The policies that hold for a caller, in order of their names: its own; for a session those of its role, whose path the session's ARN
    /// does not tell.
    pub(crate) fn policies_of(&self, caller: &Caller) -> Vec<Document> {
        let principal = caller.principal_arn();
        let texts = self.identity_policies.iter().filter(|(arn, _)| without_role_path(arn) == principal);
        texts.flat_map(|(_, policies)| policies.values()).map(Document::identity_policy).collect()
    }
}

/// A role's ARN without the role's path; any other ARN as it is.
fn without_role_path(arn: &str) -> String {
    match arn.split_once(":role/") {
        Some((account, role)) => format!("{account}:role/{}", role.rsplit_once('/').map_or(role, |(_, name)| name)),
        None => arn.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_its_roles_policies() {
        let mut record = AccountRecord::default();
        for (arn, text) in [("arn:aws:iam::111122223333:role/team/App", "{}"), ("arn:aws:iam::111122223333:user/team/App", "[]")] {
            record.identity_policies.entry(arn.into()).or_default().insert("p".into(), text.into());
        }
        let texts = |caller: &str| {
            record.policies_of(&Caller::parse(caller).unwrap()).iter().map(|document| document.text().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(texts("arn:aws:sts::111122223333:assumed-role/App/s1"), ["{}"]);
        assert_eq!(texts("arn:aws:iam::111122223333:user/team/App"), ["[]"]);
        assert_eq!(texts("arn:aws:iam::111122223333:user/App"), [""; 0]);
    }
}
