//! Key material that its owner brings: which generation it becomes, when it expires, and what becomes of a key that lacks some.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::fault::{Fault, FaultCode};

use crate::key_record::{KeyRecord, Material};
use crate::key_spec::{KeySpec, Origin};
use crate::refusals::unsupported;
use crate::states::KeyState;

/// What the owner of key material said of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Imported {
    pub(crate) description: Option<String>,
    /// When it expires; only while it is there.
    pub(crate) valid_to: Option<Timestamp>,
}

impl Material {
    /// When it expires.
    pub(crate) fn valid_to(&self) -> Option<Timestamp> {
        self.imported.as_ref().and_then(|imported| imported.valid_to)
    }

    /// Whether it expires; none if its owner did not bring it, or it is not there.
    pub(crate) fn expiration_model(&self) -> Option<&'static str> {
        self.imported.as_ref().filter(|_| self.wrapped.is_some()).map(|imported| expiration_model(imported.valid_to))
    }
}

impl KeyRecord {
    /// When the first of its generations expires.
    pub(crate) fn valid_to(&self) -> Option<Timestamp> {
        self.materials.iter().filter_map(Material::valid_to).min()
    }

    /// Whether any of its generations expires; none if its owner did not bring them, or none is there.
    pub(crate) fn expiration_model(&self) -> Option<&'static str> {
        let first = self.materials.iter().find_map(Material::expiration_model)?;
        Some(self.valid_to().map_or(first, |at| expiration_model(Some(at))))
    }

    /// Whether all its generations are there; only then can it be used.
    pub(crate) fn is_complete(&self) -> bool {
        !self.materials.is_empty() && self.materials.iter().all(|material| material.wrapped.is_some())
    }

    /// Takes over material that its owner brought. `is_new`: a further generation, not one that it had before. A replica's generations are those of
    /// its primary key.
    pub(crate) fn import(&mut self, brought: Material, is_new: bool) -> Result<(), Fault> {
        if is_new && self.is_replica() {
            return Err(unsupported(format!("{} is a replica: import new key material into its primary key first", self.arn())));
        }
        let is_first = self.materials.is_empty();
        let known = self.materials.iter_mut().chain(&mut self.pending_material).find(|known| is_same(known, &brought.id));
        match (known, is_new) {
            (Some(_), true) => return Err(incorrect("The key material is associated with this KMS key already.")),
            (None, false) => return Err(incorrect("The key material is not the one that was imported into this KMS key before.")),
            (Some(known), false) => known.replace(brought),
            (None, true) if is_first => self.materials.push(brought),
            (None, true) => match &self.pending_material {
                Some(pending) => return Err(another_is_pending(&brought.id, &self.arn().to_string(), &pending.id)),
                None => self.pending_material = Some(brought),
            },
        }
        if self.state == KeyState::PendingImport && self.is_complete() {
            self.state = KeyState::Enabled;
        }
        Ok(())
    }

    /// Takes material away: what waits for its rotation is forgotten, unless the primary key has it; any other can be imported again. Returns
    /// whether it was there.
    pub(crate) fn remove_material(&mut self, id: &str) -> bool {
        let is_replica = self.is_replica();
        if let Some(pending) = self.pending_material.as_mut().filter(|pending| pending.id == id) {
            return if is_replica { pending.remove() } else { self.pending_material.take().is_some() };
        }
        let Some(material) = self.materials.iter_mut().find(|material| material.id == id) else { return false };
        let was_there = material.remove();
        if matches!(self.state, KeyState::Enabled | KeyState::Disabled) {
            self.state = KeyState::PendingImport;
        }
        was_there
    }

    /// An id of its material, as callers see it: only a symmetric encryption key has generations to tell apart.
    pub(crate) fn shown(&self, material_id: &str) -> Option<String> {
        (self.key_spec == KeySpec::SymmetricDefault).then(|| material_id.into())
    }

    /// Whether its owner brings its material.
    pub(crate) fn is_external(&self) -> bool {
        self.origin == Origin::External
    }
}

impl Material {
    /// The same generation of a replica that has these: it is there if it is among them.
    pub(crate) fn as_of(&self, own: &[Self]) -> Self {
        let known = own.iter().find(|known| known.id == self.id);
        let description = self.imported.as_ref().and_then(|imported| imported.description.clone());
        let imported = known.map_or(Some(Imported { description, valid_to: None }), |known| known.imported.clone());
        Self { wrapped: known.and_then(|known| known.wrapped.clone()), imported, ..self.clone() }
    }

    /// It leaves the record, all but its id. Returns whether it was there.
    fn remove(&mut self) -> bool {
        if let Some(imported) = &mut self.imported {
            imported.valid_to = None;
        }
        self.wrapped.take().is_some()
    }

    /// The same material once more; its place among the others stays, and its description unless there is another.
    fn replace(&mut self, brought: Self) {
        let description = self.imported.take().and_then(|imported| imported.description);
        let imported = brought.imported.map(|new| Imported { description: new.description.or(description), ..new });
        *self = Self { created: self.created, rotation: self.rotation, imported, ..brought };
    }
}

/// AWS's name of what that expiry date means.
pub(crate) fn expiration_model(valid_to: Option<Timestamp>) -> &'static str {
    if valid_to.is_some() { EXPIRES } else { DOES_NOT_EXPIRE }
}

/// The material goes at a date.
pub(crate) const EXPIRES: &str = "KEY_MATERIAL_EXPIRES";
/// The material stays.
pub(crate) const DOES_NOT_EXPIRE: &str = "KEY_MATERIAL_DOES_NOT_EXPIRE";

/// Material that is not what it has to be.
pub(crate) fn incorrect(text: impl Into<String>) -> Fault {
    Fault::new(FaultCode::IncorrectKeyMaterialException, text)
}

/// An id follows from the material, so equal ids are equal material; how far unequal ones agree is nobody's business.
fn is_same(known: &Material, id: &str) -> bool {
    known.id.as_bytes().ct_eq(id.as_bytes()).into()
}

fn another_is_pending(id: &str, arn: &str, pending: &str) -> Fault {
    let text = format!(
        "New key material (id: {id}) cannot be imported into KMS key {arn}, because another key material (id: {pending}) is pending rotation."
    );
    Fault::new(FaultCode::KMSInvalidStateException, text)
}
