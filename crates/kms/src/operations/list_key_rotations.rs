//! ListKeyRotations: the generations of a key's material and what made them, oldest first, a page at a time.

use serde_json::{Value, json};
use waxseal_base::time::Timestamp;
use waxseal_kms_api::calls::{ListKeyRotationsRequest, ListKeyRotationsResponse, Response, RotationsListEntry};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{Operate, Target};
use crate::key_record::{KeyRecord, Material};
use crate::paging::{Page, limits, page, read_marker};
use crate::scene::Scene;
use crate::validation;

impl Operate for ListKeyRotationsRequest {
    fn operation(&self) -> Operation {
        Operation::ListKeyRotations
    }

    fn validate(&self) -> Result<(), Fault> {
        limits(validation::key_id(&self.key_id), self.limit, 1000, self.marker.as_deref())
            .one_of("includeKeyMaterial", self.include_key_material.as_deref(), &[ALL_KEY_MATERIAL, "ROTATIONS_ONLY"])
            .finish()
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let key = scene.key()?;
        let is_wanted = |material: &Material| material.rotation.is_some() || self.include_key_material.as_deref() == Some(ALL_KEY_MATERIAL);
        let read = |marker: &str| key.generations().position(|material| marker.strip_prefix(MARKER) == Some(material.id.as_str()));
        let from = read_marker(self.marker.as_deref(), Operation::ListKeyRotations, read)?.unwrap_or(0);
        let rest = key.generations().skip(from).filter(|material| is_wanted(material)).map(|material| Ok(entry(key, material)));
        let marker = |next: &RotationsListEntry| format!("{MARKER}{}", next.key_material_id);
        let Page { items: rotations, next_marker } = page(rest, self.limit, DEFAULT_LIMIT, marker)?;
        Ok(ListKeyRotationsResponse { rotations, truncated: next_marker.is_some(), next_marker }.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "keyId": self.key_id, "includeKeyMaterial": self.include_key_material, "limit": self.limit, "marker": self.marker })
    }
}

fn entry(key: &KeyRecord, material: &Material) -> RotationsListEntry {
    let imported = material.imported.as_ref();
    RotationsListEntry {
        key_id: key.arn().to_string(),
        key_material_id: material.id.clone(),
        key_material_description: imported.and_then(|imported| imported.description.clone()),
        import_state: imported.map(|_| if material.wrapped.is_some() { "IMPORTED" } else { "PENDING_IMPORT" }.into()),
        key_material_state: key.material_state(material).into(),
        expiration_model: material.expiration_model().map(Into::into),
        valid_to: material.valid_to().map(Timestamp::as_seconds),
        rotation_date: material.rotation.map(|_| material.created.as_seconds()),
        rotation_type: material.rotation.map(|rotation| rotation.name().into()),
    }
}

const ALL_KEY_MATERIAL: &str = "ALL_KEY_MATERIAL";
const DEFAULT_LIMIT: usize = 100;
const MARKER: &str = "rotation-";
