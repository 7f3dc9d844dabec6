//! Whom a statement names: the `Principal` and `NotPrincipal` elements, and how they name a caller.

use waxseal_base::event::{Effect, ElementFinding};
use waxseal_kms_api::arn::Arn;

use crate::caller::{Caller, CallerKind, is_account_id, is_plain_name, is_service_name};
use crate::error::PolicyError;
use crate::json::Json;
use crate::statement::list;

/// How far a statement or grant reaches to a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// It is about others.
    NotAtAll,
    /// It names the caller's account, which may pass the permission on in its identity policies.
    ByAccount,
    /// It names something that the caller is part of: its role, its account as root user, everyone.
    AsMember,
    /// It names exactly the caller: the user, the session, the service.
    ByName,
}

/// One principal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Principal {
    Everyone,
    Account(String),
    User { account: String, path_and_name: String },
    Role { account: String, name: String },
    RoleSession { account: String, role: String, session: String },
    FederatedUser { account: String, name: String },
    Service(String),
}

impl Principal {
    /// Reads an entry under `AWS`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::Everyone);
        }
        if is_account_id(text) {
            return Ok(Self::Account(text.into()));
        }
        let unusable = |why: &str| Err(format!("`{text}` is not a principal: {why}"));
        let Ok(arn) = text.parse::<Arn>() else {
            return unusable("use an ARN, an account's 12 digits, or `*` for everyone");
        };
        if !is_account_id(&arn.account) || !arn.region.is_empty() {
            return unusable("its ARN has no region, and an account of 12 digits");
        }
        let (account, id) = (arn.account.clone(), arn.resource_id());
        if id.contains(['*', '?']) {
            return unusable("a wildcard can only stand for everyone; name the account and add a condition on aws:PrincipalArn");
        }
        match (arn.service.as_str(), arn.resource_type()) {
            ("iam", "root") if id.is_empty() => Ok(Self::Account(account)),
            ("iam", "user") if is_plain_name(id) => Ok(Self::User { account, path_and_name: id.into() }),
            // A session's ARN does not have the role's path, so the name alone is compared.
            ("iam", "role") if is_plain_name(id) => Ok(Self::Role { account, name: id.rsplit('/').next().unwrap_or(id).into() }),
            ("iam", "group") => unusable("a group can not be one; name its users, or their account"),
            ("sts", "assumed-role") if is_plain_name(id) => match id.split_once('/') {
                Some((role, session)) if !session.contains('/') => {
                    Ok(Self::RoleSession { account, role: role.into(), session: session.into() })
                }
                _ => unusable("a session is assumed-role/<role>/<session>; all sessions of a role are arn:aws:iam::<account>:role/<role>"),
            },
            ("sts", "federated-user") if is_plain_name(id) => Ok(Self::FederatedUser { account, name: id.into() }),
            _ => unusable("it names no account, user, role, role session or federated user"),
        }
    }

    /// Reads whom a grant names: the forms under `AWS` but not everyone, or a service.
    pub(crate) fn parse_grantee(text: &str) -> Option<Self> {
        match Self::parse(text) {
            Ok(Self::Everyone) => None,
            Ok(principal) => Some(principal),
            Err(_) => is_service_name(text).then(|| Self::Service(text.into())),
        }
    }

    /// All that names a caller but is not everyone: its account, its role, itself.
    pub(crate) fn all_of(caller: &Caller) -> impl Iterator<Item = Self> {
        let account = caller.account().map(str::to_owned);
        let of_account = |name: fn(String, &CallerKind) -> Option<Self>| account.clone().and_then(|account| name(account, caller.kind()));
        let role = of_account(|account, kind| match kind {
            CallerKind::RoleSession { role, .. } => Some(Self::Role { account, name: role.clone() }),
            _ => None,
        });
        let itself = of_account(|account, kind| match kind {
            CallerKind::User { path_and_name } => Some(Self::User { account, path_and_name: path_and_name.clone() }),
            CallerKind::RoleSession { role, session } => Some(Self::RoleSession { account, role: role.clone(), session: session.clone() }),
            CallerKind::FederatedUser { name } => Some(Self::FederatedUser { account, name: name.clone() }),
            CallerKind::Root | CallerKind::Service => None,
        });
        let service = caller.is_service().then(|| Self::Service(caller.arn().into()));
        account.map(Self::Account).into_iter().chain(role).chain(itself).chain(service)
    }

    /// How this names a caller. The account stands for its root user, and for nobody else directly.
    pub(crate) fn reach(&self, caller: &Caller) -> Reach {
        if self.is_identity_of(caller) {
            return match self {
                Self::Account(_) if !caller.is_root() => Reach::ByAccount,
                Self::Everyone | Self::Account(_) | Self::Role { .. } => Reach::AsMember,
                Self::User { .. } | Self::RoleSession { .. } | Self::FederatedUser { .. } | Self::Service(_) => Reach::ByName,
            };
        }
        Reach::NotAtAll
    }

    fn is_identity_of(&self, caller: &Caller) -> bool {
        let in_account = |account: &String| caller.account() == Some(account);
        match (self, caller.kind()) {
            (Self::Everyone, _) => true,
            (Self::Account(account), _) => in_account(account),
            (Self::User { account, path_and_name }, CallerKind::User { path_and_name: own }) => in_account(account) && path_and_name == own,
            (Self::Role { account, name }, CallerKind::RoleSession { role, .. }) => in_account(account) && name == role,
            (Self::RoleSession { account, role, session }, CallerKind::RoleSession { role: own_role, session: own }) => {
                in_account(account) && role == own_role && session == own
            }
            (Self::FederatedUser { account, name }, CallerKind::FederatedUser { name: own }) => in_account(account) && name == own,
            (Self::Service(name), CallerKind::Service) => name == caller.arn(),
            _ => false,
        }
    }
}

