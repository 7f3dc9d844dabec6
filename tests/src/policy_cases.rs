//! Case files for the policy language: policies, grants and a request, with the verdict that is expected and why.
//!
//! A file is `{"cases": […]}`. A case has `id`, `title`, `key_policy`, `iam_policies` (the caller's), `grants`, `request`, `expect` (`Allow` or
//! `Deny`) and `reason`; ours also have `because`, a part of the sentence that has to come with the verdict, and what limits the caller:
//! `permissions_boundary`, `session_policies` and `service_control_policies` (a list of policies for each level of the organization). With
//! `message`, a part of AWS's text for the refusal is compared too. `others` are further callers, each with `principal`, `context` and the same
//! policies; then `who_can` lists everyone whom the same is allowed, and `fixes` what would help the one who asks: `edits`, and whom they `also_allow`. Policies are objects, or text where the text itself is what is tested. What a
//! case leaves out is empty.

mod scope;
mod world;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::Value;
use waxseal_base::event::Verdict;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::calls::GrantConstraints;
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_policy::{Ask, Decision, Document, Documents, Grant, GrantChange, GrantIndex, Request, evaluate, explain, verdict, who_can};

use scope::scope_of;
use world::{Attached, Other, Person, World, text_of};

/// The cases of one file.
#[derive(Debug, Deserialize)]
pub struct CaseFile {
    /// The cases, in order.
    pub cases: Vec<Case>,
}

impl CaseFile {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("can not read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is not a file of policy cases", path.display()))
    }
}

/// A request to be decided. What is in it is read when it runs, so that a case nobody understands fails alone.
#[derive(Debug, Deserialize)]
#[serde(from = "Value")]
pub struct Case {
    /// Names the case in reports.
    pub id: String,
    /// What it is about.
    pub title: String,
    body: Value,
}

impl From<Value> for Case {
    fn from(body: Value) -> Self {
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
        Self { id: text("id"), title: text("title"), body }
    }
}

impl Case {
    /// Decides the case and compares. The error tells what came out instead.
    pub fn run(&self) -> Result<()> {
        Body::deserialize(&self.body).context("the case can not be read")?.run()
    }
}

