//! Who has which access key. What somebody may do is not here: those policies are the account's, attached to the principal.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64ct::{Base64, Encoding};
use waxseal_base::env::{Env, RandomError};
use waxseal_kms_api::sigv4::{Credentials, SecretAccessKey};
use waxseal_policy::{Caller, CallerKind};
use zeroize::Zeroizing;

/// A caller with its credentials.
#[derive(Debug)]
pub struct Identity {
    /// Who asks with them.
    pub caller: Caller,
    /// Access key id, secret and, for temporary ones, session token.
    pub credentials: Credentials,
}

/// All identities, by their access keys. A caller can have several.
#[derive(Debug, Default)]
pub struct Identities(Mutex<BTreeMap<String, Arc<Identity>>>);

impl Identities {
    /// Adds an identity; one with the same access key id is replaced.
    pub fn put(&self, caller: Caller, credentials: Credentials) -> Result<(), IdentityError> {
        if caller.is_service() {
            return Err(IdentityError::Service { name: caller.arn().into() });
        }
        let id = credentials.access_key_id.clone();
        if !(MIN_ID_LEN..=MAX_ID_LEN).contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(IdentityError::AccessKeyId { id });
        }
        if credentials.secret_access_key.expose().is_empty() {
            return Err(IdentityError::NoSecret { id });
        }
        self.identities().insert(id, Arc::new(Identity { caller, credentials }));
        Ok(())
    }

    /// Takes an access key away; `false` if there was none of that id.
    pub fn delete(&self, access_key_id: &str) -> bool {
        self.identities().remove(access_key_id).is_some()
    }

    /// Who has that access key.
    pub fn find(&self, access_key_id: &str) -> Option<Arc<Identity>> {
        self.identities().get(access_key_id).cloned()
    }

    /// The first credentials of a caller, made if there are none yet: temporary in form for a session, though they do not expire.
    pub(super) fn of(&self, caller: &Caller, env: &Env) -> Result<Arc<Identity>, IdentityError> {
        let own = self.identities().values().find(|identity| identity.caller == *caller).cloned();
        if let Some(own) = own {
            return Ok(own);
        }
        let credentials = make_credentials(caller, env)?;
        let id = credentials.access_key_id.clone();
        self.put(caller.clone(), credentials)?;
        self.find(&id).ok_or(IdentityError::AccessKeyId { id })
    }

    fn identities(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Identity>>> {
        // No change to the map can fail half-way, so a poisoned lock still guards a whole one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why somebody can not have credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityError {
    /// An AWS service signs nothing here.
    Service {
        /// Its name.
        name: String,
    },
    /// The access key id has another form.
    AccessKeyId {
        /// The text.
        id: String,
    },
    /// The secret is empty.
    NoSecret {
        /// The access key id.
        id: String,
    },
    /// The platform gave no randomness.
    Random(RandomError),
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service { name } => write!(f, "`{name}` is a service, which has no access key; ask as a user or a session of a role"),
            Self::AccessKeyId { id } => {
                write!(f, "`{id}` is not an access key id; it has {MIN_ID_LEN} to {MAX_ID_LEN} letters, digits and underscores")
            }
            Self::NoSecret { id } => write!(f, "the secret access key of `{id}` is empty"),
            Self::Random(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for IdentityError {}

impl From<RandomError> for IdentityError {
    fn from(error: RandomError) -> Self {
        Self::Random(error)
    }
}

fn make_credentials(caller: &Caller, env: &Env) -> Result<Credentials, RandomError> {
    let is_temporary = matches!(caller.kind(), CallerKind::RoleSession { .. } | CallerKind::FederatedUser { .. });
    let prefix = if is_temporary { "ASIA" } else { "AKIA" };
    let id = env.random_array::<16>()?.map(|byte| char::from(ID_ALPHABET.get(usize::from(byte % 32)).copied().unwrap_or(b'A')));
    Ok(Credentials {
        access_key_id: prefix.chars().chain(id).collect(),
        secret_access_key: SecretAccessKey::new(make_text(30, env)?),
        session_token: if is_temporary { Some(make_text(96, env)?) } else { None },
    })
}

/// That many random bytes, in base64.
fn make_text(len: usize, env: &Env) -> Result<Zeroizing<String>, RandomError> {
    let mut bytes = Zeroizing::new(vec![0; len]);
    env.fill(&mut bytes)?;
    Ok(Zeroizing::new(Base64::encode_string(&bytes)))
}

const MIN_ID_LEN: usize = 16;
const MAX_ID_LEN: usize = 128;
const ID_ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

#[cfg(test)]
mod tests {
    use super::*;
    use waxseal_base::time::Timestamp;

    fn caller(arn: &str) -> Caller {
        Caller::parse(arn).unwrap()
    }

    #[test]
    fn credentials_have_their_form_and_stay_the_same() {
        let (identities, env) = (Identities::default(), Env::danger_deterministic(Timestamp::default(), 1));
        for (arn, prefix, has_token) in [
            ("arn:aws:iam::111122223333:root", "AKIA", false),
            ("arn:aws:iam::111122223333:user/bob", "AKIA", false),
            ("arn:aws:sts::111122223333:assumed-role/App/s1", "ASIA", true),
            ("arn:aws:sts::111122223333:federated-user/f", "ASIA", true),
        ] {
            let made = identities.of(&caller(arn), &env).unwrap();
            let Credentials { access_key_id, secret_access_key, session_token } = &made.credentials;
            assert!(access_key_id.starts_with(prefix) && access_key_id.len() == 20, "{access_key_id}");
            assert_eq!((secret_access_key.expose().len(), session_token.is_some()), (40, has_token));
            assert!(Arc::ptr_eq(&made, &identities.of(&caller(arn), &env).unwrap()));
            assert_eq!(identities.find(access_key_id).unwrap().caller.arn(), arn);
        }
        let bobs = identities.of(&caller("arn:aws:iam::111122223333:user/bob"), &env).unwrap().credentials.access_key_id.clone();
        assert!(identities.delete(&bobs) && !identities.delete(&bobs) && identities.find(&bobs).is_none());
    }

    #[test]
    fn what_can_not_be_an_identity_is_refused_with_the_reason() {
        let credentials = |id: &str, secret: &str| Credentials {
            access_key_id: id.into(),
            secret_access_key: SecretAccessKey::new(secret.to_owned()),
            session_token: None,
        };
        let identities = Identities::default();
        let bob = "arn:aws:iam::111122223333:user/bob";
        for (who, id, secret, why) in [
            ("s3.amazonaws.com", "AKIAIOSFODNN7EXAMPLE", "secret", "is a service"),
            (bob, "short", "secret", "16 to 128"),
            (bob, "AKIAIOSFODNN7/EXAMPLE", "secret", "letters, digits"),
            (bob, "AKIAIOSFODNN7EXAMPLE", "", "is empty"),
        ] {
            let error = identities.put(caller(who), credentials(id, secret)).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        identities.put(caller(bob), credentials("AKIAIOSFODNN7EXAMPLE", "secret")).unwrap();
        assert!(!format!("{identities:?}").contains("secret\""));
    }
}