/// The `Principal` or `NotPrincipal` element of a statement.
#[derive(Clone, Debug)]
pub(crate) struct PrincipalElement {
    negated: bool,
    principals: Vec<Principal>,
    texts: Vec<String>,
}

impl PrincipalElement {
    /// Reads `"*"` or an object of `AWS` and `Service`.
    pub(crate) fn parse(json: &Json<'_>, negated: bool) -> Result<Self, PolicyError> {
        let mut element = Self { negated, principals: Vec::new(), texts: Vec::new() };
        if json.is_string() {
            match json.string()?.as_str() {
                "*" => element.push(Principal::Everyone, "*".into()),
                other => return Err(json.error(format!("`{other}` needs a kind around it: {{\"AWS\": \"{other}\"}}"))),
            }
            return Ok(element);
        }
        for member in json.members()? {
            for item in member.value.one_or_many()? {
                let text = item.string()?;
                let principal = match member.key.as_str() {
                    "AWS" => Principal::parse(&text).map_err(|message| item.error(message))?,
                    "Service" if is_service_name(&text) => Principal::Service(text.clone()),
                    "Service" => return Err(item.error(format!("`{text}` is not a service; the form is s3.amazonaws.com"))),
                    other => {
                        return Err(member
                            .value
                            .error(format!("`{other}` is not a kind of principal a key's policy can name; use AWS or Service")));
                    }
                };
                element.push(principal, text);
            }
        }
        if element.principals.is_empty() {
            return Err(json.error("nobody is named"));
        }
        Ok(element)
    }

    /// Whom it lists, as it is written.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// How the element reaches a caller. NotPrincipal spares nobody who has a permissions boundary, as with AWS.
    pub(crate) fn reach(&self, caller: &Caller, is_bounded: bool) -> Reach {
        if self.negated {
            return if !is_bounded && self.spares(caller) { Reach::NotAtAll } else { Reach::AsMember };
        }
        self.principals.iter().map(|principal| principal.reach(caller)).max().unwrap_or(Reach::NotAtAll)
    }

