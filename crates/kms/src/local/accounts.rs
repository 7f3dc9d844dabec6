//! What is attached to principals and accounts: identity policies, permissions boundaries, labels, service control policies, organizations.

use std::collections::BTreeMap;

use waxseal_kms_api::arn::Arn;
use waxseal_policy::{Caller, Document, Grant};

use super::{LocalKms, LocalKmsError};
use crate::account_record::{AccountRecord, PrincipalRecord, without_role_path};
use crate::engine::Engine;
use crate::record::Record;
use crate::store::{Change, CommitError};

/// A user or role is given by its ARN; a session stands for its role.
impl LocalKms {
    /// Attaches a policy to a user or role. A policy of that name is replaced.
    pub fn put_identity_policy(&self, principal_arn: &str, name: &str, text: &str) -> Result<(), LocalKmsError> {
        check(text)?;
        self.change_principal(principal_arn, |principal| principal.policies.insert(name.into(), text.into())).map(|_| ())
    }

    /// Detaches a policy; `false` if there was none of that name.
    pub fn delete_identity_policy(&self, principal_arn: &str, name: &str) -> Result<bool, LocalKmsError> {
        self.change_principal(principal_arn, |principal| principal.policies.remove(name)).map(|removed| removed.is_some())
    }

    /// The policies attached to a user or role: name and text, in order of their names.
    pub fn identity_policies(&self, principal_arn: &str) -> Result<Vec<(String, String)>, LocalKmsError> {
        Ok(self.principal(principal_arn)?.policies.into_iter().collect())
    }

    /// Gives a user or role a permissions boundary, in place of the one that it had. It has an identity policy's form, gives nothing, and limits
    /// what identity policies give.
    pub fn put_permissions_boundary(&self, principal_arn: &str, text: &str) -> Result<(), LocalKmsError> {
        check(text)?;
        self.change_principal(principal_arn, |principal| principal.boundary.replace(text.into())).map(|_| ())
    }

    /// Takes the permissions boundary of a user or role away; `false` if there was none.
    pub fn delete_permissions_boundary(&self, principal_arn: &str) -> Result<bool, LocalKmsError> {
        self.change_principal(principal_arn, |principal| principal.boundary.take()).map(|removed| removed.is_some())
    }

    /// The text of the permissions boundary of a user or role.
    pub fn permissions_boundary(&self, principal_arn: &str) -> Result<Option<String>, LocalKmsError> {
        Ok(self.principal(principal_arn)?.boundary)
    }

    /// Labels a user or role: `aws:PrincipalTag/…`. Keys ignore case, so a label whose key differs in case only is replaced.
    pub fn put_principal_tag(&self, principal_arn: &str, key: &str, value: &str) -> Result<(), LocalKmsError> {
        self.change_principal(principal_arn, |principal| {
            principal.tags.retain(|own, _| !own.eq_ignore_ascii_case(key));
            principal.tags.insert(key.into(), value.into())
        })
        .map(|_| ())
    }

    /// Takes a label of a user or role away; `false` if there was none of that key.
    pub fn delete_principal_tag(&self, principal_arn: &str, key: &str) -> Result<bool, LocalKmsError> {
        self.change_principal(principal_arn, |principal| principal.tags.remove(key)).map(|removed| removed.is_some())
    }

    /// The labels of a user or role.
    pub fn principal_tags(&self, principal_arn: &str) -> Result<BTreeMap<String, String>, LocalKmsError> {
        Ok(self.principal(principal_arn)?.tags)
    }

    /// Limits an account by service control policies: a list for each level of its organization, from the root to the account; every level has to
    /// allow a request. They are in place of those that it had; no levels: it is not limited.
    pub fn put_service_control_policies(&self, account: &str, levels: &[Vec<String>]) -> Result<(), LocalKmsError> {
        levels.iter().flatten().try_for_each(|text| check(text))?;
        self.change_account(account, |record| levels.clone_into(&mut record.service_control_policies))
    }

