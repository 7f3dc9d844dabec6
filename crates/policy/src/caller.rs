//! Who asks: a user, a session of a role, a federated user, an account's root user, or an AWS service.

use std::fmt;

use waxseal_kms_api::arn::Arn;

/// Who a request comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Caller {
    arn: String,
    partition: String,
    account: Option<String>,
    kind: CallerKind,
}

/// What kind of caller, with the name that policies know it by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CallerKind {
    /// The root user of an account.
    Root,
    /// An IAM user.
    User {
        /// Path and name, such as `team/bob`.
        path_and_name: String,
    },
    /// A session of a role.
    RoleSession {
        /// The role's name. Its path is not in the session's ARN.
        role: String,
        /// The session's name.
        session: String,
    },
    /// A session of a federated user.
    FederatedUser {
        /// Its name.
        name: String,
    },
    /// An AWS service that acts for itself.
    Service,
}

impl Caller {
    /// Reads the ARN of a user, role session, federated user or root user, or the name of an AWS service such as `s3.amazonaws.com`.
    pub fn parse(text: &str) -> Result<Self, InvalidCaller> {
        if is_service_name(text) {
            return Ok(Self { arn: text.into(), partition: String::new(), account: None, kind: CallerKind::Service });
        }
        let invalid = |why| InvalidCaller { text: text.into(), why };
        let arn: Arn = text.parse().map_err(|_| invalid("it is neither an ARN nor the name of an AWS service"))?;
        if !is_account_id(&arn.account) || !arn.region.is_empty() {
            return Err(invalid("the ARN of a caller has no region and an account of 12 digits"));
        }
        let kind = match (arn.service.as_str(), arn.resource_type(), arn.resource_id()) {
            ("iam", "root", "") => CallerKind::Root,
            ("iam", "user", name) if is_plain_name(name) => CallerKind::User { path_and_name: name.into() },
            ("iam", "role", _) => {
                return Err(invalid("a role does not call, its sessions do: arn:aws:sts::<account>:assumed-role/<role>/<session>"));
            }
            ("sts", "assumed-role", name) if is_plain_name(name) => match name.split_once('/') {
                Some((role, session)) if !session.contains('/') => CallerKind::RoleSession { role: role.into(), session: session.into() },
                _ => return Err(invalid("a session of a role is arn:aws:sts::<account>:assumed-role/<role>/<session>")),
            },
            ("sts", "federated-user", name) if is_plain_name(name) => CallerKind::FederatedUser { name: name.into() },
            _ => return Err(invalid("it names no user, role session, federated user or root user")),
        };
        Ok(Self { arn: text.into(), partition: arn.partition, account: Some(arn.account), kind })
    }

    /// The ARN, or the name of a service.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The account's 12 digits; a service has none.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// What kind of caller.
    pub fn kind(&self) -> &CallerKind {
        &self.kind
    }

    /// Whether this is the root user of its account.
    pub fn is_root(&self) -> bool {
        self.kind == CallerKind::Root
    }

    /// Whether this is an AWS service that acts for itself.
    pub fn is_service(&self) -> bool {
        self.kind == CallerKind::Service
    }

    /// What `aws:PrincipalArn` holds: the role's ARN for a session, else the caller's own. The role's path is not known from a session.
    pub fn principal_arn(&self) -> String {
        match (&self.kind, &self.account) {
            (CallerKind::RoleSession { role, .. }, Some(account)) => format!("arn:{}:iam::{account}:role/{role}", self.partition),
            _ => self.arn.clone(),
        }
    }

    /// What `aws:PrincipalType` holds: `Account`, `User`, `AssumedRole`, `FederatedUser` or `Service`.
    pub fn principal_type(&self) -> &'static str {
        match self.kind {
            CallerKind::Root => "Account",
            CallerKind::User { .. } => "User",
            CallerKind::RoleSession { .. } => "AssumedRole",
            CallerKind::FederatedUser { .. } => "FederatedUser",
            CallerKind::Service => "Service",
        }
    }

    /// What `aws:username` holds: an IAM user's name without its path. No other caller has it.
    pub fn user_name(&self) -> Option<&str> {
        match &self.kind {
            CallerKind::User { path_and_name } => Some(path_and_name.rsplit_once('/').map_or(path_and_name, |(_, name)| name)),
            _ => None,
        }
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.arn)
    }
}

/// Text that names no caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidCaller {
    /// The text.
    pub text: String,
    /// Why not.
    pub why: &'static str,
}

impl fmt::Display for InvalidCaller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` can not be a caller: {}", self.text, self.why)
    }
}

impl std::error::Error for InvalidCaller {}

/// Whether this is an account's 12 digits.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether this is the name of an AWS service, such as `logs.us-east-1.amazonaws.com`.
pub(crate) fn is_service_name(text: &str) -> bool {
    let name = text.strip_suffix(".cn").unwrap_or(text).strip_suffix(".amazonaws.com").unwrap_or_default();
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

/// Whether a name, with or without a path, could exist: no empty segment and no wildcard.
pub(crate) fn is_plain_name(name: &str) -> bool {
    name.split('/').all(|segment| !segment.is_empty()) && !name.contains(['*', '?', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_told_apart() {
        let bob = Caller::parse("arn:aws:iam::111122223333:user/team/bob").unwrap();
        assert_eq!((bob.account(), bob.user_name(), bob.principal_type()), (Some("111122223333"), Some("bob"), "User"));
        assert_eq!(bob.principal_arn(), bob.arn());
        let session = Caller::parse("arn:aws:sts::111122223333:assumed-role/App/s1").unwrap();
        assert_eq!(session.principal_arn(), "arn:aws:iam::111122223333:role/App");
        assert_eq!((session.user_name(), session.principal_type()), (None, "AssumedRole"));
        assert!(Caller::parse("arn:aws:iam::111122223333:root").unwrap().is_root());
        assert_eq!(Caller::parse("arn:aws:sts::111122223333:federated-user/f").unwrap().principal_type(), "FederatedUser");
        let service = Caller::parse("logs.us-east-1.amazonaws.com").unwrap();
        assert!(service.is_service() && service.account().is_none());
    }

    #[test]
    fn what_is_no_caller_is_refused_with_the_reason() {
        for (text, why) in [
            ("bob", "neither an ARN"),
            ("arn:aws:iam::111122223333:role/App", "its sessions do"),
            ("arn:aws:sts::111122223333:assumed-role/App", "assumed-role/<role>/<session>"),
            ("arn:aws:iam::111122223333:user/*", "names no user"),
            ("arn:aws:iam::111122223333:group/admins", "names no user"),
            ("arn:aws:iam::1:user/bob", "12 digits"),
            (".amazonaws.com", "neither an ARN"),
        ] {
            let error = Caller::parse(text).unwrap_err().to_string();
            assert!(error.contains(why) && error.contains(text), "{error}");
        }
    }
}