    /// What it asks for, and whether the caller is it.
    pub(crate) fn finding(&self, caller: &Caller, reach: Reach, effect: Effect) -> ElementFinding {
        let listed = list(&self.texts);
        let found = match (reach, effect, self.negated) {
            (Reach::ByAccount, Effect::Allow, _) => format!("{caller}, of that account"),
            _ => caller.to_string(),
        };
        ElementFinding {
            element: if self.negated { "NotPrincipal" } else { "Principal" }.into(),
            wanted: if self.negated { format!("anyone except {listed}") } else { listed },
            found,
            matched: reach != Reach::NotAtAll,
        }
    }

    /// Whether a NotPrincipal lists all that the caller is: the user and its account; the session, its role and their account.
    fn spares(&self, caller: &Caller) -> bool {
        let is_listed =
            |is_it: fn(&Principal) -> bool| self.principals.iter().any(|principal| is_it(principal) && principal.is_identity_of(caller));
        let account = |principal: &Principal| matches!(principal, Principal::Account(_));
        is_listed(|principal| *principal == Principal::Everyone)
            || match caller.kind() {
                CallerKind::Root => is_listed(account),
                CallerKind::User { .. } => is_listed(account) && is_listed(|principal| matches!(principal, Principal::User { .. })),
                CallerKind::RoleSession { .. } => {
                    is_listed(account)
                        && is_listed(|principal| matches!(principal, Principal::Role { .. }))
                        && is_listed(|principal| matches!(principal, Principal::RoleSession { .. }))
                }
                CallerKind::FederatedUser { .. } => {
                    is_listed(account) && is_listed(|principal| matches!(principal, Principal::FederatedUser { .. }))
                }
                CallerKind::Service => is_listed(|principal| matches!(principal, Principal::Service(_))),
            }
    }

    fn push(&mut self, principal: Principal, text: String) {
        self.principals.push(principal);
        self.texts.push(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "arn:aws:iam::111122223333:root";

    fn reach(principal: &str, caller: &str) -> Reach {
        Principal::parse(principal).unwrap().reach(&Caller::parse(caller).unwrap())
    }

    #[test]
    fn principals_reach_their_callers() {
        let (bob, session) = ("arn:aws:iam::111122223333:user/bob", "arn:aws:sts::111122223333:assumed-role/App/s1");
        assert_eq!(reach("*", bob), Reach::AsMember);
        assert_eq!(reach(ACCOUNT, bob), Reach::ByAccount);
        assert_eq!(reach("111122223333", session), Reach::ByAccount);
        assert_eq!(reach(ACCOUNT, ACCOUNT), Reach::AsMember);
        assert_eq!(reach(bob, bob), Reach::ByName);
        assert_eq!(reach("arn:aws:iam::111122223333:user/Bob", bob), Reach::NotAtAll);
        assert_eq!(reach("arn:aws:iam::444455556666:user/bob", bob), Reach::NotAtAll);
        assert_eq!(reach("arn:aws:iam::111122223333:role/team/App", session), Reach::AsMember);
        assert_eq!(reach(session, session), Reach::ByName);
        assert_eq!(reach("arn:aws:sts::111122223333:assumed-role/App/s2", session), Reach::NotAtAll);
    }

    #[test]
    fn unusable_principals_are_refused_with_the_reason() {
        for (text, why) in [
            ("bob", "use an ARN"),
            ("arn:aws:iam::111122223333:user/*", "wildcard"),
            ("arn:aws:sts::111122223333:assumed-role/App/*", "wildcard"),
            ("arn:aws:iam::111122223333:group/admins", "group"),
            ("arn:aws:iam::*:root", "12 digits"),
            ("arn:aws:sts::111122223333:assumed-role/App", "all sessions of a role"),
            ("arn:aws:s3::111122223333:bucket", "names no account"),
        ] {
            let error = Principal::parse(text).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        assert_eq!(Principal::parse_grantee("*"), None);
    }
}
