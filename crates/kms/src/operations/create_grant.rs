//! CreateGrant: lets a principal use the key for some operations, without touching the key's policy.

use serde_json::{Value, json};
use waxseal_base::event::Kind;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::calls::{CreateGrantRequest, CreateGrantResponse, GrantConstraints, Response};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::grant_operation::GRANTABLE;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::{Context, Grant, GrantChange};

use super::{Operate, Target};
use crate::grants::{GrantRecord, make_token};
use crate::ids::make_id;
use crate::key_record::KeyRecord;
use crate::key_spec::KeySpec;
use crate::pipeline::Scene;
use crate::refusals::{failed, unsupported};
use crate::usage::is_grantable;
use crate::validation::{self, Validation, invalid};

impl Operate for CreateGrantRequest {
    fn operation(&self) -> Operation {
        Operation::CreateGrant
    }

    fn validate(&self) -> Result<(), Fault> {
        let mut validation = validation::key_id(&self.key_id)
            .length("granteePrincipal", self.grantee_principal.chars().count(), 1..=256)
            .length("retiringPrincipal", self.retiring_principal.as_ref().map_or(1, |arn| arn.chars().count()), 1..=256)
            .length("operations", self.operations.len(), 1..=usize::MAX)
            .grant_tokens(&self.grant_tokens);
        for operation in &self.operations {
            validation = validation.one_of("operations.member", Some(operation), GRANTABLE);
        }
        if let Some(name) = &self.name {
            let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || ":/_-".contains(c));
            validation = validation.length("name", name.chars().count(), 1..=256).pattern("name", plain, "^[a-zA-Z0-9:/_-]+$");
        }
        check_supported(self)?;
        check_constraints(validation, self.constraints.as_ref()).finish()?;
        std::iter::once(&self.grantee_principal).chain(&self.retiring_principal).try_for_each(|arn| check_principal(arn))
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn rehearse(&self, scene: &Scene<'_>) -> Result<(), Fault> {
        let key = scene.key()?;
        check_suits(self, key)?;
        match same_grant(self, key).is_none() && key.grants.len() >= MAX_GRANTS {
            true => Err(Fault::new(FaultCode::LimitExceededException, format!("A key has at most {MAX_GRANTS} grants."))),
            false => Ok(()),
        }
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        self.rehearse(scene)?;
        let grant_id = match same_grant(self, scene.key()?) {
            Some(grant_id) => grant_id,
            None => add_grant(self, scene)?,
        };
        let grant_token = make_token(&scene.engine.root_key, &scene.engine.env, &scene.key()?.id, &grant_id)?;
        Ok(CreateGrantResponse { grant_id, grant_token }.into())
    }

    fn audit_parameters(&self) -> Value {
        let constraints = self.constraints.as_ref().map(|constraints| {
            json!({
                "encryptionContextSubset": constraints.encryption_context_subset,
                "encryptionContextEquals": constraints.encryption_context_equals,
                "sourceArn": constraints.source_arn,
            })
        });
        json!({
            "keyId": self.key_id,
            "granteePrincipal": self.grantee_principal,
            "retiringPrincipal": self.retiring_principal,
            "operations": self.operations,
            "constraints": constraints,
            "name": self.name,
            "dryRun": self.dry_run,
        })
    }

    fn audit_response(&self, response: &Response) -> Value {
        match response {
            Response::CreateGrant(response) => json!({ "keyId": self.key_id, "grantId": response.grant_id }),
            _ => Value::Null,
        }
    }

    fn is_dry_run(&self) -> bool {
        self.dry_run == Some(true)
    }

    fn grant_tokens(&self) -> &[String] {
        &self.grant_tokens
    }

    fn condition_context(&self) -> Option<&EncryptionContext> {
        let constraints = self.constraints.as_ref()?;
        constraints.encryption_context_equals.as_ref().or(constraints.encryption_context_subset.as_ref())
    }

    fn grant_change(&self) -> Option<GrantChange<'_>> {
        Some(GrantChange::Creates { operations: &self.operations, constraints: self.constraints.as_ref() })
    }

    fn add_conditions(&self, scene: &Scene<'_>, context: &mut Context) {
        context.insert_all("kms:GrantOperations", &self.operations);
        context.insert("kms:GranteePrincipal", &self.grantee_principal);
        context.insert_all("kms:RetiringPrincipal", self.retiring_principal.as_deref());
        context.insert_all("kms:GrantConstraintType", constraint_type(self.constraints.as_ref()));
        context.insert("kms:GrantIsForAWSResource", scene.call.via_service.is_some().to_string());
    }
}

/// The grant that an equal request of the same name made before.
fn same_grant(request: &CreateGrantRequest, key: &KeyRecord) -> Option<String> {
    let name = request.name.as_ref()?;
    let same = |grant: &&GrantRecord| {
        grant.name.as_ref() == Some(name)
            && grant.grantee == request.grantee_principal
            && grant.retiring == request.retiring_principal
            && grant.operations == request.operations
            && grant.constraints == request.constraints
    };
    key.grants.iter().find(same).map(|grant| grant.id.clone())
}

