//! Case files for the policy language: policies, grants and a request, with the verdict that is expected and why.
//!
//! A file is `{"cases": […]}`. A case has `id`, `title`, `key_policy`, `iam_policies` (the caller's), `grants`, `request`, `expect` (`Allow` or
//! `Deny`) and `reason`; ours also have `because`, a part of the sentence that has to come with the verdict, and what limits the caller:
//! `permissions_boundary`, `session_policies` and `service_control_policies` (a list of policies for each level of the organization). With
//! `message`, a part of AWS's text for the refusal is compared too. Policies are objects, or text where the text itself is what is tested. What a
//! case leaves out is empty.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use serde::Deserialize;
use serde_json::Value;
use waxseal_base::event::Verdict;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::calls::GrantConstraints;
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::operation::{Operation, Scope};
use waxseal_policy::{Caller, Context, Decision, Document, Documents, Grant, GrantChange, GrantIndex, Request, evaluate, verdict};

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
    #[serde(default)]
    iam_policies: Vec<Value>,
    permissions_boundary: Option<Value>,
    #[serde(default)]
    session_policies: Vec<Value>,
    #[serde(default)]
    service_control_policies: Vec<Vec<Value>>,
    #[serde(default)]
    grants: Vec<CaseGrant>,
    request: CaseRequest,
    expect: Expected,
    reason: String,
    because: Option<String>,
    message: Option<String>,
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
        let decisions = self.decide()?;
        let deciding =
            decisions.iter().find(|decision| !decision.is_allowed()).or(decisions.first()).context("the request has no action")?;
        let actual = if deciding.verdict == Verdict::Allow { Expected::Allow } else { Expected::Deny };
        let (because, expect) = (&deciding.because, self.expect);
        ensure!(actual == expect, "expected {expect:?} ({}), got {actual:?}: {because}", self.reason);
        if let Some(part) = &self.because {
            ensure!(because.contains(part.as_str()), "the reason should say `{part}`, but is: {because}");
        }
        if let Some(part) = &self.message {
            let resource = self.request.resource.as_deref().unwrap_or("*");
            let message = deciding.access_denied_message(
                &Caller::parse(&self.request.principal)?,
                self.request.action.values().first().map_or("", String::as_str),
                resource,
            );
            ensure!(message.contains(part.as_str()), "the message should say `{part}`, but is: {message}");
        }
        Ok(())
    }

    /// One decision per action; all have to allow.
    fn decide(&self) -> Result<Vec<Decision>> {
        let caller = Caller::parse(&self.request.principal)?;
        let resource = self.request.resource.as_deref().filter(|resource| *resource != "*").map(str::parse::<Arn>).transpose()?;
        let context: Context =
            self.request.context.iter().flat_map(|(key, values)| texts_of(values).map(move |value| (key, value))).collect();
        let key_policy = self.key_policy.as_ref().map(|policy| Document::key_policy(text_of(policy)));
        let read_all = |policies: &[Value]| policies.iter().map(|policy| Document::identity_policy(text_of(policy))).collect::<Vec<_>>();
        let (identity_policies, session_policies) = (read_all(&self.iam_policies), read_all(&self.session_policies));
        let permissions_boundary = self.permissions_boundary.as_ref().map(|policy| Document::identity_policy(text_of(policy)));
        let service_control_policies: Vec<Vec<Document>> = self.service_control_policies.iter().map(|level| read_all(level)).collect();
        let owner = resource.as_ref().map_or("", |resource| &resource.account);
        let grants: Vec<Grant> = self.grants.iter().map(|grant| grant.to_grant(owner)).collect();
        let index = GrantIndex::new(grants.clone());
        let documents = Documents {
            key_policy: key_policy.as_ref(),
            identity_policies: &identity_policies,
            permissions_boundary: permissions_boundary.as_ref(),
            session_policies: &session_policies,
            service_control_policies: &service_control_policies,
            grants: (&grants).into(),
        };
        let decide = |action: &String| {
            let request = Request {
                caller: &caller,
                action,
                resource: resource.as_ref(),
                scope: scope_of(action, resource.as_ref())?,
                context: &context,
                encryption_context: self.request.params.encryption_context_of(action),
                grant_change: self.grant_change(action),
            };
            let decision = evaluate(&request, &documents);
            for grants in [documents.grants, (&index).into()] {
                let quiet = verdict(&request, &Documents { grants, ..documents });
                ensure!(quiet == decision.verdict, "{action} is {:?} with findings, and {quiet:?} without", decision.verdict);
            }
            Ok(decision)
        };
        self.request.action.values().iter().map(decide).collect()
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

/// The values of a condition key: one or a list, each a text or what JSON has for it.
fn texts_of(values: &Value) -> impl Iterator<Item = String> {
    let values = values.as_array().map_or(std::slice::from_ref(values), Vec::as_slice);
    values.iter().map(text_of)
}

/// A text, or the text of what JSON has instead.
fn text_of(policy: &Value) -> String {
    policy.as_str().map_or_else(|| policy.to_string(), str::to_owned)
}

/// Whose policies decide about an action. The engine's operations know it themselves; the cases are about further ones too.
fn scope_of(action: &str, resource: Option<&Arn>) -> Result<Scope> {
    let name = action.strip_prefix("kms:").ok_or_else(|| anyhow!("`{action}` is not an action of a KMS"))?;
    if name.contains(['*', '?', ':']) {
        bail!("`{action}` is a pattern; a request has one action");
    }
    // Of an operation on an alias this is the part that the identity policies decide alone.
    if resource.is_some_and(Arn::is_kms_alias) {
        return Ok(Scope::IdentityPolicy);
    }
    if let Some(operation) = Operation::from_name(name) {
        return Ok(operation.scope());
    }
    Ok(match name {
        _ if KEYLESS.contains(&name) => Scope::IdentityPolicy,
        _ if CROSS_ACCOUNT.contains(&name) => Scope::AnyAccount,
        _ => Scope::OwnAccount,
    })
}

const KEYLESS: &[&str] = &[
    "ConnectCustomKeyStore",
    "CreateCustomKeyStore",
    "CreateKey",
    "DeleteCustomKeyStore",
    "DescribeCustomKeyStores",
    "DisconnectCustomKeyStore",
    "GenerateRandom",
    "ListAliases",
    "ListKeys",
    "ListRetirableGrants",
    "UpdateCustomKeyStore",
];

const CROSS_ACCOUNT: &[&str] = &[
    "CreateGrant",
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "DescribeKey",
    "Encapsulate",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GetKeyRotationStatus",
    "GetPublicKey",
    "ListGrants",
    "ReEncryptFrom",
    "ReEncryptTo",
    "RetireGrant",
    "RevokeGrant",
    "Sign",
    "Verify",
    "VerifyMac",
];
