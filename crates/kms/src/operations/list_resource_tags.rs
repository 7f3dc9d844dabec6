//! ListResourceTags: the labels of a key, a page at a time.

use serde_json::{Value, json};
use waxseal_kms_api::calls::{ListResourceTagsRequest, ListResourceTagsResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target};
use crate::paging::{Page, limits, page, read_marker};
use crate::scene::Scene;
use crate::validation;

impl Operate for ListResourceTagsRequest {
    fn operation(&self) -> Operation {
        Operation::ListResourceTags
    }

    fn validate(&self) -> Result<(), Fault> {
        limits(validation::key_id(&self.key_id), self.limit, 50, self.marker.as_deref()).finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let read = |marker: &str| marker.strip_prefix(MARKER)?.parse().ok();
        let from: usize = read_marker(self.marker.as_deref(), Operation::ListResourceTags, read)?.unwrap_or(0);
        let rest = scene.key()?.tags.iter().cloned().enumerate().skip(from).map(Ok);
        let Page { items, next_marker } = page(rest, self.limit, DEFAULT_LIMIT, |(index, _)| format!("{MARKER}{index}"))?;
        let tags = items.into_iter().map(|(_, tag)| tag).collect();
        Ok(ListResourceTagsResponse { tags, truncated: next_marker.is_some(), next_marker }.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "limit": self.limit, "marker": self.marker })
    }
}

const DEFAULT_LIMIT: usize = 50;
const MARKER: &str = "tag-";
