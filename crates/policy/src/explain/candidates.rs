//! What may help a refused request: every single change that could be a part of it.

use serde_json::{Value, json};
use waxseal_base::event::{Effect, Finding, FindingOutcome, Source};
use waxseal_kms_api::grant_operation::{GRANTABLE, takes_encryption_context};
use waxseal_kms_api::operation::Scope;

use super::draft::policy_of;
use super::edit::{Change, Edit};
use crate::decision::{name_of, policy_name};
use crate::document::Document;
use crate::evaluate::{Documents, Request, evaluate};
use crate::grant::{GrantChange, operation_of};
use crate::json::Json;
use crate::statement::member;
use crate::who_can::Ask;

/// The single changes, by what they are for.
pub(super) struct Candidates {
    /// What could allow: each is tried by itself.
    allows: Vec<Vec<Edit>>,
    /// What could take the denies away: as little of them as can be, or the statements as a whole.
    cures: Vec<Vec<Edit>>,
    /// What makes room: below no limit, for a permission of the very caller needs none of the caller's own; below those of the organization; below all.
    /// With each, the repairs of what can not be read.
    rest: Vec<Vec<Edit>>,
}

impl Candidates {
    pub(super) fn of(ask: &Ask<'_>) -> Self {
        let denies = denies(ask);
        let narrowed = denies.iter().map(|(remove, narrow)| narrow.clone().unwrap_or_else(|| remove.clone()));
        let removed = denies.iter().map(|(remove, _)| remove.clone());
        let (repairs, room) = (repairs(ask), room(ask));
        let is_of_organization = |edit: &&Edit| matches!(&edit.change, Change::AddStatement { source: Source::ServiceControlPolicy, .. });
        let organization: Vec<Edit> = room.iter().filter(is_of_organization).cloned().collect();
        Self {
            cures: vec![Vec::new(), narrowed.collect(), removed.collect()],
            allows: allows(ask),
            rest: vec![repairs.clone(), [repairs.as_slice(), &organization].concat(), [repairs, room].concat()],
        }
    }

    /// All ways that may lead to an allow, each with more than it needs.
    pub(super) fn ways(&self) -> impl Iterator<Item = Vec<Edit>> {
        let with_rest = |allow: &[Edit], cure: &[Edit]| self.rest.iter().map(|rest| [allow, cure, rest].concat()).collect::<Vec<_>>();
        self.allows.iter().flat_map(move |allow| self.cures.iter().flat_map(move |cure| with_rest(allow, cure)))
    }
}

/// Each statement that denies: without it, and with the caller spared where that can be written.
fn denies(ask: &Ask<'_>) -> Vec<(Edit, Option<Edit>)> {
    let decision = evaluate(&ask.request, &ask.documents);
    let is_deny = |finding: &&Finding| finding.outcome == FindingOutcome::Denies && statement_text(finding, &ask.documents).is_some();
    let edits = decision.findings.iter().filter(is_deny).map(|finding| {
        let name = name_of(finding, &ask.documents);
        let statement = finding.id.clone();
        let remove = Edit { change: Change::RemoveStatement { statement: statement.clone() }, description: format!("remove {name}") };
        let spared = ask.request.caller.principal_arn();
        // What is attached to the caller is about nobody else.
        let is_shared = matches!(statement.source, Source::KeyPolicy | Source::ServiceControlPolicy);
        let replacement = statement_text(finding, &ask.documents).filter(|_| is_shared).and_then(|text| sparing(text, &spared));
        let narrow = replacement.map(|replacement| Edit {
            change: Change::NarrowStatement { statement, replacement },
            description: format!("narrow {name}, so that it spares {spared}"),
        });
        (remove, narrow)
    });
    edits.collect()
}

fn statement_text<'a>(finding: &Finding, documents: &Documents<'a>) -> Option<&'a str> {
    let (source, number) = (finding.id.source, finding.id.document);
    let (_, _, document) = all(documents).into_iter().find(|(own_source, own_number, _)| (*own_source, *own_number) == (source, number))?;
    document.text().get(document.policy().ok()?.statements().get(finding.id.index)?.range())
}

