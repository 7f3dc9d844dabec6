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

use super::{Operate, Target, members};
use crate::grants::{GrantRecord, make_token};
use crate::ids::make_id;
use crate::key_record::KeyRecord;
use crate::key_spec::KeySpec;
use crate::refusals::failed;
use crate::scene::Scene;
use crate::usage::is_grantable;
use crate::validation::{self, Validation, invalid};

impl Operate for CreateGrantRequest {
    fn operation(&self) -> Operation {
        Operation::CreateGrant
    }

    fn validate(&self) -> Result<(), Fault> {
        let mut validation = validation::key_id(&self.key_id)
            .length("granteePrincipal", self.grantee_principal.chars().count(), 0..=256)
            .length("retiringPrincipal", self.retiring_principal.as_ref().map_or(1, |arn| arn.chars().count()), 1..=256)
            .length("operations", self.operations.len(), 1..=usize::MAX)
            .service("granteeServicePrincipal", self.grantee_service_principal.as_deref())
            .service("retiringServicePrincipal", self.retiring_service_principal.as_deref())
            .grant_tokens(&self.grant_tokens);
        for operation in &self.operations {
            validation = validation.one_of("operations.member", Some(operation), GRANTABLE);
        }
        if let Some(name) = &self.name {
            let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || ":/_-".contains(c));
            validation = validation.length("name", name.chars().count(), 1..=256).pattern("name", plain, "^[a-zA-Z0-9:/_-]+$");
        }
        check_constraints(validation, self.constraints.as_ref()).finish()?;
        check_principals(self)
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn rehearse(&self, scene: &Scene<'_>) -> Result<(), Fault> {
        let key = scene.key()?;
        check_suits(self, key)?;
        match same_grant(self, key).is_none() && key.living_grants().count() >= MAX_GRANTS {
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
            "granteePrincipal": own_principal(self),
            "granteeServicePrincipal": self.grantee_service_principal,
            "retiringPrincipal": self.retiring_principal,
            "retiringServicePrincipal": self.retiring_service_principal,
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

    members!(dry_run, grant_tokens);

    fn condition_context(&self) -> Option<&EncryptionContext> {
        let constraints = self.constraints.as_ref()?;
        constraints.encryption_context_equals.as_ref().or(constraints.encryption_context_subset.as_ref())
    }

    fn grant_change(&self) -> Option<GrantChange<'_>> {
        Some(GrantChange::Creates { operations: &self.operations, constraints: self.constraints.as_ref() })
    }

    fn add_conditions(&self, scene: &Scene<'_>, context: &mut Context) {
        context.insert_all("kms:GrantOperations", &self.operations);
        context.insert_all("kms:GranteePrincipal", own_principal(self));
        context.insert_all("kms:GranteeServicePrincipal", self.grantee_service_principal.as_deref());
        context.insert_all("kms:RetiringPrincipal", self.retiring_principal.as_deref());
        context.insert_all("kms:RetiringServicePrincipal", self.retiring_service_principal.as_deref());
        let source = self.constraints.as_ref().and_then(|constraints| constraints.source_arn.as_deref());
        context.insert_all("kms:GrantConstraintSourceArn", source);
        context.insert_all("kms:GrantConstraintType", constraint_type(self.constraints.as_ref()));
        context.insert("kms:GrantIsForAWSResource", scene.call.via_service.is_some().to_string());
    }
}

/// Who may use the key, as the grant's record names it.
fn grantee(request: &CreateGrantRequest) -> &String {
    request.grantee_service_principal.as_ref().unwrap_or(&request.grantee_principal)
}

/// Who may retire the grant, as its record names it.
fn retiring(request: &CreateGrantRequest) -> Option<&String> {
    request.retiring_service_principal.as_ref().or(request.retiring_principal.as_ref())
}

/// The grantee, unless it is a service.
fn own_principal(request: &CreateGrantRequest) -> Option<&str> {
    Some(request.grantee_principal.as_str()).filter(|principal| !principal.is_empty())
}

/// The grant that an equal request of the same name made before.
fn same_grant(request: &CreateGrantRequest, key: &KeyRecord) -> Option<String> {
    let name = request.name.as_ref()?;
    let same = |grant: &&GrantRecord| {
        grant.name.as_ref() == Some(name)
            && grant.grantee == *grantee(request)
            && grant.retiring.as_ref() == retiring(request)
            && grant.operations == request.operations
            && grant.constraints == request.constraints
    };
    key.living_grants().find(same).map(|grant| grant.id.clone())
}

fn add_grant(request: &CreateGrantRequest, scene: &mut Scene<'_>) -> Result<String, Fault> {
    let mut record = scene.key()?.clone();
    let grant = GrantRecord {
        number: record.next_grant,
        id: make_id(&scene.engine.env).map_err(failed)?,
        name: request.name.clone(),
        created: scene.now,
        ended: None,
        grantee: grantee(request).clone(),
        retiring: retiring(request).cloned(),
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

/// Refuses whom a grant can not name, and a grant to a service that would hold for all it does, or that nobody could retire.
fn check_principals(request: &CreateGrantRequest) -> Result<(), Fault> {
    match (own_principal(request), &request.grantee_service_principal) {
        (None, None) => return Err(invalid("You must specify either GranteePrincipal or GranteeServicePrincipal.")),
        (Some(_), Some(_)) => return Err(invalid("You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.")),
        _ => {}
    }
    if request.retiring_principal.is_some() && request.retiring_service_principal.is_some() {
        return Err(invalid("You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both."));
    }
    let has_source = request.constraints.as_ref().is_some_and(|constraints| constraints.source_arn.is_some());
    if request.grantee_service_principal.is_some() && !(has_source && retiring(request).is_some()) {
        return Err(invalid(
            "When you specify a GranteeServicePrincipal, you must also specify a SourceArn grant constraint and either a RetiringPrincipal or a RetiringServicePrincipal.",
        ));
    }
    own_principal(request).into_iter().chain(request.retiring_principal.as_deref()).try_for_each(check_principal)?;
    [&request.grantee_service_principal, &request.retiring_service_principal].into_iter().flatten().try_for_each(|name| check_service(name))
}

fn check_service(name: &str) -> Result<(), Fault> {
    match Grant::can_name_service(name) {
        true => Ok(()),
        false => Err(invalid(format!("`{name}` is not the name of a service of AWS, such as s3.amazonaws.com"))),
    }
}

fn check_principal(text: &str) -> Result<(), Fault> {
    match Grant::can_name(text) {
        true => Ok(()),
        false => Err(Fault::new(FaultCode::InvalidArnException, format!("`{text}` is not the ARN of an account, user, role or session"))),
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
