//! The trace of a call: everything that happens, in the order in which it happens, and no secret.

use std::sync::Arc;

use crate::support::{bob, data_key, decrypt, encrypt, env, kms, kms_over, trace, words};
use waxseal_base::env::{Clock, Env, VirtualClock};
use waxseal_base::event::{Actor, Event, Kind, OperationResult, SecretName, SecretView, Source, Verified};
use waxseal_base::observer::{Observer, Trace};
use waxseal_kms::{Change, LocalKms, LocalKmsOptions, MemoryStore, Record, Store};
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{
    CreateGrantRequest, CreateKeyRequest, DescribeKeyRequest, DisableKeyRequest, GenerateMacRequest, ReEncryptRequest, ReplicateKeyRequest,
    RotateKeyOnDemandRequest, ScheduleKeyDeletionRequest, SignRequest, UpdatePrimaryRegionRequest, VerifyMacRequest, VerifyRequest,
};
use waxseal_kms_api::fault::FaultCode;

#[test]
fn a_data_key_is_made_wrapped_and_forgotten() {
    let (_, administrator, key) = kms();
    let mut response = None;
    let events = trace(|observer| response = Some(administrator.call(data_key(&key), observer).unwrap()));
    assert_eq!(
        words(&events),
        [
            "operation-started GenerateDataKey",
            "request-verified",
            "key-resolved",
            "statement-evaluated",
            "authorized",
            "key-state-checked",
            "random-drawn data key",
            "data-key-generated",
            "material-chosen",
            "random-drawn derivation nonce and iv",
            "secret-wiped WrappingKey",
            "secret-wiped KeyMaterial",
            "data-key-wrapped",
            "secret-wiped DataKey",
            "audit-recorded",
            "kms-response-sent",
            "operation-finished",
        ]
    );
    assert!(events.iter().all(|event| event.by == Actor::Kms && event.span.id == 1 && event.span.parent == Some(0)), "{events:?}");
    let blob = &response.unwrap().ciphertext_blob.0;
    let wrapped = events.iter().find_map(|event| match &event.kind {
        Kind::DataKeyWrapped { encrypted_data_key, encryption_context, .. } => Some((encrypted_data_key, encryption_context)),
        _ => None,
    });
    let (encrypted_data_key, context) = wrapped.unwrap();
    assert_eq!((&encrypted_data_key.0, context["tenant"].as_str()), (blob, "42"));

    let events = trace(|observer| drop(administrator.call(decrypt(blob), observer).unwrap()));
    assert_eq!(
        words(&events),
        [
            "operation-started Decrypt",
            "request-verified",
            "key-resolved",
            "statement-evaluated",
            "authorized",
            "key-state-checked",
            "material-chosen",
            "secret-wiped WrappingKey",
            "secret-wiped KeyMaterial",
            "data-key-unwrapped",
            "secret-wiped DataKey",
            "audit-recorded",
            "kms-response-sent",
            "operation-finished",
        ]
    );
}

