//! What has to be tested, and is: operations, condition keys, condition operators and rules of grants, each found in the files of cases.
//!
//! `coverage.json` has the names, written from AWS's documentation. A key that ends with `:` or `/` is the first part of many. A rule of grants is
//! followed by the scenario that shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use waxseal_kms_api::grant_operation::GRANTABLE;
use waxseal_kms_api::operation::Operation;

#[derive(Deserialize)]
struct Expected {
    condition_keys: Vec<String>,
    condition_operators: Vec<String>,
    grant_rules: BTreeMap<String, String>,
}

#[test]
fn every_operation_succeeds_and_is_refused_for_a_reason() {
    let steps: Vec<Value> = scenarios().values().flat_map(steps_of).collect();
    let is_of = |step: &Value, operation: &Operation| step["call"] == operation.name();
    let has = |step: &Value, names: &[&str]| names.iter().any(|name| step.get(*name).is_some());
    let lacking = |test: &dyn Fn(&Value) -> bool| -> Vec<&str> {
        let lacks = |operation: &&Operation| !steps.iter().any(|step| is_of(step, operation) && test(step));
        Operation::ALL.iter().filter(lacks).map(|operation| operation.name()).collect()
    };
    assert_eq!(lacking(&|step| !has(step, &["fault"])), [""; 0], "they never succeed");
    assert_eq!(lacking(&|step| has(step, &["fault"]) && has(step, &["message", "because"])), [""; 0], "nothing says why they are refused");
}

/// Also where a change of grants takes time to be seen: each operation that a grant gives is refused without the token and allowed with it.
#[test]
fn every_operation_of_grants_takes_tokens() {
    let slow: Vec<Value> =
        scenarios().values().filter(|scenario| scenario.get("grant_consistency_seconds").is_some()).flat_map(steps_of).collect();
    for operation in GRANTABLE {
        let call = operation.strip_suffix("From").or(operation.strip_suffix("To")).unwrap_or(operation);
        let has_token = |step: &Value| step["request"].get("GrantTokens").or(step["request"].get("GrantToken")).is_some();
        let is_there = |has: bool, refused: bool| {
            slow.iter().any(|step| step["call"] == call && has_token(step) == has && step.get("fault").is_some() == refused)
        };
        assert!(is_there(true, false), "{operation} is never allowed by a token");
        assert!(is_there(false, true), "{operation} is never refused for want of a token");
    }
}

#[test]
fn every_condition_key_is_in_a_policy_of_a_scenario() {
    let mut used = BTreeSet::new();
    scenarios().values().for_each(|scenario| visit_conditions(scenario, &mut |_, keys| used.extend(keys.keys().cloned())));
    let is_used = |key: &String| used.iter().any(|used| used == key || (key.ends_with([':', '/']) && used.starts_with(key.as_str())));
    let unused: Vec<String> = expected().condition_keys.into_iter().filter(|key| !is_used(key)).collect();
    assert_eq!(unused, [""; 0]);
}

/// Of every form: for one value, for what may not be there, for all values and for any of them.
#[test]
fn every_condition_operator_decides_both_ways() {
    let mut decided = BTreeSet::new();
    for case in files("policy").iter().flat_map(|file| array(&read(file), "cases")) {
        let verdict = case["expect"].as_str().unwrap().to_owned();
        visit_conditions(&case, &mut |operator, _| decided.extend([(operator.to_owned(), verdict.clone())]));
    }
    let forms = |operator: &String| match operator.as_str() {
        "Null" => vec![operator.clone()],
        _ => vec![operator.clone(), format!("{operator}IfExists"), format!("ForAllValues:{operator}"), format!("ForAnyValue:{operator}")],
    };
    let operators = expected().condition_operators;
    let wanted = operators.iter().flat_map(forms).flat_map(|form| ["Allow", "Deny"].map(|verdict| (form.clone(), verdict.into())));
    let missing: Vec<(String, String)> = wanted.filter(|pair| !decided.contains(pair)).collect();
    assert_eq!(missing, []);
}

#[test]
fn every_rule_of_grants_has_a_scenario() {
    let scenarios = scenarios();
    for (rule, name) in expected().grant_rules {
        let steps = scenarios.get(&name).map(steps_of).unwrap_or_default();
        let calls = |operation: &str| steps.iter().any(|step| step["call"] == operation);
        assert!(calls("CreateGrant"), "{rule}: `{name}` makes no grant");
        assert!(steps.iter().any(|step| step.get("fault").is_some()), "{rule}: `{name}` refuses nothing");
    }
}

/// Calls `act` with every operator of a `Condition`, wherever in the value, and the keys under it.
fn visit_conditions(value: &Value, act: &mut dyn FnMut(&str, &serde_json::Map<String, Value>)) {
    for (name, inner) in value.as_object().into_iter().flatten() {
        for (operator, keys) in inner.as_object().filter(|_| name == "Condition").into_iter().flatten() {
            keys.as_object().into_iter().for_each(|keys| act(operator, keys));
        }
        visit_conditions(inner, act);
    }
    value.as_array().into_iter().flatten().for_each(|inner| visit_conditions(inner, act));
}

/// The engine's scenarios, by name.
fn scenarios() -> BTreeMap<String, Value> {
    let files = files("../crates/kms/tests/scenarios");
    assert!(!files.is_empty());
    files.iter().map(|file| read(file)).map(|scenario| (scenario["name"].as_str().unwrap().to_owned(), scenario)).collect()
}

fn steps_of(scenario: &Value) -> Vec<Value> {
    array(scenario, "steps")
}

fn array(value: &Value, name: &str) -> Vec<Value> {
    value[name].as_array().unwrap().clone()
}

fn expected() -> Expected {
    serde_json::from_value(read(&folder("coverage.json"))).unwrap()
}

fn files(name: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|extension| extension == "json")).collect()
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
