//! Grants as a key's record keeps them, and the tokens that name them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use waxseal_base::env::Env;
use waxseal_base::event::{Finding, FindingOutcome, Source};
use waxseal_base::time::Timestamp;
use waxseal_kms_api::calls::{GrantConstraints, GrantListEntry};
use waxseal_kms_api::fault::Fault;
use waxseal_policy::{Decision, Grant};

use crate::engine::Engine;
use crate::key_record::KeyRecord;
use crate::primitives::KEY_LEN;
use crate::refusals::failed;
use crate::root_key::RootKey;

/// A grant on a key. A key can have many, so their names at rest are short.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct GrantRecord {
    /// Counts the grants of the key.
    #[serde(rename = "n")]
    pub(crate) number: u64,
    #[serde(with = "short_id")]
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(rename = "at")]
    pub(crate) created: Timestamp,
    /// When it was retired or revoked, if that is not seen everywhere yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) ended: Option<Timestamp>,
    /// An ARN, or the name of a service.
    #[serde(rename = "to")]
    pub(crate) grantee: String,
    /// An ARN, or the name of a service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retiring: Option<String>,
    #[serde(rename = "may")]
    pub(crate) operations: Vec<String>,
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    pub(crate) constraints: Option<GrantConstraints>,
    /// 12 digits; left out at rest where it is the key's.
    #[serde(rename = "by", skip_serializing_if = "String::is_empty", default)]
    pub(crate) issuing_account: String,
}

impl GrantRecord {
    /// As the policy language sees it.
    pub(crate) fn to_policy(&self) -> Grant {
        Grant {
            id: self.id.clone(),
            name: self.name.clone(),
            grantee: self.grantee.clone(),
            retiring: self.retiring.clone(),
            operations: self.operations.clone(),
            constraints: self.constraints.clone(),
            issuing_account: self.issuing_account.clone(),
        }
    }

    /// As ListGrants shows it.
    pub(crate) fn entry(&self, partition: &str, key_arn: &str) -> GrantListEntry {
        GrantListEntry {
            key_id: key_arn.into(),
            grant_id: self.id.clone(),
            name: self.name.clone(),
            creation_date: self.created.as_seconds(),
            grantee_principal: unless_service(Some(&self.grantee)),
            grantee_service_principal: if_service(Some(&self.grantee)),
            retiring_principal: unless_service(self.retiring.as_ref()),
            retiring_service_principal: if_service(self.retiring.as_ref()),
            issuing_account: format!("arn:{partition}:iam::{}:root", self.issuing_account),
            operations: self.operations.clone(),
            constraints: self.constraints.clone(),
        }
    }
}

/// What a key knows of its grants. A change of them is not seen everywhere at once, if the engine is told so.
impl KeyRecord {
    /// The grants that nobody has ended.
    pub(crate) fn living_grants(&self) -> impl Iterator<Item = &GrantRecord> {
        self.grants.iter().filter(|grant| grant.ended.is_none())
    }

    /// The grants that count: also those whose end is not seen everywhere.
    pub(crate) fn counting_grants(&self, engine: &Engine, now: Timestamp) -> impl Iterator<Item = &GrantRecord> {
        self.grants.iter().filter(move |grant| grant.counts(engine, now))
    }

    /// The grants that count, for the policy language, if there are others.
    pub(crate) fn counting_if_not_all(&self, engine: &Engine, now: Timestamp) -> Option<Vec<Grant>> {
        let is_ended = self.grants.iter().any(|grant| !grant.counts(engine, now));
        is_ended.then(|| self.counting_grants(engine, now).map(GrantRecord::to_policy).collect())
    }

    /// The ids of the grants that are too new to be seen everywhere, but for those of which there is a token.
    pub(crate) fn unseen_grants(&self, engine: &Engine, now: Timestamp, tokens: &[String]) -> Vec<String> {
        if engine.is_consistent() {
            return Vec::new();
        }
        let has_token = |grant: &&GrantRecord| tokens.iter().any(|token| grant_id_of(token) == Some(&grant.id));
        let unseen = self.grants.iter().filter(|grant| !grant.is_seen(engine, now)).filter(|grant| !has_token(grant));
        unseen.map(|grant| grant.id.clone()).collect()
    }

    /// Ends a grant; it goes once that is seen everywhere.
    pub(crate) fn end_grant(&mut self, grant_id: &str, engine: &Engine, now: Timestamp) {
        for grant in self.grants.iter_mut().filter(|grant| grant.id == grant_id) {
            grant.ended = Some(now);
        }
        self.grants.retain(|grant| grant.counts(engine, now));
    }
}

impl GrantRecord {
    /// Whether it is old enough to be seen everywhere.
    pub(crate) fn is_seen(&self, engine: &Engine, now: Timestamp) -> bool {
        engine.seen_from(self.created) <= now
    }

    fn counts(&self, engine: &Engine, now: Timestamp) -> bool {
        self.ended.is_none_or(|ended| now < engine.seen_from(ended))
    }
}