#[test]
fn a_signature_needs_the_private_key_and_its_verification_does_not() {
    let (_, administrator, _) = kms();
    let none = Observer::none();
    let make = |spec: &str, usage: &str| {
        let request = CreateKeyRequest { key_spec: Some(spec.into()), key_usage: Some(usage.into()), ..CreateKeyRequest::default() };
        administrator.call(request, &none).unwrap().key_metadata.arn
    };
    let message = || SecretBlob(b"attack at dawn".to_vec().into());
    let after_state = |events: &[Event]| words(events)[6..].to_vec();
    let end = ["audit-recorded", "kms-response-sent", "operation-finished"];

    let key_id = make("ECC_NIST_P256", "SIGN_VERIFY");
    let request =
        SignRequest { key_id: key_id.clone(), message: message(), signing_algorithm: "ECDSA_SHA_256".into(), ..SignRequest::default() };
    let mut signature = Blob::default();
    let events = trace(|observer| signature = administrator.call(request.clone(), observer).unwrap().signature);
    assert_eq!(after_state(&events), [&["material-chosen", "secret-wiped KeyMaterial", "signed"][..], &end].concat());
    let verify = VerifyRequest {
        key_id,
        message: message(),
        signature: signature.clone(),
        signing_algorithm: "ECDSA_SHA_256".into(),
        ..VerifyRequest::default()
    };
    let events = trace(|observer| drop(administrator.call(verify.clone(), observer).unwrap()));
    assert_eq!(after_state(&events), [&["signature-verified"][..], &end].concat());
    let wrong = VerifyRequest { signature: Blob(vec![1]), ..verify };
    let events = trace(|observer| drop(administrator.call(wrong, observer).unwrap_err()));
    assert_eq!(after_state(&events), [&["verification-failed Signature"][..], &end].concat());

    let key_id = make("HMAC_256", "GENERATE_VERIFY_MAC");
    let request =
        GenerateMacRequest { key_id: key_id.clone(), message: message(), mac_algorithm: "HMAC_SHA_256".into(), ..Default::default() };
    let mut mac = Blob::default();
    let events = trace(|observer| mac = administrator.call(request, observer).unwrap().mac);
    assert_eq!(after_state(&events), [&["material-chosen", "secret-wiped KeyMaterial", "mac-generated"][..], &end].concat());
    let wrong = VerifyMacRequest {
        key_id: key_id.clone(),
        message: message(),
        mac_algorithm: "HMAC_SHA_256".into(),
        mac: Blob(vec![1]),
        ..VerifyMacRequest::default()
    };
    let verify = VerifyMacRequest { mac: mac.clone(), ..wrong.clone() };
    administrator.call(verify, &none).unwrap();
    let events = trace(|observer| drop(administrator.call(wrong, observer).unwrap_err()));
    assert_eq!(after_state(&events), [&["material-chosen", "secret-wiped KeyMaterial", "verification-failed Mac"][..], &end].concat());

    let log = serde_json::to_string(&administrator.kms().audit().unwrap()).unwrap();
    for secret in [b"attack at dawn", &signature.0[..], &mac.0] {
        let base64 = waxseal_kms_api::blob::to_json(&Blob(secret.to_vec())).unwrap();
        assert!(!log.contains(base64.trim_matches('"')) && !log.contains(&hex::encode(secret)), "{log}");
    }
    assert!(log.contains(r#""messageType":"RAW","signingAlgorithm":"ECDSA_SHA_256""#) && log.contains(r#""macAlgorithm":"HMAC_SHA_256""#));
}

#[test]
fn the_wiped_data_key_is_the_one_that_was_made() {
    let (_, administrator, key) = kms();
    let events = trace(|observer| drop(administrator.call(data_key(&key), observer).unwrap()));
    let views: Vec<&SecretView> = events
        .iter()
        .filter_map(|event| match &event.kind {
            Kind::DataKeyGenerated { data_key, .. } | Kind::DataKeyWrapped { data_key, .. } => Some(data_key),
            Kind::SecretWiped { secret: SecretName::DataKey, identity } => Some(identity),
            _ => None,
        })
        .collect();
    assert!(views.len() == 3 && views.windows(2).all(|pair| pair[0].fingerprint == pair[1].fingerprint), "{views:?}");
}

#[test]
fn a_denial_stops_before_the_key_is_touched() {
    let (kms, _, key) = kms();
    let events = trace(|observer| drop(bob(&kms).call(encrypt(&key, b"secret"), observer).unwrap_err()));
    assert_eq!(
        words(&events),
        [
            "operation-started Encrypt",
            "request-verified",
            "key-resolved",
            "statement-evaluated",
            "denied",
            "audit-recorded",
            "kms-response-sent",
            "operation-finished"
        ]
    );
    let Some(Kind::StatementEvaluated { finding }) = events.get(3).map(|event| &event.kind) else { panic!("{events:?}") };
    assert_eq!((finding.id.source, finding.name.as_deref()), (Source::KeyPolicy, Some("Enable IAM User Permissions")));
    let Some(Kind::OperationFinished { result: OperationResult::Failed { code, message }, .. }) = events.last().map(|event| &event.kind)
    else {
        panic!("{events:?}")
    };
    assert!(code == "AccessDeniedException" && message.contains("kms:Encrypt"), "{message}");
}

#[test]
fn failures_say_where_they_stopped() {
    let (_, administrator, key) = kms();
    let blob = administrator.call(encrypt(&key, b"secret"), &Observer::none()).unwrap().ciphertext_blob.0;
    let stop = |events: &[Event]| {
        let failed = words(events).into_iter().filter(|word| word.starts_with("verification-failed")).collect::<Vec<_>>();
        let finished = matches!(events.last().unwrap().kind, Kind::OperationFinished { result: OperationResult::Failed { .. }, .. });
        (failed, finished)
    };
    let edk = format!("verification-failed {:?}", Verified::EncryptedDataKey);
    for wrong in [[&blob[..], b"!"].concat(), b"nonsense".to_vec(), blob.iter().map(|byte| byte ^ 1).collect()] {
        let events = trace(|observer| drop(administrator.call(decrypt(&wrong), observer).unwrap_err()));
        assert_eq!(stop(&events), (vec![edk.clone()], true));
    }
    let mut tag = blob.clone();
    *tag.last_mut().unwrap() ^= 1;
    let events = trace(|observer| drop(administrator.call(decrypt(&tag), observer).unwrap_err()));
    assert_eq!(stop(&events), (vec![edk], true));
    assert!(words(&events).contains(&"secret-wiped KeyMaterial".to_owned()), "what was opened is wiped after a failure too");

    administrator.call(DisableKeyRequest { key_id: key.clone() }, &Observer::none()).unwrap();
    let events = trace(|observer| drop(administrator.call(decrypt(&blob), observer).unwrap_err()));
    assert_eq!(stop(&events), (vec![format!("verification-failed {:?}", Verified::KeyState)], true));
}

#[test]
fn a_change_is_persisted_before_the_response_leaves() {
    let (_, administrator, key) = kms();
    let request = CreateGrantRequest {
        key_id: key,
        grantee_principal: crate::support::BOB.into(),
        operations: vec!["Decrypt".into()],
        ..CreateGrantRequest::default()
    };
    let events = trace(|observer| drop(administrator.call(request, observer).unwrap()));
    assert_eq!(words(&events)[6..], ["grant-created", "change-persisted", "audit-recorded", "kms-response-sent", "operation-finished"]);
    let persisted = &events[7];
    assert!(matches!(&persisted.kind, Kind::ChangePersisted { what, len } if what.starts_with("key/") && *len > 500), "{persisted:?}");
    assert_eq!(persisted.by, Actor::Store);
}

#[test]
fn a_trace_has_no_secret_unless_it_was_asked_to() {
    let (_, administrator, key) = kms();
    let run = |observer: &Observer| {
        let made = administrator.call(data_key(&key), observer).unwrap();
        administrator.call(decrypt(&made.ciphertext_blob.0), observer).unwrap();
        let plaintext = made.plaintext.0.to_vec();
        administrator.call(encrypt(&key, &plaintext), observer).unwrap();
        format!("{plaintext:?}")
    };
    let (quiet, loud) = (Trace::new(), Trace::new());
    let secret = run(&Observer::new(&env(2), quiet.clone()).unwrap());
    assert!(!serde_json::to_string(&quiet.events()).unwrap().contains(&secret.replace(' ', "")));
    let secret = run(&Observer::danger_reveal_secrets(&env(2), loud.clone()).unwrap());
    assert!(serde_json::to_string(&loud.events()).unwrap().contains(&secret.replace(' ', "")), "the test can see a secret");
}

#[test]
fn a_destroyed_key_is_told_and_gone_from_the_store() {
    let clock = VirtualClock::new(env(1).now());
    let kms = LocalKms::new(LocalKmsOptions::default(), Env::danger_seeded(clock.clone(), 1)).unwrap();
    let administrator = kms.administrator();
    let key = administrator.call(CreateKeyRequest::default(), &Observer::none()).unwrap().key_metadata.arn;
    let schedule = ScheduleKeyDeletionRequest { key_id: key.clone(), pending_window_in_days: Some(7) };
    let events = trace(|observer| drop(administrator.call(schedule, observer).unwrap()));
    assert!(words(&events).contains(&"key-state-changed".into()), "{events:?}");
    assert_eq!(kms.records().unwrap().iter().filter_map(|record| record.next_due).collect::<Vec<_>>(), [clock.now().plus_days(7)]);

    // A call finds the key gone without anybody having waited for it.
    clock.advance_to(clock.now().plus_days(8));
    let mut refused = None;
    let describe = DescribeKeyRequest { key_id: key, ..DescribeKeyRequest::default() };
    let events = trace(|observer| refused = administrator.call(describe, observer).err());
    let destruction = ["operation-started DeleteKey", "key-destroyed", "change-persisted", "audit-recorded", "operation-finished"];
    assert_eq!(words(&events)[..6], [&destruction[..], &["operation-started DescribeKey"]].concat());
    assert_eq!(refused.unwrap().code, FaultCode::NotFoundException);
    assert!(kms.records().unwrap().is_empty(), "nothing is left of it");
}

#[test]
fn a_key_in_several_regions_is_one_key() {
    let (kms, administrator, _) = kms();
    let none = Observer::none();
    let request = CreateKeyRequest { multi_region: Some(true), ..CreateKeyRequest::default() };
    let key = administrator.call(request, &none).unwrap().key_metadata;
    let replicate = ReplicateKeyRequest { key_id: key.arn.clone(), replica_region: "eu-west-1".into(), ..Default::default() };
    let replica = administrator.call(replicate, &none).unwrap().replica_key_metadata.arn;
    let events = trace(|observer| drop(kms.advance_to(env(1).now(), observer).unwrap()));
    let synchronization = [
        "operation-started SynchronizeMultiRegionKey",
        "replica-synchronized",
        "key-state-changed",
        "change-persisted",
        "change-persisted",
        "audit-recorded",
        "operation-finished",
    ];
    assert_eq!(words(&events), synchronization);
    let expected = Kind::ReplicaSynchronized { key_arn: key.arn.clone(), replica_arn: replica.clone() };
    assert_eq!(events[1].kind, expected);

    // The material is the same, wrapped once: it opens in each region because it is bound to the id that both have.
    let wrapped = |region: &str| {
        let records = kms.records().unwrap();
        let record = records.into_iter().find(|record| record.id == format!("key/{region}/{}", key.key_id)).unwrap();
        serde_json::from_str::<serde_json::Value>(&record.body).unwrap()["materials"].take()
    };
    assert_eq!(wrapped("us-east-1"), wrapped("eu-west-1"));

    let update = UpdatePrimaryRegionRequest { key_id: key.arn.clone(), primary_region: "eu-west-1".into() };
    let events = trace(|observer| {
        administrator.call(update, observer).unwrap();
    });
    let changed = Kind::PrimaryKeyChanged { before: key.arn, after: replica };
    assert!(events.iter().any(|event| event.kind == changed), "{events:?}");
    assert_eq!(words(&events).iter().filter(|word| *word == "change-persisted").count(), 2, "both records in one commit");
}

#[test]
fn a_rotated_key_opens_old_ciphertexts_with_the_older_material() {
    let (kms, administrator, key) = kms();
    let blob = administrator.call(encrypt(&key, b"secret"), &Observer::none()).unwrap().ciphertext_blob.0;
    administrator.call(RotateKeyOnDemandRequest { key_id: key.clone() }, &Observer::none()).unwrap();
    let events = trace(|observer| drop(kms.advance_to(env(1).now(), observer).unwrap()));
    let rotation = [
        "operation-started RotateKey",
        "random-drawn key material",
        "secret-wiped KeyMaterial",
        "key-rotated",
        "change-persisted",
        "audit-recorded",
        "operation-finished",
    ];
    assert_eq!(words(&events), rotation);
    let chosen = |act: &dyn Fn(&Observer)| {
        trace(act).into_iter().find_map(|event| match event.kind {
            Kind::MaterialChosen { current, .. } => Some(current),
            _ => None,
        })
    };
    assert_eq!(chosen(&|observer| drop(administrator.call(decrypt(&blob), observer).unwrap())), Some(false));
    assert_eq!(chosen(&|observer| drop(administrator.call(encrypt(&key, b"secret"), observer).unwrap())), Some(true));
    let materials = kms.key(&key).unwrap().unwrap().materials;
    assert_eq!(materials.iter().map(|material| material.current).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn an_altered_record_that_falls_due_stops_everything() {
    let store = Arc::new(MemoryStore::new());
    let kms = kms_over(store.clone(), 1);
    let administrator = kms.administrator();
    let key = administrator.call(CreateKeyRequest::default(), &Observer::none()).unwrap().key_metadata;
    administrator.call(RotateKeyOnDemandRequest { key_id: key.arn.clone() }, &Observer::none()).unwrap();
    let genuine = store.read(&format!("key/us-east-1/{}", key.key_id)).unwrap().unwrap();
    let altered = Record { next_due: Some(env(1).now().plus_millis(-1)), ..genuine.clone() };
    store.commit(&[Change::Put { record: altered, expected_version: Some(genuine.version) }], None).unwrap();
    let fault = administrator.call(CreateKeyRequest::default(), &Observer::none()).unwrap_err();
    assert!(fault.code == FaultCode::KMSInternalException && fault.message.unwrap().contains("was altered"));
    let later = Record { version: genuine.version, ..genuine.clone() };
    store.commit(&[Change::Put { record: later, expected_version: Some(genuine.version) }], None).unwrap();
    administrator.call(CreateKeyRequest::default(), &Observer::none()).unwrap();
}

#[test]
fn a_ciphertext_is_opened_and_made_anew_in_one_call() {
    let (kms, administrator, key) = kms();
    let other = administrator.call(CreateKeyRequest::default(), &Observer::none()).unwrap().key_metadata.arn;
    let blob = administrator.call(encrypt(&key, b"secret"), &Observer::none()).unwrap().ciphertext_blob;
    let request = ReEncryptRequest {
        ciphertext_blob: blob,
        source_encryption_context: [("tenant", "42")].into_iter().collect(),
        destination_key_id: other.clone(),
        ..ReEncryptRequest::default()
    };
    let events = trace(|observer| drop(administrator.call(request, observer).unwrap()));
    let expected = [
        "operation-started ReEncrypt",
        "request-verified",
        "key-resolved",
        "key-resolved",
        "statement-evaluated",
        "authorized",
        "statement-evaluated",
        "authorized",
        "key-state-checked",
        "key-state-checked",
        "material-chosen",
        "secret-wiped WrappingKey",
        "secret-wiped KeyMaterial",
        "data-key-unwrapped",
        "material-chosen",
        "random-drawn derivation nonce and iv",
        "secret-wiped WrappingKey",
        "secret-wiped KeyMaterial",
        "data-key-wrapped",
        "secret-wiped DataKey",
        "audit-recorded",
        "kms-response-sent",
        "operation-finished",
    ];
    assert_eq!(words(&events), expected);
    let audited: Vec<String> = kms.audit().unwrap().pop().unwrap().resources.into_iter().map(|resource| resource.arn).collect();
    assert_eq!(audited, [key, other]);
}
