//! ListAliases: the names of the keys of the caller's account, in order, a page at a time.

use serde_json::{Value, json};
use waxseal_kms_api::calls::{AliasListEntry, ListAliasesRequest, ListAliasesResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target};
use crate::alias_record::{AliasRecord, alias_arn};
use crate::paging::{Page, limits, page, read_marker};
use crate::resolve;
use crate::scene::Scene;
use crate::validation::Validation;

impl Operate for ListAliasesRequest {
    fn operation(&self) -> Operation {
        Operation::ListAliases
    }

    fn validate(&self) -> Result<(), Fault> {
        let len = self.key_id.as_ref().map_or(1, |key_id| key_id.chars().count());
        limits(Validation::new().length("keyId", len, 1..=2048), self.limit, 100, self.marker.as_deref()).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::NoKey
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let account = scene.call.caller.account().unwrap_or_default();
        let from = read_marker(self.marker.as_deref(), Operation::ListAliases, |marker| marker.strip_prefix("alias/"))?;
        // A key of another account has its aliases there, and they are not listed here.
        let of_key = self.key_id.as_deref().map(|key_id| resolve::by_id(scene, key_id)).transpose()?.map(|key| key.record.id.clone());
        let first = AliasRecord::record_id(account, scene.region, from.unwrap_or_default());
        let prefix = AliasRecord::prefix(account, scene.region);
        let aliases = scene.list::<AliasRecord>(&prefix, first);
        let aliases = aliases.filter(|alias| match (alias, &of_key) {
            (Ok(alias), Some(key_id)) => alias.key_id == *key_id,
            _ => true,
        });
        let entries = aliases.map(|alias| alias.map(|alias| entry(scene, account, alias)));
        let Page { items: aliases, next_marker } = page(entries, self.limit, DEFAULT_LIMIT, |next| next.alias_name.clone())?;
        Ok(ListAliasesResponse { aliases, truncated: next_marker.is_some(), next_marker }.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "limit": self.limit, "marker": self.marker })
    }
}

fn entry(scene: &Scene<'_>, account: &str, alias: AliasRecord) -> AliasListEntry {
    AliasListEntry {
        alias_arn: alias_arn(scene.engine, scene.region, account, &alias.name).to_string(),
        alias_name: alias.name,
        target_key_id: alias.key_id,
        creation_date: alias.created.as_seconds(),
        last_updated_date: alias.updated.as_seconds(),
    }
}

const DEFAULT_LIMIT: usize = 50;