/// The statement with one more condition: that the caller is another.
fn sparing(statement: &str, principal_arn: &str) -> Option<String> {
    let members = Json::parse(statement).ok()?.members().ok()?;
    let Some(condition) = member(&members, "Condition") else {
        let open = statement.strip_suffix('}')?.trim_end();
        return Some(format!(r#"{open}, "Condition": {}}}"#, json!({OTHER: {PRINCIPAL: principal_arn}})));
    };
    let range = condition.value.range();
    let mut value: Value = serde_json::from_str(statement.get(range.clone())?).ok()?;
    let values =
        value.as_object_mut()?.entry(OTHER).or_insert_with(|| json!({})).as_object_mut()?.entry(PRINCIPAL).or_insert_with(|| json!([]));
    if !values.is_array() {
        *values = json!([values.clone()]);
    }
    values.as_array_mut()?.push(principal_arn.into());
    Some(format!("{}{value}{}", statement.get(..range.start)?, statement.get(range.end..)?))
}

/// What could allow the request, once nothing denies it and the limits leave room.
fn allows(ask: &Ask<'_>) -> Vec<Vec<Edit>> {
    let (request, caller) = (&ask.request, ask.request.caller);
    let has_key = request.scope != Scope::IdentityPolicy && ask.documents.key_policy.is_some();
    let at_home = (!caller.is_root() && !caller.is_service()).then(|| {
        add(
            Source::IdentityPolicy,
            0,
            statement(request, None),
            format!("allow {} in a policy of {}", request.action, caller.principal_arn()),
        )
    });
    let key_policy = has_key.then(|| {
        let kind = if caller.is_service() { "Service" } else { "AWS" };
        let statement = statement(request, Some(json!({kind: caller.arn()})));
        add(Source::KeyPolicy, 0, statement, format!("add a statement to the key policy that allows {} to {caller}", request.action))
    });
    let grant = grant(request).filter(|_| has_key);
    let mut ways: Vec<Vec<Edit>> = vec![Vec::new()];
    ways.extend(at_home.iter().map(|edit| vec![edit.clone()]));
    ways.extend(key_policy.iter().map(|edit| vec![edit.clone()]));
    ways.extend(grant.map(|edit| vec![edit]));
    ways.extend(key_policy.into_iter().zip(at_home.clone()).map(|(key_policy, at_home)| vec![key_policy, at_home]));
    for pairs in pairs(ask) {
        ways.extend(at_home.clone().map(|at_home| [pairs.as_slice(), &[at_home]].concat()));
        ways.push(pairs);
    }
    ways
}

/// A grant for the caller. For CreateGrant it covers the new grant as well.
fn grant(request: &Request<'_>) -> Option<Edit> {
    let operation = operation_of(request.action);
    // A retirement is decided by the grant that it ends.
    if operation == "RetireGrant" || !GRANTABLE.contains(&operation) || request.caller.is_service() {
        return None;
    }
    let mut operations = vec![operation.to_owned()];
    if let Some(GrantChange::Creates { operations: further, .. }) = request.grant_change {
        operations.extend(further.iter().filter(|further| *further != operation).cloned());
    }
    let description = format!("create a grant for {} to {}", operations.join(", "), request.caller);
    Some(Edit { change: Change::CreateGrant { grantee: request.caller.to_string(), operations }, description })
}

/// The pairs of encryption context that a statement or grant asks for and the request does not have, together for each of them.
fn pairs(ask: &Ask<'_>) -> Vec<Vec<Edit>> {
    if !takes_encryption_context(operation_of(ask.request.action)) {
        return Vec::new();
    }
    let own = |key: &str| ask.request.encryption_context.and_then(|own| own.value(key));
    let documents = all(&ask.documents);
    let statements = documents.iter().filter_map(|(_, _, document)| document.policy().ok()).flat_map(|policy| policy.statements());
    let of_statements =
        statements.map(|statement| statement.wanted_pairs().map(|(key, value)| (key.to_owned(), value.to_owned())).collect());
    let constraints = ask.documents.grants.all().iter().filter_map(|grant| grant.constraints.as_ref());
    let of_grants = constraints.map(|constraints| {
        let contexts = [&constraints.encryption_context_subset, &constraints.encryption_context_equals].into_iter().flatten();
        contexts.flat_map(|context| context.iter()).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    });
    let mut ways: Vec<Vec<Edit>> = Vec::new();
    for wanted in of_statements.chain(of_grants) {
        let wanted: Vec<(String, String)> = wanted;
        let missing = wanted.into_iter().filter(|(key, value)| own(key) != Some(value));
        let edits: Vec<Edit> = missing
            .map(|(key, value)| {
                let description = format!("ask with {key} = {value} in the encryption context");
                Edit { change: Change::AddEncryptionContext { key, value }, description }
            })
            .collect();
        if !edits.is_empty() && !ways.contains(&edits) {
            ways.push(edits);
        }
    }
    ways
}

/// Room for the request below every limit that there is.
fn room(ask: &Ask<'_>) -> Vec<Edit> {
    let (documents, action) = (&ask.documents, ask.request.action);
    let mut edits = Vec::new();
    let mut make = |source, level, place: String| {
        edits.push(add(source, level, statement(&ask.request, None), format!("make room for {action} in {place}")));
    };
    if documents.permissions_boundary.is_some() {
        make(Source::PermissionsBoundary, 0, "the caller's permissions boundary".into());
    }
    if !documents.session_policies.is_empty() {
        make(Source::SessionPolicy, 0, "the policies that the session is started with".into());
    }
    for (level, policies) in documents.service_control_policies.iter().enumerate() {
        if !policies.is_empty() {
            make(Source::ServiceControlPolicy, level, format!("the service control policies of level {}", level.saturating_add(1)));
        }
    }
    edits
}

/// A policy in place of each text that is none. It allows the request and nothing else.
fn repairs(ask: &Ask<'_>) -> Vec<Edit> {
    let broken = all(&ask.documents).into_iter().filter(|(_, _, document)| document.policy().is_err());
    let repair = broken.map(|(source, document, _)| {
        let principal = (source == Source::KeyPolicy).then(|| json!({"AWS": ask.request.caller.arn()}));
        let policy = policy_of(&[statement(&ask.request, principal)], true);
        let description = format!("put a policy in place of {}, which can not be read", policy_name(source, document, &ask.documents));
        Edit { change: Change::ReplaceDocument { source, document, policy }, description }
    });
    repair.collect()
}

/// All documents, with their kind and number.
fn all<'a>(documents: &Documents<'a>) -> Vec<(Source, usize, &'a Document)> {
    let numbered = |source, all: &'a [Document]| all.iter().enumerate().map(move |(number, document)| (source, number, document));
    let one = |source, document: Option<&'a Document>| document.map(|document| (source, 0, document));
    let organization = documents.service_control_policies.iter().flatten().enumerate();
    one(Source::KeyPolicy, documents.key_policy)
        .into_iter()
        .chain(numbered(Source::IdentityPolicy, documents.identity_policies))
        .chain(one(Source::PermissionsBoundary, documents.permissions_boundary))
        .chain(numbered(Source::SessionPolicy, documents.session_policies))
        .chain(organization.map(|(number, document)| (Source::ServiceControlPolicy, number, document)))
        .collect()
}

fn add(source: Source, level: usize, statement: String, description: String) -> Edit {
    Edit { change: Change::AddStatement { source, level, statement }, description }
}

/// A statement that allows the request and nothing else: in a key's policy the key is `*`.
fn statement(request: &Request<'_>, principal: Option<Value>) -> String {
    let resource = match (&principal, request.resource) {
        (None, Some(resource)) => json!(resource.to_string()),
        _ => json!("*"),
    };
    let principal = principal.map_or_else(String::new, |principal| format!(r#""Principal": {principal}, "#));
    let effect = json!(Effect::Allow);
    format!(r#"{{"Effect": {effect}, {principal}"Action": {}, "Resource": {resource}}}"#, json!(request.action))
}

const OTHER: &str = "ArnNotEquals";
const PRINCIPAL: &str = "aws:PrincipalArn";
