//! Runs every file of `tests/scenarios`: who asks what in turn, and what must come out. See `tests/scenarios/README.md`.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use base64ct::{Base64, Encoding};
use serde::Deserialize;
use serde_json::Value;
use waxseal_base::env::{Clock, Env, VirtualClock};
use waxseal_base::event::{Kind, OperationResult};
use waxseal_base::observer::{Observer, Trace};
use waxseal_base::time::Timestamp;
use waxseal_kms::{About, LocalKms, LocalKmsOptions};
use waxseal_kms_api::calls::Request;
use waxseal_kms_api::operation::Operation;
use waxseal_policy::{Caller, Document};

use crate::wrapping::wrap_material;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    description: String,
    #[serde(default)]
    grant_consistency_seconds: u64,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Step {
    Ask(Box<Ask>),
    Iam(Iam),
    Limit(Limit),
    Explain(Box<Explain>),
    WhoCan(WhoCan),
    Alter(Alter),
    Wait(Wait),
    Wrap(WrapStep),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    r#as: String,
    r#in: Option<String>,
    via: Option<String>,
    from: Option<String>,
    #[serde(rename = "for")]
    source: Option<String>,
    #[serde(default)]
    session: Session,
    call: String,
    #[serde(default)]
    request: Value,
    expect: Option<Value>,
    fault: Option<String>,
    message: Option<String>,
    because: Option<String>,
    #[serde(default)]
    save: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Session {
    tags: BTreeMap<String, String>,
    policies: Vec<Value>,
    /// Condition keys that the host vouches for.
    keys: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Iam {
    attach_to: String,
    policy: Option<Value>,
    /// `null` takes it away.
    #[serde(default, deserialize_with = "some")]
    boundary: Option<Option<Value>>,
    tags: Option<BTreeMap<String, Option<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    limit_account: String,
    levels: Option<Vec<Vec<Value>>>,
    organization: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Explain {
    r#as: String,
    via: Option<String>,
    explain: String,
    #[serde(default)]
    request: Value,
    fault: Option<String>,
    because: Option<String>,
    #[serde(default)]
    proposes: Vec<Proposal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proposal {
    /// The descriptions of its edits.
    edits: Vec<String>,
    #[serde(default)]
    also_allows: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhoCan {
    who_can: String,
    key: Option<String>,
    ciphertext: Option<String>,
    #[serde(default)]
    context: BTreeMap<String, String>,
    /// By principal: a part of the reason.
    holders: BTreeMap<String, String>,
}

/// Tells `null` from absence.
fn some<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Value>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Alter {
    alter: String,
    flip_byte: Option<i64>,
    append: Option<usize>,
    save: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wait {
    #[serde(default)]
    wait_days: u32,
    #[serde(default)]
    wait_seconds: u32,
    #[serde(default)]
    happens: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrapStep {
    wrap: Wrap,
    save: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrap {
    material: Value,
    public_key: String,
    algorithm: String,
}

struct World {
    kms: LocalKms,
    clock: VirtualClock,
    saved: BTreeMap<String, String>,
}

#[test]
fn every_scenario_comes_out_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    assert!(files.len() >= 25, "only {} scenarios were found", files.len());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let scenario: Scenario = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert_eq!(
            file.file_stem().unwrap().to_str(),
            Some(scenario.name.replace(' ', "-").as_str()),
            "a file is named after its scenario"
        );
        assert!(scenario.description.ends_with('.'), "{}: a description is a sentence", scenario.name);
        let clock = VirtualClock::new(Timestamp::parse_iso8601("2026-01-15T12:00:00Z").unwrap());
        let env = Env::danger_seeded(clock.clone(), 7);
        let grant_consistency = Duration::from_secs(scenario.grant_consistency_seconds);
        let options = LocalKmsOptions { grant_consistency, ..LocalKmsOptions::default() };
        let mut world = World { kms: LocalKms::new(options, env).unwrap(), clock, saved: BTreeMap::new() };
        for (index, step) in scenario.steps.iter().enumerate() {
            let place = format!("{}, step {}", scenario.name, index + 1);
            match step {
                Step::Ask(ask) => world.ask(&place, ask),
                Step::Iam(iam) => world.attach(iam),
                Step::Limit(limit) => world.limit(limit),
                Step::Explain(explain) => world.explain(&place, explain),
                Step::WhoCan(who_can) => world.who_can(&place, who_can),
                Step::Alter(alter) => world.alter(alter),
                Step::Wait(wait) => world.wait(&place, wait),
                Step::Wrap(step) => world.wrap(step),
            }
        }
    }
}

impl World {
    fn request(&self, place: &str, operation: &str, body: &Value) -> Request {
        let operation = Operation::from_name(operation).unwrap_or_else(|| panic!("{place}: no operation {operation}"));
        let body = self.filled(body);
        let body = if body.is_null() { "{}".to_owned() } else { body.to_string() };
        Request::from_json(operation, &body).unwrap_or_else(|fault| panic!("{place}: {fault}"))
    }

    fn ask(&mut self, place: &str, ask: &Ask) {
        let request = self.request(place, &ask.call, &ask.request);
        let mut client = self.kms.as_caller(Caller::parse(&arn(&ask.r#as)).unwrap());
        client = ask.r#in.iter().fold(client, |client, region| client.in_region(region).unwrap());
        client = ask.via.iter().fold(client, |client, service| client.via(service));
        client = ask.from.iter().fold(client, |client, address| client.from_address(address));
        client = ask.source.iter().fold(client, |client, source| client.for_resource(source));
        let policies = ask.session.policies.iter().map(|policy| Document::identity_policy(policy.to_string())).collect();
        client = client.in_session(ask.session.tags.clone(), policies).vouched(ask.session.keys.iter().collect());
        let trace = Trace::new();
        let observer = Observer::new(&Env::danger_deterministic(Timestamp::default(), 1), trace.clone()).unwrap();
        self.kms.advance_to(self.clock.now(), &Observer::none()).unwrap();
        let audited = self.kms.audit().unwrap().len();
        let answer = client.answer(&request, &observer);

        let log = self.kms.audit().unwrap();
        assert_eq!(log.len(), audited + 1, "{place}: one call, one line");
        assert_eq!(log.last(), Some(&answer.audit), "{place}");
        let last = trace.events().pop().unwrap().kind;
        match &answer.response {
            Ok(response) => {
                assert_eq!(ask.fault, None, "{place}: it succeeded");
                assert!(matches!(last, Kind::OperationFinished { result: OperationResult::Succeeded { .. }, .. }), "{place}: {last:?}");
                assert_eq!(answer.audit.error_code, None, "{place}");
                let response: Value = serde_json::from_str(&response.to_json().unwrap()).unwrap();
                if let Some(expected) = &ask.expect {
                    assert_contains(place, &response, &self.filled(expected));
                }
                for (name, pointer) in &ask.save {
                    let value = response.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{place}: no {pointer}"));
                    self.saved.insert(name.clone(), value.to_owned());
                }
            }
            Err(fault) => {
                assert_eq!(Some(fault.code.name()), ask.fault.as_deref(), "{place}: {fault}");
                assert!(matches!(last, Kind::OperationFinished { result: OperationResult::Failed { .. }, .. }), "{place}: {last:?}");
                assert_eq!(fault.request_id.as_ref(), Some(&answer.audit.request_id), "{place}");
                let logged = answer.audit.error_code.as_deref();
                assert_eq!(logged, Some(fault.code.name()).map(|name| if name == "AccessDeniedException" { "AccessDenied" } else { name }));
                match ask.message.as_deref().map(|message| self.filled_text(message)) {
                    Some(message) if message.is_empty() => assert_eq!(fault.message, None, "{place}: AWS says nothing"),
                    Some(message) => {
                        let found = fault.message.as_deref().unwrap_or_default();
                        assert!(found.contains(&message), "{place}: `{found}` lacks `{message}`");
                    }
                    None => {}
                }
            }
        }
        if let Some(because) = &ask.because {
            let decision = answer.decision.unwrap_or_else(|| panic!("{place}: nothing was decided"));
            assert!(decision.because.contains(because), "{place}: `{}` lacks `{because}`", decision.because);
        }
    }

    fn explain(&self, place: &str, explain: &Explain) {
        let request = self.request(place, &explain.explain, &explain.request);
        let client = self.kms.as_caller(Caller::parse(&arn(&explain.r#as)).unwrap());
        let client = explain.via.iter().fold(client, |client, service| client.via(service));
        let audited = self.kms.audit().unwrap().len();
        let explanation = match client.explain(&request) {
            Ok(explanation) => explanation,
            Err(fault) => return assert_eq!(Some(fault.code.name()), explain.fault.as_deref(), "{place}: {fault}"),
        };
        assert_eq!(explain.fault, None, "{place}");
        assert_eq!(self.kms.audit().unwrap().len(), audited, "{place}: nothing was done");
        let decision = explanation.decision;
        assert_eq!(decision.is_allowed(), client.answer(&request, &Observer::none()).response.is_ok(), "{place}: the real call agrees");
        if let Some(because) = &explain.because {
            assert!(decision.because.contains(because), "{place}: `{}` lacks `{because}`", decision.because);
        }
        let found: Vec<_> =
            explanation.fixes.iter().map(|fix| (fix.edits.iter().map(ToString::to_string).collect(), &fix.also_allows)).collect();
        for proposal in &explain.proposes {
            let edits: Vec<String> = proposal.edits.iter().map(|edit| self.filled_text(edit)).collect();
            let also_allows: Vec<String> = proposal.also_allows.iter().map(|who| arn(who)).collect();
            assert!(found.contains(&(edits, &also_allows)), "{place}: {found:#?}");
        }
        assert_eq!(explain.proposes.is_empty(), found.is_empty(), "{place}: {found:#?}");
    }

    fn who_can(&self, place: &str, who_can: &WhoCan) {
        let bytes = who_can.ciphertext.as_ref().map(|saved| Base64::decode_vec(&self.filled_text(saved)).unwrap());
        let key = who_can.key.as_ref().map(|key| self.filled_text(key));
        let about = bytes.as_deref().map_or(About::Key(key.as_deref().unwrap_or_default()), About::Ciphertext);
        let holders = self.kms.who_can(&who_can.who_can, about, &who_can.context.iter().collect()).unwrap();
        let found: BTreeMap<_, _> = holders.into_iter().map(|holder| (holder.principal, holder.reason)).collect();
        let expected: BTreeMap<_, _> = who_can.holders.iter().map(|(who, because)| (arn(who), because)).collect();
        assert!(found.keys().eq(expected.keys()), "{place}: {found:#?}");
        for (who, because) in expected {
            assert!(found[&who].contains(because), "{place}: `{}` lacks `{because}`", found[&who]);
        }
    }

    fn attach(&self, iam: &Iam) {
        let principal = arn(&iam.attach_to);
        if let Some(boundary) = &iam.boundary {
            match boundary {
                Some(boundary) => self.kms.put_permissions_boundary(&principal, &self.filled(boundary).to_string()).unwrap(),
                None => assert!(self.kms.delete_permissions_boundary(&principal).unwrap()),
            }
        }
        for (key, value) in iam.tags.iter().flatten() {
            match value {
                Some(value) => self.kms.put_principal_tag(&principal, key, value).unwrap(),
                None => assert!(self.kms.delete_principal_tag(&principal, key).unwrap()),
            }
        }
        match &iam.policy {
            Some(policy) => self.kms.put_identity_policy(&principal, "scenario", &self.filled(policy).to_string()).unwrap(),
            None if iam.boundary.is_none() && iam.tags.is_none() => {
                assert!(self.kms.delete_identity_policy(&principal, "scenario").unwrap());
            }
            None => {}
        }
    }

    fn limit(&self, limit: &Limit) {
        if let Some(levels) = &limit.levels {
            let texts = |level: &Vec<Value>| level.iter().map(|policy| self.filled(policy).to_string()).collect();
            let levels: Vec<Vec<String>> = levels.iter().map(texts).collect();
            self.kms.put_service_control_policies(&limit.limit_account, &levels).unwrap();
        }
        if let Some(organization) = &limit.organization {
            self.kms.put_organization(&limit.limit_account, Some(organization)).unwrap();
        }
    }

    fn alter(&mut self, alter: &Alter) {
        let mut bytes = Base64::decode_vec(&self.saved[&alter.alter]).unwrap();
        if let Some(at) = alter.flip_byte {
            let len = bytes.len() as i64;
            bytes[at.rem_euclid(len) as usize] ^= 1;
        }
        bytes.extend(std::iter::repeat_n(0, alter.append.unwrap_or(0)));
        self.saved.insert(alter.save.clone(), Base64::encode_string(&bytes));
    }

    fn wait(&self, place: &str, wait: &Wait) {
        let later = self.clock.now().plus_days(wait.wait_days).plus_millis(i64::from(wait.wait_seconds) * 1000);
        let now = self.clock.advance_to(later);
        let happened = self.kms.advance_to(now, &Observer::none()).unwrap();
        assert!(self.kms.audit().unwrap().ends_with(&happened), "{place}: what happens is recorded");
        let expected = wait.happens.iter().map(|event| self.filled(event)).collect();
        assert_contains(place, &serde_json::to_value(&happened).unwrap(), &Value::Array(expected));
    }

    fn wrap(&mut self, step: &WrapStep) {
        let bytes = |value: &Value| Base64::decode_vec(self.filled(value).as_str().unwrap()).unwrap();
        let wrapped = wrap_material(&step.wrap.algorithm, &bytes(&step.wrap.public_key.as_str().into()), &bytes(&step.wrap.material));
        self.saved.insert(step.save.clone(), Base64::encode_string(&wrapped));
    }

    /// `${name}` in any text becomes what was saved (`${aws:…}` is for policies), `{"$bytes": n}` n bytes in base64, `{"$text": …}` the JSON text of a document and
    /// `{"$repeat": [text, n]}` a long text.
    fn filled(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.filled_text(text)),
            Value::Array(items) => items.iter().map(|item| self.filled(item)).collect(),
            Value::Object(members) => match (members.get("$bytes"), members.get("$text"), members.get("$repeat")) {
                (Some(len), ..) => Base64::encode_string(&vec![b'w'; len.as_u64().unwrap() as usize]).into(),
                (_, Some(document), _) => self.filled(document).to_string().into(),
                (.., Some(repeat)) => repeat[0].as_str().unwrap().repeat(repeat[1].as_u64().unwrap() as usize).into(),
                _ => members.iter().map(|(key, value)| (key.clone(), self.filled(value))).collect::<serde_json::Map<_, _>>().into(),
            },
            other => other.clone(),
        }
    }

    fn filled_text(&self, text: &str) -> String {
        let filled = self.saved.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value));
        assert!(!filled.replace("${aws:", "").contains("${"), "`{filled}` names something that was not saved");
        filled
    }
}

/// Every member that is expected is there; `null` expects its absence, `"*"` anything.
fn assert_contains(place: &str, found: &Value, expected: &Value) {
    match (found, expected) {
        (_, Value::String(any)) if any == "*" => {}
        (Value::Object(found_members), Value::Object(members)) => {
            for (name, expected) in members {
                match found_members.get(name) {
                    None => assert!(expected.is_null(), "{place}: there is no {name} in {found}"),
                    Some(value) => assert_contains(&format!("{place}, {name}"), value, expected),
                }
            }
        }
        (Value::Array(found_items), Value::Array(items)) => {
            assert_eq!(found_items.len(), items.len(), "{place}: {found}");
            found_items.iter().zip(items).for_each(|(found, expected)| assert_contains(place, found, expected));
        }
        _ => assert_eq!(found, expected, "{place}"),
    }
}

fn arn(name: &str) -> String {
    match name {
        "root" => "arn:aws:iam::111122223333:root".into(),
        "eve" | "eve-admin" => format!("arn:aws:iam::444455556666:user/{name}"),
        "eve-root" => "arn:aws:iam::444455556666:root".into(),
        _ if name.contains(':') || name.ends_with(".amazonaws.com") => name.into(),
        _ => format!("arn:aws:iam::111122223333:user/{name}"),
    }
}
