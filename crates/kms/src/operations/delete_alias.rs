//! DeleteAlias: takes a name away. The key stays, and what was encrypted under it still opens.

use serde_json::{Value, json};
use waxseal_base::event::Kind;
use waxseal_kms_api::calls::{DeleteAliasRequest, DeleteAliasResponse, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;

use super::{On, Operate, Permission, Target};
use crate::alias_record::{alias_arn, check_name};
use crate::scene::Scene;
use crate::validation::Validation;

impl Operate for DeleteAliasRequest {
    fn operation(&self) -> Operation {
        Operation::DeleteAlias
    }

    fn validate(&self) -> Result<(), Fault> {
        check_name(Validation::new(), &self.alias_name)
    }

    fn target(&self) -> Target<'_> {
        Target::Alias(&self.alias_name)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        let mut record = scene.key()?.clone();
        let arn = alias_arn(scene.engine, scene.region, &record.account, &self.alias_name);
        record.aliases.retain(|name| *name != self.alias_name);
        scene.replace_key(&record)?;
        scene.delete_alias(&arn)?;
        scene.observer.emit(|_| Kind::AliasDeleted { alias_arn: arn.to_string() });
        Ok(DeleteAliasResponse {}.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({ "aliasName": self.alias_name })
    }

    fn permissions(&self) -> Vec<Permission<'_>> {
        vec![Permission::new("kms:DeleteAlias", On::Alias(&self.alias_name)), Permission::new("kms:DeleteAlias", On::Key)]
    }
}