    /// The texts of the service control policies that limit an account, level by level.
    pub fn service_control_policies(&self, account: &str) -> Result<Vec<Vec<String>>, LocalKmsError> {
        Ok(self.account(account)?.0.service_control_policies)
    }

    /// Puts an account into the organization of that id, such as `o-a1b2c3d4e5`, or into none: `aws:PrincipalOrgID`, `aws:ResourceOrgID`.
    pub fn put_organization(&self, account: &str, organization: Option<&str>) -> Result<(), LocalKmsError> {
        self.change_account(account, |record| record.organization = organization.map(str::to_owned))
    }

    /// The id of the organization that an account is in.
    pub fn organization(&self, account: &str) -> Result<Option<String>, LocalKmsError> {
        Ok(self.account(account)?.0.organization)
    }

    fn account(&self, account: &str) -> Result<(AccountRecord, Option<u64>), LocalKmsError> {
        // Only what can be the account of a caller is one.
        Caller::parse(&format!("arn:{}:iam::{account}:root", self.0.engine.partition))?;
        match self.0.store.read(&AccountRecord::record_id(account))? {
            Some(stored) => Ok((stored.open(&self.0.engine.root_key)?, Some(stored.version))),
            None => Ok((AccountRecord::default(), None)),
        }
    }

    fn principal(&self, principal_arn: &str) -> Result<PrincipalRecord, LocalKmsError> {
        let (principal, account) = principal(principal_arn)?;
        Ok(self.account(&account)?.0.principals.remove(&principal).unwrap_or_default())
    }

    /// Changes what is attached to a principal, and returns what was there before.
    fn change_principal<T>(&self, principal_arn: &str, change: impl Fn(&mut PrincipalRecord) -> T) -> Result<T, LocalKmsError> {
        let (arn, account) = principal(principal_arn)?;
        self.change_account(&account, |record| {
            let mut principal = record.principals.remove(&arn).unwrap_or_default();
            let before = change(&mut principal);
            if principal != PrincipalRecord::default() {
                record.principals.insert(arn.clone(), principal);
            }
            before
        })
    }

    /// Applies a change to an account's record, again if somebody else was faster.
    fn change_account<T>(&self, account: &str, change: impl Fn(&mut AccountRecord) -> T) -> Result<T, LocalKmsError> {
        for _ in 0..Engine::MAX_ATTEMPTS {
            let (before, expected_version) = self.account(account)?;
            let mut record = before.clone();
            let result = change(&mut record);
            if record == before {
                return Ok(result);
            }
            let version = expected_version.unwrap_or(0).saturating_add(1);
            let record = Record::seal(AccountRecord::record_id(account), version, &record, &self.0.engine.root_key)?;
            match self.0.store.commit(&[Change::Put { record, expected_version }], None) {
                Err(CommitError::Conflict) => {}
                committed => return Ok(committed.map(|()| result)?),
            }
        }
        Err(LocalKmsError::Commit(CommitError::Conflict))
    }
}

fn check(text: &str) -> Result<(), LocalKmsError> {
    match Document::identity_policy(text).policy() {
        Ok(_) => Ok(()),
        Err(error) => Err(LocalKmsError::Policy(error.clone())),
    }
}

/// The principal that something is attached to, and its account.
fn principal(arn: &str) -> Result<(String, String), LocalKmsError> {
    let role = arn.parse::<Arn>().ok().filter(|role| role.service == "iam" && role.resource_type() == "role" && Grant::can_name(arn));
    if let Some(role) = role {
        return Ok((without_role_path(arn), role.account));
    }
    let caller = Caller::parse(arn)?;
    match caller.account() {
        Some(account) => Ok((caller.principal_arn(), account.into())),
        None => Err(LocalKmsError::NoPolicies { principal: arn.into() }),
    }
}