fn if_service(principal: Option<&String>) -> Option<String> {
    principal.filter(|name| Grant::can_name_service(name)).cloned()
}

fn unless_service(principal: Option<&String>) -> Option<String> {
    principal.filter(|name| !Grant::can_name_service(name)).cloned()
}

/// The sources that the grants are for which gave a permission on a key: none if it was not by grants. One that is for any source is for none.
pub(crate) fn sources_of(decision: &Decision, key: &KeyRecord) -> Option<BTreeSet<Option<String>>> {
    decision.decided_by.as_ref().filter(|id| id.source == Source::Grant)?;
    let gave = |grant: &&GrantRecord| {
        let is_it = |finding: &&Finding| finding.id.grant_id.as_ref() == Some(&grant.id) && finding.outcome == FindingOutcome::Allows;
        decision.findings.iter().any(|finding| is_it(&finding))
    };
    let source = |grant: &GrantRecord| grant.constraints.as_ref().and_then(|constraints| constraints.source_arn.clone());
    Some(key.grants.iter().filter(gave).map(source).collect())
}

/// A fresh token for a grant. Tokens are not stored: a token carries its grant's id and proves itself, so a grant can have any number.
pub(crate) fn make_token(root_key: &RootKey, env: &Env, key_id: &str, grant_id: &str) -> Result<String, Fault> {
    let nonce: [u8; NONCE_LEN] = env.random_array().map_err(failed)?;
    let proof = root_key.authenticate_token(key_id, grant_id, &nonce).map_err(failed)?;
    Ok(format!("{}{grant_id}{}{}", hex::encode(nonce), hex::encode(key_id), hex::encode(proof)))
}

/// The id of the grant of this key that a token names; none for a token that was not made for the key.
pub(crate) fn grant_of_token(root_key: &RootKey, key_id: &str, token: &str) -> Option<String> {
    let (own_key_id, grant_id) = key_and_grant_of_token(root_key, token)?;
    (own_key_id == key_id).then_some(grant_id)
}

/// The ids of the key and of the grant that a token names; none for a token that was not made here.
pub(crate) fn key_and_grant_of_token(root_key: &RootKey, token: &str) -> Option<(String, String)> {
    // A token has one spelling, or what is read from its text would not be what was proven.
    if token.contains(|character: char| character.is_ascii_uppercase()) {
        return None;
    }
    let bytes = hex::decode(token).ok()?;
    let (nonce, rest) = bytes.split_first_chunk::<NONCE_LEN>()?;
    let (grant_id, rest) = rest.split_first_chunk::<GRANT_ID_LEN>()?;
    let (key_id, proof) = rest.split_last_chunk::<KEY_LEN>()?;
    let (key_id, grant_id) = (std::str::from_utf8(key_id).ok()?, hex::encode(grant_id));
    let expected = root_key.authenticate_token(key_id, &grant_id, nonce).ok()?;
    bool::from(proof.ct_eq(&expected)).then(|| (key_id.into(), grant_id))
}

/// The id of the grant that a token names, if the token is genuine.
pub(crate) fn grant_id_of(token: &str) -> Option<&str> {
    token.get(2 * NONCE_LEN..2 * (NONCE_LEN + GRANT_ID_LEN))
}

/// A grant's id at rest: base64 takes two thirds of the room.
mod short_id {
    use base64ct::{Base64UrlUnpadded, Encoding};
    use serde::{Deserialize, Deserializer, Serializer, de, ser};

    pub(super) fn serialize<S: Serializer>(id: &str, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = hex::decode(id).map_err(ser::Error::custom)?;
        serializer.serialize_str(&Base64UrlUnpadded::encode_string(&bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        let bytes = Base64UrlUnpadded::decode_vec(&String::deserialize(deserializer)?).map_err(de::Error::custom)?;
        Ok(hex::encode(bytes))
    }
}

const NONCE_LEN: usize = 16;
const GRANT_ID_LEN: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root_key::tests::root_key;

    #[test]
    fn a_token_names_its_grant_on_its_key_only() {
        let env = Env::danger_deterministic(Timestamp::default(), 1);
        let grant_id = "ab".repeat(32);
        let token = make_token(&root_key(1), &env, "key", &grant_id).unwrap();
        assert_ne!(token, make_token(&root_key(1), &env, "key", &grant_id).unwrap(), "each token is fresh");
        assert_eq!(grant_id_of(&token), Some(grant_id.as_str()));
        assert_eq!(key_and_grant_of_token(&root_key(1), &token), Some(("key".into(), grant_id.clone())));
        assert_eq!(grant_of_token(&root_key(1), "key", &token), Some(grant_id));
        assert_eq!(grant_of_token(&root_key(1), "other", &token), None);
        assert_eq!(grant_of_token(&root_key(2), "key", &token), None);
        for wrong in ["", "00", "zz", &token[2..], &token.replace("ab", "ac"), &token.to_uppercase()] {
            assert_eq!(grant_of_token(&root_key(1), "key", wrong), None, "{wrong}");
        }
    }
}
