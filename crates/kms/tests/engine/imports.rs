//! What is left of imported material in the records, the log and the trace.

use serde_json::Value;
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use waxseal_kms::{LocalKms, LocalKmsClient};
use waxseal_kms_api::blob::{Blob, to_json};
use waxseal_kms_api::calls::{
    CreateKeyRequest, DeleteImportedKeyMaterialRequest, GetParametersForImportRequest, GetParametersForImportResponse,
    ImportKeyMaterialRequest,
};

use crate::support::{kms, trace};
use crate::wrapping::wrap_material;

const MATERIAL: [u8; 32] = *b"attack at dawn, with all we have";

#[test]
fn material_that_goes_leaves_the_records() {
    let (kms, administrator, key, parameters) = external_key();
    for expires in [false, true] {
        administrator.call(import(&key, &parameters, expires), &Observer::none()).unwrap();
        let wrapped = wrapped(&kms, &key);
        let ciphertext = wrapped["ciphertext"].as_str().unwrap().to_owned();
        assert!(bodies(&kms).contains(&ciphertext));
        match expires {
            false => drop(administrator.call(delete(&key), &Observer::none()).unwrap()),
            true => drop(kms.advance_to(Timestamp::parse_iso8601("2026-01-16T12:00:00Z").unwrap(), &Observer::none()).unwrap()),
        }
        assert!(!bodies(&kms).contains(&ciphertext), "the wrapped material is gone with the material");
        assert_eq!(self::wrapped(&kms, &key), Value::Null);
        assert!(kms.key(&key).unwrap().unwrap().materials.iter().all(|material| !material.present && material.valid_to.is_none()));
    }
}

#[test]
fn the_log_and_the_records_have_no_token_and_no_material() {
    let (kms, administrator, key, parameters) = external_key();
    let request = import(&key, &parameters, true);
    administrator.call(request.clone(), &Observer::none()).unwrap();
    let log = kms.audit().unwrap();
    let names: Vec<_> = log.iter().map(|record| (record.event_name.as_str(), record.read_only)).skip(1).collect();
    assert_eq!(names, [("CreateKey", false), ("GetParametersForImport", true), ("ImportKeyMaterial", false)]);
    let asked = &log.last().unwrap().request_parameters;
    assert_eq!((&asked["validTo"], &asked["expirationModel"]), (&"2026-01-16T12:00:00Z".into(), &"KEY_MATERIAL_EXPIRES".into()));
    let text = serde_json::to_string(&log).unwrap() + &bodies(&kms);
    for bytes in [&MATERIAL[..], &request.import_token.0, &request.encrypted_key_material.0] {
        let forms = [hex::encode(bytes), to_json(&Blob(bytes.to_vec())).unwrap(), serde_json::to_string(bytes).unwrap()];
        assert!(forms.iter().all(|form| !text.contains(form.trim_matches('"'))));
    }
}

#[test]
fn the_trace_tells_what_comes_and_goes() {
    let (_, administrator, key, parameters) = external_key();
    let kinds = |events: Vec<waxseal_base::event::Event>| -> Vec<String> {
        let name = |event| serde_json::to_value(event).unwrap()["kind"].as_str().unwrap().to_owned();
        let wanted = ["key-material-imported", "key-material-deleted", "key-state-changed", "secret-wiped"];
        events.into_iter().map(name).filter(|name| wanted.contains(&name.as_str())).collect()
    };
    let imported = kinds(trace(|observer| drop(administrator.call(import(&key, &parameters, true), observer).unwrap())));
    assert_eq!(
        imported,
        ["secret-wiped", "key-material-imported", "key-state-changed", "secret-wiped"],
        "the private key, then the material"
    );
    let deleted = kinds(trace(|observer| drop(administrator.call(delete(&key), observer).unwrap())));
    assert_eq!(deleted, ["key-material-deleted", "key-state-changed"]);
}

fn external_key() -> (LocalKms, LocalKmsClient, String, GetParametersForImportResponse) {
    let (kms, administrator, _) = kms();
    let none = Observer::none();
    let request = CreateKeyRequest { origin: Some("EXTERNAL".into()), ..CreateKeyRequest::default() };
    let key = administrator.call(request, &none).unwrap().key_metadata.arn;
    let request = GetParametersForImportRequest {
        key_id: key.clone(),
        wrapping_algorithm: "RSAES_OAEP_SHA_256".into(),
        wrapping_key_spec: "RSA_2048".into(),
    };
    let parameters = administrator.call(request, &none).unwrap();
    (kms, administrator, key, parameters)
}

fn import(key: &str, parameters: &GetParametersForImportResponse, expires: bool) -> ImportKeyMaterialRequest {
    let model = if expires { "KEY_MATERIAL_EXPIRES" } else { "KEY_MATERIAL_DOES_NOT_EXPIRE" };
    ImportKeyMaterialRequest {
        key_id: key.into(),
        import_token: parameters.import_token.clone(),
        encrypted_key_material: Blob(wrap_material("RSAES_OAEP_SHA_256", &parameters.public_key.0, &MATERIAL)),
        valid_to: expires.then(|| Timestamp::parse_iso8601("2026-01-16T12:00:00Z").unwrap().as_seconds()),
        expiration_model: Some(model.into()),
        ..ImportKeyMaterialRequest::default()
    }
}

fn delete(key: &str) -> DeleteImportedKeyMaterialRequest {
    DeleteImportedKeyMaterialRequest { key_id: key.into(), ..DeleteImportedKeyMaterialRequest::default() }
}

fn bodies(kms: &LocalKms) -> String {
    kms.records().unwrap().into_iter().map(|record| record.body).collect()
}

/// The material as the key's record has it.
fn wrapped(kms: &LocalKms, key: &str) -> Value {
    let id = key.rsplit('/').next().unwrap();
    let record = kms.records().unwrap().into_iter().find(|record| record.id.starts_with("key/") && record.id.ends_with(id)).unwrap();
    serde_json::from_str::<Value>(&record.body).unwrap()["materials"][0]["wrapped"].clone()
}