fn add_grant(request: &CreateGrantRequest, scene: &mut Scene<'_>) -> Result<String, Fault> {
    let mut record = scene.key()?.clone();
    let grant = GrantRecord {
        number: record.next_grant,
        id: make_id(&scene.engine.env).map_err(failed)?,
        name: request.name.clone(),
        created: scene.now,
        grantee: request.grantee_principal.clone(),
        retiring: request.retiring_principal.clone(),
        operations: request.operations.clone(),
        constraints: request.constraints.clone(),
        issuing_account: scene.call.caller.account().unwrap_or(&record.account).into(),
    };
    let (grant_id, grantee) = (grant.id.clone(), grant.grantee.clone());
    record.next_grant = record.next_grant.saturating_add(1);
    record.grants.push(grant);
    scene.replace_key(&record)?;
    let key_arn = || record.arn().to_string();
    scene.observer.emit(|_| Kind::GrantCreated { key_arn: key_arn(), grant_id: grant_id.clone(), grantee });
    Ok(grant_id)
}

/// With both constraints the stricter one counts: the context has to equal those pairs.
fn constraint_type(constraints: Option<&GrantConstraints>) -> Option<&'static str> {
    let constraints = constraints?;
    match (&constraints.encryption_context_equals, &constraints.encryption_context_subset) {
        (Some(_), _) => Some("EncryptionContextEquals"),
        (None, Some(_)) => Some("EncryptionContextSubset"),
        (None, None) => None,
    }
}

fn check_constraints(validation: Validation, constraints: Option<&GrantConstraints>) -> Validation {
    let Some(constraints) = constraints else { return validation };
    let source = constraints.source_arn.as_ref().map(|arn| arn.chars().count());
    let mut validation = validation.length("constraints.sourceArn", source.unwrap_or(20), 20..=512).pattern(
        "constraints.sourceArn",
        constraints.source_arn.as_deref().is_none_or(is_source_arn),
        "^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$",
    );
    for (member, context) in [
        ("constraints.encryptionContextSubset", &constraints.encryption_context_subset),
        ("constraints.encryptionContextEquals", &constraints.encryption_context_equals),
    ] {
        let pairs = context.iter().flat_map(|context| context.iter());
        let longest = pairs.map(|(key, value)| key.chars().count().max(value.chars().count())).max().unwrap_or(0);
        validation = validation.length(member, context.as_ref().map_or(0, EncryptionContext::len), 0..=MAX_PAIRS).length(
            &format!("{member}.member"),
            longest,
            0..=MAX_PAIR_LEN,
        );
    }
    validation
}

/// Refuses operations that the key can not do, and constraints that nothing it does could meet.
fn check_suits(request: &CreateGrantRequest, key: &KeyRecord) -> Result<(), Fault> {
    let KeyRecord { key_spec, key_usage, .. } = key;
    if let Some(operation) = request.operations.iter().find(|operation| !is_grantable(operation, key)) {
        let text = format!("Operation {operation} is not supported by a key of KeySpec {key_spec} and KeyUsage {key_usage}");
        return Err(invalid(text));
    }
    match constraint_type(request.constraints.as_ref()) {
        Some(constraint) if *key_spec != KeySpec::SymmetricDefault => {
            Err(invalid(format!("Constraint {constraint} is not supported: a key of KeySpec {key_spec} has no encryption context")))
        }
        _ => Ok(()),
    }
}

fn check_principal(text: &str) -> Result<(), Fault> {
    match Grant::can_name(text) {
        true => Ok(()),
        false => Err(Fault::new(FaultCode::InvalidArnException, format!("`{text}` is not the ARN of an account, user, role or session"))),
    }
}

/// Services are named in grants by AWS's own services only.
fn check_supported(request: &CreateGrantRequest) -> Result<(), Fault> {
    match (&request.grantee_service_principal, &request.retiring_service_principal) {
        (None, None) => Ok(()),
        (Some(_), _) => Err(unsupported("this KMS makes no grants to services: leave out `GranteeServicePrincipal`")),
        (None, Some(_)) => Err(unsupported("this KMS has no services that retire grants: leave out `RetiringServicePrincipal`")),
    }
}

/// AWS's form of a SourceArn: `^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$`.
fn is_source_arn(text: &str) -> bool {
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    text.parse::<Arn>().is_ok_and(|arn| {
        arn.partition.strip_prefix("aws").is_some_and(plain)
            && plain(&arn.service)
            && plain(&arn.region)
            && arn.account.len() == 12
            && arn.account.bytes().all(|byte| byte.is_ascii_digit())
            && !arn.resource.contains('\n')
    })
}

const MAX_GRANTS: usize = 50_000;
const MAX_PAIRS: usize = 8;
const MAX_PAIR_LEN: usize = 384;
