//! The world of a case: a key, the one who asks, and others, each with what is attached to them.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Deserialize;
use serde_json::Value;
use waxseal_kms_api::arn::Arn;
use waxseal_policy::{Caller, Context, Document, Documents, Grant, GrantIndex};

/// What gives to a caller and what limits it, as it is written in a case.
#[derive(Debug, Deserialize)]
pub(super) struct Attached {
    #[serde(default)]
    iam_policies: Vec<Value>,
    permissions_boundary: Option<Value>,
    #[serde(default)]
    session_policies: Vec<Value>,
    #[serde(default)]
    service_control_policies: Vec<Vec<Value>>,
}

/// Somebody else who could ask the same.
#[derive(Debug, Deserialize)]
pub(super) struct Other {
    pub(super) principal: String,
    #[serde(default)]
    pub(super) context: BTreeMap<String, Value>,
    #[serde(flatten)]
    pub(super) attached: Attached,
}

/// A caller with all that is attached to it, read.
pub(super) struct Person {
    pub(super) caller: Caller,
    pub(super) context: Context,
    identity_policies: Vec<Document>,
    permissions_boundary: Option<Document>,
    session_policies: Vec<Document>,
    service_control_policies: Vec<Vec<Document>>,
}

impl Person {
    pub(super) fn read(principal: &str, context: &BTreeMap<String, Value>, attached: &Attached) -> Result<Self> {
        let read = |policy: &Value| Document::identity_policy(text_of(policy));
        let read_all = |policies: &[Value]| policies.iter().map(read).collect::<Vec<_>>();
        Ok(Self {
            caller: Caller::parse(principal)?,
            context: context.iter().flat_map(|(key, values)| texts_of(values).map(move |value| (key, value))).collect(),
            identity_policies: read_all(&attached.iam_policies),
            permissions_boundary: attached.permissions_boundary.as_ref().map(read),
            session_policies: read_all(&attached.session_policies),
            service_control_policies: attached.service_control_policies.iter().map(|level| read_all(level)).collect(),
        })
    }
}

/// Everything that decides.
pub(super) struct World {
    pub(super) resource: Option<Arn>,
    pub(super) key_policy: Option<Document>,
    pub(super) grants: Vec<Grant>,
    pub(super) index: GrantIndex,
    pub(super) asker: Person,
    pub(super) others: Vec<Person>,
}

impl World {
    /// What decides about a person's requests.
    pub(super) fn documents<'a>(&'a self, person: &'a Person) -> Documents<'a> {
        Documents {
            key_policy: self.key_policy.as_ref(),
            identity_policies: &person.identity_policies,
            permissions_boundary: person.permissions_boundary.as_ref(),
            session_policies: &person.session_policies,
            service_control_policies: &person.service_control_policies,
            grants: (&self.grants).into(),
            ..Documents::default()
        }
    }
}

/// The values of a condition key: one or a list, each a text or what JSON has for it.
fn texts_of(values: &Value) -> impl Iterator<Item = String> {
    let values = values.as_array().map_or(std::slice::from_ref(values), Vec::as_slice);
    values.iter().map(text_of)
}

/// A text, or the text of what JSON has instead.
pub(super) fn text_of(policy: &Value) -> String {
    policy.as_str().map_or_else(|| policy.to_string(), str::to_owned)
}
