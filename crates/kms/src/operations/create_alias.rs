//! CreateAlias: a name for a key. It needs the permission on the alias, which only identity policies give, and on the key.

use serde_json::{Value, json};
use waxseal_base::event::Kind;
use waxseal_kms_api::calls::{CreateAliasRequest, CreateAliasResponse, Response};
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;

use super::{On, Operate, Permission, Target};
use crate::alias_record::{AliasRecord, alias_arn, check_name, check_room, check_target};
use crate::scene::Scene;
use crate::validation::Validation;

impl Operate for CreateAliasRequest {
    fn operation(&self) -> Operation {
        Operation::CreateAlias
    }

    fn validate(&self) -> Result<(), Fault> {
        check_name(Validation::new().length("targetKeyId", self.target_key_id.chars().count(), 1..=2048), &self.alias_name)?;
        check_target(&self.target_key_id)
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.target_key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let mut record = scene.key()?.clone();
        let arn = alias_arn(scene.engine, scene.region, &record.account, &self.alias_name);
        if scene.alias(&arn)?.is_some() {
            return Err(Fault::new(FaultCode::AlreadyExistsException, format!("An alias with the name {arn} already exists")));
        }
        check_room(&record.aliases)?;
        let alias = AliasRecord { name: self.alias_name.clone(), key_id: record.id.clone(), created: scene.now, updated: scene.now };
        record.aliases.push(self.alias_name.clone());
        scene.replace_key(&record)?;
        scene.write_alias(&arn, &alias, None)?;
        scene.observer.emit(|_| Kind::AliasSet { alias_arn: arn.to_string(), key_arn: record.arn().to_string() });
        Ok(CreateAliasResponse {}.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "aliasName": self.alias_name, "targetKeyId": self.target_key_id })
    }

    fn permissions(&self) -> Vec<Permission<'_>> {
        vec![Permission::new("kms:CreateAlias", On::Alias(&self.alias_name)), Permission::new("kms:CreateAlias", On::Key)]
    }
}
