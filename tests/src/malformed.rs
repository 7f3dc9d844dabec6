//! Malformed requests and how they are refused.
//!
//! `malformed/requests.json` has `cases`: an HTTP request as its `operation`, `method`, `target`, `headers` and body, with the `status` and `fault`
//! that are expected and a part of the `message`. A case without `fault` is answered. The body is `body`, a text; `body_hex`; or `body_parts`,
//! texts with the number of times that each is there. In it `$KEY`, `$BLOB`, `$GRANT` and `$TOKEN` stand for what the KMS has.
//!
//! `malformed/members.json` has the members of every operation's request, each with its type, and for each type values that are not of it. Every
//! member is sent with every wrong value, and beside it the ones that the operation needs.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use waxseal_kms::http::HttpRequest;
use waxseal_kms_api::operation::Operation;

use crate::hostile::world::{WORLD, post};

/// A request of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Names the case in reports.
    pub id: String,
    /// What it is about.
    pub title: String,
    operation: Option<String>,
    method: Option<String>,
    target: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, Option<String>>,
    body: Option<String>,
    body_hex: Option<String>,
    #[serde(default)]
    body_parts: Vec<(String, usize)>,
    status: u16,
    fault: Option<String>,
    #[serde(default)]
    message: String,
}

impl Case {
    /// The cases of a file.
    pub fn read(path: &Path) -> Result<Vec<Self>> {
        #[derive(Deserialize)]
        struct File {
            cases: Vec<Case>,
        }
        read::<File>(path).map(|file| file.cases)
    }

    /// Sends the request and compares the answer.
    pub fn run(&self) -> Result<()> {
        let expected = Refusal { status: self.status, fault: self.fault.clone(), message: self.message.clone() };
        expected.compare(self.request()?)
    }

    fn request(&self) -> Result<HttpRequest> {
        let mut body = self.body.clone().unwrap_or_default().into_bytes();
        body.extend(hex::decode(self.body_hex.as_deref().unwrap_or_default()).context("body_hex")?);
        body.extend(self.body_parts.iter().flat_map(|(text, times)| text.repeat(*times).into_bytes()));
        let mut request = post(self.operation.as_deref().unwrap_or("Encrypt"), WORLD.filled_in(&body));
        for (name, value) in &self.headers {
            request.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
            request.headers.extend(value.iter().map(|value| (name.clone(), value.clone())));
        }
        request.method = self.method.clone().unwrap_or(request.method);
        request.target = self.target.clone().unwrap_or(request.target);
        Ok(request)
    }
}

/// What is expected of a refusal.
#[derive(Clone, Debug, Deserialize)]
struct Refusal {
    status: u16,
    fault: Option<String>,
    #[serde(default)]
    message: String,
}

impl Refusal {
    fn compare(&self, request: HttpRequest) -> Result<()> {
        let front = WORLD.front();
        let response = front.send(&front.sign(request).context("the request can not be signed")?);
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let (fault, message) = (text("__type"), text("message").unwrap_or_default());
        let actual = format!("{} {}: {message}", response.status, fault.unwrap_or("without a fault"));
        ensure!((response.status, fault) == (self.status, self.fault.as_deref()), "it is {actual}");
        ensure!(message.contains(&self.message), "the message should say `{}`, but it is {actual}", self.message);
        Ok(())
    }
}

/// The members of all requests, and values that are none of theirs.
#[derive(Debug, Deserialize)]
pub struct Members {
    wrong: BTreeMap<String, Vec<WrongValue>>,
    operations: BTreeMap<String, BTreeMap<String, Member>>,
}

/// A member's type, with a right value where the operation needs the member.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Member {
    Optional(String),
    Needed { kind: String, value: Value },
}

#[derive(Debug, Deserialize)]
struct WrongValue {
    /// JSON text, because not all of it is what a JSON library would write; `$DEEP_LIST` and `$DEEP_OBJECT` are nested 10,000 times.
    value: String,
    #[serde(flatten)]
    refusal: Refusal,
}

impl Members {
    /// The file's.
    pub fn read(path: &Path) -> Result<Self> {
        read(path)
    }

    /// Sends every wrong value of every member; how many there were, and what came out differently.
    pub fn run(&self) -> (usize, Vec<String>) {
        let (mut count, mut failures) = (0, Vec::new());
        for operation in Operation::ALL {
            let Some(members) = self.operations.get(operation.name()) else {
                failures.push(format!("{operation} has no members here"));
                continue;
            };
            for (name, member) in members {
                let Some(wrong) = self.wrong.get(member.kind()) else {
                    failures.push(format!("{operation}.{name}: there is no type `{}`", member.kind()));
                    continue;
                };
                count += wrong.len();
                let run = |wrong: &WrongValue| wrong.run(*operation, name, members);
                failures.extend(wrong.iter().filter_map(run));
            }
        }
        (count, failures)
    }
}

impl Member {
    fn kind(&self) -> &str {
        match self {
            Self::Optional(kind) | Self::Needed { kind, .. } => kind,
        }
    }
}

impl WrongValue {
    /// What came out differently.
    fn run(&self, operation: Operation, name: &str, members: &BTreeMap<String, Member>) -> Option<String> {
        let needed = members.iter().filter(|(other, _)| *other != name).filter_map(|(other, member)| match member {
            Member::Needed { value, .. } => Some(format!("\"{other}\":{value}")),
            Member::Optional(_) => None,
        });
        let value = match self.value.as_str() {
            "$DEEP_LIST" => format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP)),
            "$DEEP_OBJECT" => format!("{}1{}", "{\"a\":".repeat(DEEP), "}".repeat(DEEP)),
            value => value.into(),
        };
        let pairs: Vec<String> = needed.chain([format!("\"{name}\":{value}")]).collect();
        let body = format!("{{{}}}", pairs.join(","));
        let expected = Refusal { message: self.refusal.message.replace("$MEMBER", name), ..self.refusal.clone() };
        let error = expected.compare(post(operation.name(), WORLD.filled_in(body.as_bytes()))).err()?;
        Some(format!("{operation} {}: {error:#}", body.chars().take(200).collect::<String>()))
    }
}

/// Levels of what is nested too deep for every parser that recurses.
const DEEP: usize = 10_000;

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).with_context(|| format!("can not read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} can not be understood", path.display()))
}