#[derive(Debug, Deserialize)]
struct Body {
    key_policy: Option<Value>,
    #[serde(flatten)]
    attached: Attached,
    #[serde(default)]
    grants: Vec<CaseGrant>,
    request: CaseRequest,
    expect: Expected,
    reason: String,
    because: Option<String>,
    message: Option<String>,
    #[serde(default)]
    others: Vec<Other>,
    who_can: Option<Vec<String>>,
    fixes: Option<Vec<CaseFix>>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct CaseFix {
    edits: Vec<String>,
    #[serde(default)]
    also_allow: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Expected {
    Allow,
    Deny,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CaseGrant {
    grant_id: String,
    name: Option<String>,
    #[serde(alias = "GranteeServicePrincipal")]
    grantee_principal: String,
    #[serde(alias = "RetiringServicePrincipal")]
    retiring_principal: Option<String>,
    operations: Vec<String>,
    constraints: Option<GrantConstraints>,
    issuing_account: Option<String>,
}

#[derive(Debug, Deserialize)]
struct CaseRequest {
    principal: String,
    action: OneOrMany,
    resource: Option<String>,
    #[serde(default)]
    params: Params,
    #[serde(default)]
    context: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn values(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// The parameters of the request that decide; others are left aside.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Params {
    encryption_context: Option<EncryptionContext>,
    source_encryption_context: Option<EncryptionContext>,
    destination_encryption_context: Option<EncryptionContext>,
    operations: Option<Vec<String>>,
    constraints: Option<GrantConstraints>,
    grant_id: Option<String>,
}

impl Body {
    fn run(&self) -> Result<()> {
        let world = self.world()?;
        let actions = self.request.action.values();
        // All actions have to be allowed.
        let decisions = actions.iter().map(|action| Ok((action, self.decide(&world, action)?))).collect::<Result<Vec<_>>>()?;
        let (action, deciding) =
            decisions.iter().find(|(_, decision)| !decision.is_allowed()).or(decisions.first()).context("the request has no action")?;
        let actual = if deciding.verdict == Verdict::Allow { Expected::Allow } else { Expected::Deny };
        let (because, expect) = (&deciding.because, self.expect);
        ensure!(actual == expect, "expected {expect:?} ({}), got {actual:?}: {because}", self.reason);
        if let Some(part) = &self.because {
            ensure!(because.contains(part.as_str()), "the reason should say `{part}`, but is: {because}");
        }
        if let Some(part) = &self.message {
            let resource = self.request.resource.as_deref().unwrap_or("*");
            let message = deciding.access_denied_message(&world.asker.caller, action, resource);
            ensure!(message.contains(part.as_str()), "the message should say `{part}`, but is: {message}");
        }
        self.compare_answers(&world, action)
    }

    /// Compares who else can, and what would help.
    fn compare_answers(&self, world: &World, action: &str) -> Result<()> {
        let ask = self.ask(world, &world.asker, action)?;
        let others = world.others.iter().map(|person| self.ask(world, person, action)).collect::<Result<Vec<_>>>()?;
        if let Some(expected) = &self.who_can {
            let holders: Vec<String> = who_can(&[&[ask], others.as_slice()].concat()).into_iter().map(|holder| holder.principal).collect();
            ensure!(holders == *expected, "those who can are {holders:?}");
        }
        if let Some(expected) = &self.fixes {
            let fixes: Vec<CaseFix> = explain(&ask, &others)
                .into_iter()
                .map(|fix| CaseFix { edits: fix.edits.iter().map(ToString::to_string).collect(), also_allow: fix.also_allows })
                .collect();
            ensure!(fixes == *expected, "what helps is {fixes:#?}");
        }
        Ok(())
    }

    fn world(&self) -> Result<World> {
        let resource = self.request.resource.as_deref().filter(|resource| *resource != "*").map(str::parse::<Arn>).transpose()?;
        let owner = resource.as_ref().map_or("", |resource| &resource.account);
        let grants: Vec<Grant> = self.grants.iter().map(|grant| grant.to_grant(owner)).collect();
        let others = self.others.iter().map(|other| Person::read(&other.principal, &other.context, &other.attached));
        Ok(World {
            key_policy: self.key_policy.as_ref().map(|policy| Document::key_policy(text_of(policy))),
            index: GrantIndex::new(grants.clone()),
            grants,
            asker: Person::read(&self.request.principal, &self.request.context, &self.attached)?,
            others: others.collect::<Result<_>>()?,
            resource,
        })
    }

    fn ask<'a>(&'a self, world: &'a World, person: &'a Person, action: &'a str) -> Result<Ask<'a>> {
        let request = Request {
            caller: &person.caller,
            action,
            resource: world.resource.as_ref(),
            scope: scope_of(action, world.resource.as_ref())?,
            context: &person.context,
            encryption_context: self.request.params.encryption_context_of(action),
            grant_change: self.grant_change(action),
        };
        Ok(Ask { request, documents: world.documents(person) })
    }

    /// The decision, which has to be the same without findings, and with the grants indexed.
    fn decide(&self, world: &World, action: &str) -> Result<Decision> {
        let Ask { request, documents } = self.ask(world, &world.asker, action)?;
        let decision = evaluate(&request, &documents);
        for grants in [documents.grants, (&world.index).into()] {
            let quiet = verdict(&request, &Documents { grants, ..documents });
            ensure!(quiet == decision.verdict, "{action} is {:?} with findings, and {quiet:?} without", decision.verdict);
        }
        Ok(decision)
    }

    /// What a request about grants would change. A retirement that names no grant is about the only one there is.
    fn grant_change(&self, action: &str) -> Option<GrantChange<'_>> {
        let params = &self.request.params;
        match action {
            "kms:CreateGrant" => {
                Some(GrantChange::Creates { operations: params.operations.as_deref()?, constraints: params.constraints.as_ref() })
            }
            "kms:RetireGrant" => {
                let only = if self.grants.len() == 1 { self.grants.first().map(|grant| &grant.grant_id) } else { None };
                Some(GrantChange::Retires { grant_id: params.grant_id.as_ref().or(only)? })
            }
            _ => None,
        }
    }
}

impl CaseGrant {
    fn to_grant(&self, owner: &str) -> Grant {
        Grant {
            id: self.grant_id.clone(),
            name: self.name.clone(),
            grantee: self.grantee_principal.clone(),
            retiring: self.retiring_principal.clone(),
            operations: self.operations.clone(),
            constraints: self.constraints.clone(),
            issuing_account: self.issuing_account.clone().unwrap_or_else(|| owner.to_owned()),
        }
    }
}

impl Params {
    fn encryption_context_of(&self, action: &str) -> Option<&EncryptionContext> {
        match action {
            "kms:ReEncryptFrom" => self.source_encryption_context.as_ref().or(self.encryption_context.as_ref()),
            "kms:ReEncryptTo" => self.destination_encryption_context.as_ref().or(self.encryption_context.as_ref()),
            _ => self.encryption_context.as_ref(),
        }
    }
}
