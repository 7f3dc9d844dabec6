//! ListKeys: the keys of the caller's account, in order of their ids, a page at a time.

use serde_json::{Value, json};
use waxseal_kms_api::calls::{KeyListEntry, ListKeysRequest, ListKeysResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target};
use crate::ids::is_key_id;
use crate::index;
use crate::paging::{Page, limits, page, read_marker};
use crate::scene::Scene;
use crate::validation::Validation;

impl Operate for ListKeysRequest {
    fn operation(&self) -> Operation {
        Operation::ListKeys
    }

    fn validate(&self) -> Result<(), Fault> {
        limits(Validation::new(), self.limit, 1000, self.marker.as_deref()).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::NoKey
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let account = scene.call.caller.account().unwrap_or_default();
        let from = read_marker(self.marker.as_deref(), Operation::ListKeys, |marker| Some(marker).filter(|marker| is_key_id(marker)))?;
        let prefix = index::of_account(account, scene.region);
        let keys = scene.keys_under(&prefix, from.unwrap_or_default());
        let keys = keys.filter(|key| key.as_ref().map_or(true, |key| key.account == account));
        let entries = keys.map(|key| key.map(|key| KeyListEntry { key_arn: key.arn().to_string(), key_id: key.id }));
        let Page { items: keys, next_marker } = page(entries, self.limit, DEFAULT_LIMIT, |next| next.key_id.clone())?;
        Ok(ListKeysResponse { keys, truncated: next_marker.is_some(), next_marker }.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "limit": self.limit, "marker": self.marker })
    }
}

const DEFAULT_LIMIT: usize = 100;
