//! UpdateAlias: gives a name to another key. It needs the permission on the alias, on the key that had it and on the one that gets it.

use serde_json::{Value, json};
use waxseal_base::event::Kind;
use waxseal_kms_api::calls::{Response, UpdateAliasRequest, UpdateAliasResponse};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{On, Operate, Permission, Target};
use crate::alias_record::{AliasRecord, alias_arn, check_name, check_room, check_target};
use crate::refusals::internal;
use crate::scene::Scene;
use crate::validation::Validation;

impl Operate for UpdateAliasRequest {
    fn operation(&self) -> Operation {
        Operation::UpdateAlias
    }

    fn validate(&self) -> Result<(), Fault> {
        check_name(Validation::new().length("targetKeyId", self.target_key_id.chars().count(), 1..=2048), &self.alias_name)?;
        check_target(&self.target_key_id)
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.target_key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let (mut old, mut new) = (scene.other_key()?.clone(), scene.key()?.clone());
        let arn = alias_arn(scene.engine, scene.region, &new.account, &self.alias_name);
        let (alias, version) = scene.alias(&arn)?.ok_or_else(|| internal("the alias is gone"))?;
        if old.id != new.id {
            check_room(&new.aliases)?;
            old.aliases.retain(|name| *name != self.alias_name);
            new.aliases.push(self.alias_name.clone());
            scene.replace_other_key(&old)?;
            scene.replace_key(&new)?;
        }
        let alias = AliasRecord { key_id: new.id.clone(), updated: scene.now, ..alias };
        scene.write_alias(&arn, &alias, Some(version))?;
        scene.observer.emit(|_| Kind::AliasSet { alias_arn: arn.to_string(), key_arn: new.arn().to_string() });
        Ok(UpdateAliasResponse {}.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "aliasName": self.alias_name, "targetKeyId": self.target_key_id })
    }

    fn other_target(&self) -> Target<'_> {
        Target::Alias(&self.alias_name)
    }

    fn permissions(&self) -> Vec<Permission<'_>> {
        [On::Alias(&self.alias_name), On::OtherKey, On::Key].map(|on| Permission::new("kms:UpdateAlias", on)).into()
    }
}
