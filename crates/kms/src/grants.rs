//! Grants as a key's record keeps them, and the tokens that name them.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use waxseal_base::env::Env;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::calls::{GrantConstraints, GrantListEntry};
use waxseal_kms_api::fault::Fault;
use waxseal_policy::Grant;

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
    #[serde(rename = "to")]
    pub(crate) grantee: String,
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
            grantee_principal: self.grantee.clone(),
            retiring_principal: self.retiring.clone(),
            issuing_account: format!("arn:{partition}:iam::{}:root", self.issuing_account),
            operations: self.operations.clone(),
            constraints: self.constraints.clone(),
        }
    }
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
        for wrong in ["", "00", "zz", &token[2..], &token.replace("ab", "ac")] {
            assert_eq!(grant_of_token(&root_key(1), "key", wrong), None, "{wrong}");
        }
    }
}
