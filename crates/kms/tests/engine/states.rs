//! Every cell of `tests/states.json` that a caller can come to: each operation on a key in each state.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64ct::{Base64, Encoding};
use serde::Deserialize;
use serde_json::{Value, json};
use waxseal_base::observer::Observer;
use waxseal_kms::{Change, LocalKms, LocalKmsOptions, MemoryStore, Record, Store};
use waxseal_kms_api::calls::Request;
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Operation;
use zeroize::Zeroizing;

use crate::rsa_keys::PRIVATE;
use crate::support::env;
use crate::wrapping::wrap_material;

#[derive(Deserialize)]
struct Table {
    columns: Vec<String>,
    /// By the words of the cells.
    refusals: BTreeMap<String, Refusal>,
    rows: Vec<Row>,
    requests: BTreeMap<String, Asked>,
}

#[derive(Deserialize)]
struct Refusal {
    fault: String,
    message: String,
}

#[derive(Deserialize)]
struct Row {
    operations: Vec<String>,
    cells: Vec<String>,
}

/// A request, with `${key}` for the key in question, `${other}` for one that is enabled, and `${policy}` for a policy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(flatten)]
    kind: Kind,
    request: Value,
    /// The fault that comes instead of an answer where the state does not refuse: what was sent is no ciphertext, no signature, no token.
    otherwise: Option<String>,
}

/// A kind of key.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(default)]
struct Kind {
    spec: Option<String>,
    usage: Option<String>,
    origin: Option<String>,
    multi_region: bool,
    /// The region of its replica.
    replica: Option<String>,
}

#[test]
fn every_operation_in_every_state_does_as_the_table_says() {
    let table: Table = serde_json::from_str(include_str!("../states.json")).unwrap();
    let mut worlds = BTreeMap::new();
    let (mut count, mut failures) = (0, Vec::new());
    for row in &table.rows {
        for operation in &row.operations {
            let asked = &table.requests[operation];
            for (state, cell) in table.columns.iter().zip(&row.cells).filter(|(state, _)| STATES.contains(&state.as_str())) {
                count += 1;
                let kind = kind_for(&asked.kind, state);
                let world = worlds.entry((kind.clone(), state)).or_insert_with(|| World::of(&kind, state));
                let found = world.ask(operation, &asked.request);
                let is_right = match table.refusals.get(cell) {
                    Some(Refusal { fault, message }) => {
                        let message = message.replace("${key}", &world.key);
                        found.as_ref().is_err_and(|found| found.code.name() == fault && said(found).ends_with(&message))
                    }
                    None => found.as_ref().map_or_else(|fault| Some(fault.code.name()), |()| None) == asked.otherwise.as_deref(),
                };
                if !is_right {
                    failures.push(format!("{operation} in {state} is {found:?}, not {cell}"));
                }
            }
        }
    }
    assert_eq!(count, Operation::ALL.len() * STATES.len());
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
}

/// The kind of key that can come into that state.
fn kind_for(kind: &Kind, state: &str) -> Kind {
    let mut kind = kind.clone();
    match state {
        "PendingImport" => kind.origin = Some("EXTERNAL".into()),
        "PendingReplicaDeletion" => kind.replica = Some(REPLICA.into()),
        // With a replica, it would wait for that.
        "PendingDeletion" => kind.replica = None,
        _ => {}
    }
    kind.multi_region |= kind.replica.is_some();
    kind
}

/// The records of a KMS with one key in the state, whose alias is `alias/its-own`, and another one, whose alias is `alias/of-the-other`.
struct World {
    records: Vec<Record>,
    key: String,
    other: String,
}

impl World {
    fn of(kind: &Kind, state: &str) -> Self {
        let kms = kms(&[], 1);
        let create = |kind: &Kind| {
            let request = json!({"KeySpec": kind.spec, "KeyUsage": kind.usage, "Origin": kind.origin, "MultiRegion": kind.multi_region});
            text(&ask(&kms, "CreateKey", &request), "/KeyMetadata/Arn")
        };
        let (key, other) = (create(kind), create(&Kind::default()));
        for (name, target) in [("alias/its-own", &key), ("alias/of-the-other", &other)] {
            ask(&kms, "CreateAlias", &json!({"AliasName": name, "TargetKeyId": target}));
        }
        let is_external = kind.origin.as_deref() == Some("EXTERNAL");
        if is_external && (state != "PendingImport" || kind.replica.is_some()) {
            import(&kms, &key);
        }
        if let Some(region) = &kind.replica {
            ask(&kms, "ReplicateKey", &json!({"KeyId": key, "ReplicaRegion": region}));
        }
        let call = match state {
            "Disabled" => Some("DisableKey"),
            "PendingDeletion" | "PendingReplicaDeletion" => Some("ScheduleKeyDeletion"),
            "PendingImport" if kind.replica.is_some() => Some("DeleteImportedKeyMaterial"),
            _ => None,
        };
        if let Some(call) = call {
            ask(&kms, call, &json!({"KeyId": key}));
        }
        let found = ask(&kms, "DescribeKey", &json!({"KeyId": key}));
        assert_eq!(text(&found, "/KeyMetadata/KeyState"), state);
        Self { records: kms.records().unwrap(), key, other }
    }

    /// Asks a KMS of its own.
    fn ask(&self, operation: &str, request: &Value) -> Result<(), Fault> {
        let policy = json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}}).to_string();
        let mut request = request.clone();
        for value in request.as_object_mut().unwrap().values_mut() {
            match value.as_str() {
                Some("${key}") => *value = self.key.as_str().into(),
                Some("${other}") => *value = self.other.as_str().into(),
                Some("${policy}") => *value = policy.as_str().into(),
                _ => {}
            }
        }
        answer(&kms(&self.records, 2), operation, &request).map(drop)
    }
}

/// A KMS with those records, which makes one and the same RSA key, at once.
fn kms(records: &[Record], seed: u64) -> LocalKms {
    let store = MemoryStore::new();
    let put = |record: &Record| Change::Put { record: record.clone(), expected_version: None };
    store.commit(&records.iter().map(put).collect::<Vec<_>>(), None).unwrap();
    let make_rsa_key = |_| Ok(Some(Zeroizing::new(PRIVATE.to_vec())));
    let root_key = Some(Zeroizing::new(vec![5; 32]));
    let options = LocalKmsOptions { root_key, make_rsa_key: Some(Arc::new(make_rsa_key)), ..LocalKmsOptions::default() };
    LocalKms::with_store(options, env(seed), Arc::new(store)).unwrap()
}

/// What the administrator is answered.
fn answer(kms: &LocalKms, operation: &str, request: &Value) -> Result<Value, Fault> {
    let request = Request::from_json(Operation::from_name(operation).unwrap(), &request.to_string()).unwrap();
    let response = kms.administrator().answer(&request, &Observer::none()).response?;
    Ok(serde_json::from_str(&response.to_json().unwrap()).unwrap())
}

fn ask(kms: &LocalKms, operation: &str, request: &Value) -> Value {
    answer(kms, operation, request).unwrap_or_else(|fault| panic!("{operation} {request}: {fault}"))
}

fn import(kms: &LocalKms, key: &str) {
    let request = json!({"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"});
    let parameters = ask(kms, "GetParametersForImport", &request);
    let public_key = Base64::decode_vec(&text(&parameters, "/PublicKey")).unwrap();
    let wrapped = Base64::encode_string(&wrap_material("RSAES_OAEP_SHA_256", &public_key, &[7; 32]));
    let request = json!({
        "KeyId": key,
        "ImportToken": parameters["ImportToken"],
        "EncryptedKeyMaterial": wrapped,
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    });
    ask(kms, "ImportKeyMaterial", &request);
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {value}")).into()
}

fn said(fault: &Fault) -> &str {
    fault.message.as_deref().unwrap_or_default()
}

/// The states that a caller can bring a key into.
const STATES: [&str; 5] = ["Enabled", "Disabled", "PendingDeletion", "PendingReplicaDeletion", "PendingImport"];
const REPLICA: &str = "eu-west-1";
