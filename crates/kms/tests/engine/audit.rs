//! The audit log: CloudTrail's form, a line for every call, and nothing secret in it.

use std::sync::Arc;

use crate::support::{BOB, bob, data_key, decrypt, encrypt, kms, kms_over};
use serde_json::{Value, json};
use waxseal_base::env::{Clock, Env, VirtualClock};
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use waxseal_kms::{AuditFilter, AuditRecord, LocalKms, LocalKmsOptions, MemoryStore, Store};
use waxseal_kms_api::calls::{CreateGrantRequest, CreateKeyRequest, DescribeKeyRequest, PutKeyPolicyRequest};
use waxseal_policy::Caller;

fn last(kms: &LocalKms) -> Value {
    serde_json::to_value(kms.audit().unwrap().last().unwrap()).unwrap()
}

#[test]
fn a_call_is_recorded_as_cloudtrail_does() {
    let (kms, administrator, key) = kms();
    let blob = administrator.call(encrypt(&key, b"secret"), &Observer::none()).unwrap().ciphertext_blob.0;
    kms.put_identity_policy(
        BOB,
        "reader",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}]}"#,
    )
    .unwrap();
    let client = bob(&kms).via("s3.us-east-1.amazonaws.com").from_address("198.51.100.10");
    client.call(decrypt(&blob), &Observer::none()).unwrap();
    let mut record = last(&kms);
    for (member, len) in [("requestID", 36), ("eventID", 36)] {
        assert_eq!(record[member].take().as_str().unwrap().len(), len, "{member}");
    }
    let principal_id = record["userIdentity"]["principalId"].take();
    assert!(principal_id.as_str().unwrap().starts_with("AIDA"));
    assert_eq!(
        record,
        json!({
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "IAMUser",
                "principalId": null,
                "arn": BOB,
                "accountId": "111122223333",
                "userName": "bob",
                "invokedBy": "s3.us-east-1.amazonaws.com",
            },
            "eventTime": "2026-01-15T12:00:00Z",
            "eventSource": "kms.amazonaws.com",
            "eventName": "Decrypt",
            "awsRegion": "us-east-1",
            "sourceIPAddress": "198.51.100.10",
            "userAgent": "s3.us-east-1.amazonaws.com",
            "requestParameters": { "encryptionContext": { "tenant": "42" }, "encryptionAlgorithm": "SYMMETRIC_DEFAULT" },
            "responseElements": null,
            "requestID": null,
            "eventID": null,
            "readOnly": true,
            "resources": [{ "accountId": "111122223333", "type": "AWS::KMS::Key", "ARN": key }],
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": "111122223333",
            "eventCategory": "Management",
        })
    );
}

#[test]
fn refusals_are_recorded_with_their_reason_and_id() {
    let (kms, _, key) = kms();
    let fault = bob(&kms).call(encrypt(&key, b"secret"), &Observer::none()).unwrap_err();
    let record = last(&kms);
    assert_eq!(record["errorCode"], "AccessDenied");
    assert_eq!(record["errorMessage"].as_str(), fault.message.as_deref());
    assert_eq!(record["requestID"].as_str(), fault.request_id.as_deref());
    assert_eq!(record["resources"][0]["ARN"].as_str(), Some(key.as_str()));

    let unknown = DescribeKeyRequest { key_id: "alias/none".into(), ..DescribeKeyRequest::default() };
    bob(&kms).call(unknown, &Observer::none()).unwrap_err();
    let record = last(&kms);
    assert_eq!((&record["errorCode"], &record["resources"]), (&json!("NotFoundException"), &json!([])));
    assert_eq!(record["requestParameters"], json!({ "keyId": "alias/none" }));
}

#[test]
fn a_request_that_is_too_long_for_the_log_is_left_out() {
    let (kms, administrator, key) = kms();
    let policy = PutKeyPolicyRequest { key_id: key, policy: " ".repeat(200_000), ..PutKeyPolicyRequest::default() };
    administrator.call(policy, &Observer::none()).unwrap_err();
    let parameters = &last(&kms)["requestParameters"];
    assert!(parameters["omitted"] == true && parameters["originalSize"].as_u64() > Some(200_000), "{parameters}");
}

#[test]
fn every_kind_of_caller_has_its_identity() {
    let (kms, _, key) = kms();
    for (caller, kind, account) in [
        ("arn:aws:iam::111122223333:root", "Root", json!("111122223333")),
        ("arn:aws:sts::444455556666:assumed-role/App/s1", "AssumedRole", json!("444455556666")),
        ("arn:aws:sts::444455556666:federated-user/f", "FederatedUser", json!("444455556666")),
        ("logs.us-east-1.amazonaws.com", "AWSService", Value::Null),
    ] {
        let _ = kms.as_caller(Caller::parse(caller).unwrap()).call(data_key(&key), &Observer::none());
        let record = last(&kms);
        let identity = &record["userIdentity"];
        assert_eq!((identity["type"].as_str(), &identity["accountId"]), (Some(kind), &account), "{record}");
    }
}

#[test]
fn the_log_has_no_secret_no_ciphertext_and_no_token() {
    let (kms, administrator, key) = kms();
    let none = Observer::none();
    let made = administrator.call(data_key(&key), &none).unwrap();
    administrator.call(encrypt(&key, b"attack at dawn"), &none).unwrap();
    let mut request = decrypt(&made.ciphertext_blob.0);
    let grant = CreateGrantRequest {
        key_id: key.clone(),
        grantee_principal: BOB.into(),
        operations: vec!["Decrypt".into()],
        ..CreateGrantRequest::default()
    };
    let token = administrator.call(grant, &none).unwrap().grant_token;
    request.grant_tokens = vec![token.clone()];
    administrator.call(request, &none).unwrap();
    let policy = PutKeyPolicyRequest { key_id: key, policy: "{}".into(), ..PutKeyPolicyRequest::default() };
    administrator.call(policy, &none).unwrap_err();

    let log = kms.audit().unwrap();
    assert_eq!(
        log.iter().map(|record| record.event_name.as_str()).collect::<Vec<_>>(),
        ["CreateKey", "GenerateDataKey", "Encrypt", "CreateGrant", "Decrypt", "PutKeyPolicy"]
    );
    assert_eq!(log.iter().filter(|record| record.read_only).count(), 3);
    let text = serde_json::to_string(&log).unwrap();
    let forms = |bytes: &[u8]| {
        let json = serde_json::to_string(&bytes).unwrap();
        [hex::encode(bytes), waxseal_kms_api::blob::to_json(&waxseal_kms_api::blob::Blob(bytes.to_vec())).unwrap(), json]
    };
    for secret in [&made.plaintext.0[..], &made.ciphertext_blob.0, b"attack at dawn"] {
        for form in forms(secret) {
            assert!(!text.contains(form.trim_matches('"')), "{form}");
        }
    }
    assert!(!text.contains(&token) && text.contains("\"tenant\":\"42\""));
    let grant = &log[3];
    assert!(grant.response_elements["grantId"].is_string() && grant.response_elements.get("grantToken").is_none(), "{grant:?}");

    let back: Vec<AuditRecord> = serde_json::from_str(&text).unwrap();
    assert_eq!(back, log);
    assert!(log[0].record_id().starts_with("audit/2026-01-15T12:00:00Z/"));
}

#[test]
fn a_call_across_accounts_is_in_the_log_of_both_unless_it_is_denied() {
    let (kms, administrator, key) = kms();
    let (eve, none) = ("arn:aws:iam::444455556666:user/eve", Observer::none());
    let foreign = kms.as_caller(Caller::parse(eve).unwrap());
    foreign.call(data_key(&key), &none).unwrap_err();
    let grant = CreateGrantRequest {
        key_id: key.clone(),
        grantee_principal: eve.into(),
        operations: vec!["GenerateDataKey".into()],
        ..CreateGrantRequest::default()
    };
    administrator.call(grant, &none).unwrap();
    foreign.call(data_key(&key), &none).unwrap();

    let log_of = |account: &str| kms.audit_where(&AuditFilter { account: Some(account.into()), ..AuditFilter::default() }).unwrap();
    let (callers, owners) = (log_of("444455556666"), log_of("111122223333"));
    assert_eq!(callers.iter().map(|line| line.error_code.as_deref()).collect::<Vec<_>>(), [Some("AccessDenied"), None]);
    assert_eq!(owners.iter().map(|line| line.event_name.as_str()).collect::<Vec<_>>(), ["CreateKey", "CreateGrant", "GenerateDataKey"]);
    let (sent, seen) = (&callers[1], &owners[2]);
    assert!(sent.shared_event_id.is_some() && sent.shared_event_id == seen.shared_event_id && sent.event_id != seen.event_id);
    assert_eq!((sent.user_identity.arn.as_deref(), sent.recipient_account_id.as_str()), (Some(eve), "444455556666"));
    assert_eq!((seen.user_identity.arn.as_deref(), seen.recipient_account_id.as_str()), (None, "111122223333"));
    assert_eq!(seen.user_identity.kind.as_deref(), Some("AWSAccount"));
    assert_eq!(seen.user_identity.account_id, sent.user_identity.account_id);
    assert_eq!(log_of("111122223333"), owners, "a line has the same id whenever it is read");
    assert_eq!(callers[0].shared_event_id, None);
    assert_eq!(kms.audit().unwrap().len(), 4, "the KMS has each line once");
}

#[test]
fn lines_are_found_by_what_they_are_about() {
    let clock = VirtualClock::new(Timestamp::parse_iso8601("2026-01-15T12:00:00Z").unwrap());
    let kms = LocalKms::new(LocalKmsOptions::default(), Env::danger_seeded(clock.clone(), 1)).unwrap();
    let (administrator, none) = (kms.administrator(), Observer::none());
    let [first, second] = [(); 2].map(|()| administrator.call(CreateKeyRequest::default(), &none).unwrap().key_metadata);
    clock.advance_to(clock.now().plus_days(1));
    for _ in 0..3 {
        administrator.call(data_key(&first.arn), &none).unwrap();
    }
    administrator.call(data_key(&second.arn), &none).unwrap();
    let names = |filter: AuditFilter| kms.audit_where(&filter).unwrap().into_iter().map(|line| line.event_name).collect::<Vec<_>>();
    let all = AuditFilter::default;
    assert_eq!(names(all()).len(), 6);
    for key in [&first.key_id, &first.arn] {
        assert_eq!(
            names(AuditFilter { key: Some(key.clone()), ..all() }),
            ["CreateKey", "GenerateDataKey", "GenerateDataKey", "GenerateDataKey"]
        );
    }
    assert_eq!(names(AuditFilter { key: Some(second.key_id), limit: Some(1), ..all() }), ["GenerateDataKey"]);
    assert_eq!(names(AuditFilter { operation: Some("CreateKey".into()), ..all() }), ["CreateKey", "CreateKey"]);
    assert_eq!(names(AuditFilter { from: Some(clock.now()), ..all() }).len(), 4);
    assert_eq!(names(AuditFilter { until: Some(clock.now()), ..all() }), ["CreateKey", "CreateKey"]);
    assert_eq!(names(AuditFilter { account: Some("444455556666".into()), ..all() }), [""; 0]);
}

#[test]
fn a_log_in_memory_has_its_newest_lines() {
    let store = Arc::new(MemoryStore::with_audit_limit(700));
    let kms = kms_over(store.clone(), 1);
    for number in 0..1300 {
        let unknown = DescribeKeyRequest { key_id: format!("alias/{number}"), ..DescribeKeyRequest::default() };
        kms.administrator().call(unknown, &Observer::none()).unwrap_err();
    }
    let aliases: Vec<_> = kms.audit().unwrap().into_iter().map(|line| line.request_parameters["keyId"].clone()).collect();
    assert_eq!(aliases, (600..1300).map(|number| json!(format!("alias/{number}"))).collect::<Vec<_>>());
    assert_eq!((store.first_audit().unwrap(), store.audit(1299, 9).unwrap().len(), store.audit(1300, 9).unwrap().len()), (600, 1, 0));
}

#[test]
fn a_session_is_recorded_with_its_role() {
    let (kms, _, key) = kms();
    let session = Caller::parse("arn:aws:sts::111122223333:assumed-role/App/s1").unwrap();
    let known = [("aws:TokenIssueTime", "2026-01-15T11:30:00Z"), ("aws:MultiFactorAuthPresent", "true")].into_iter().collect();
    let _ = kms.as_caller(session).vouched(known).call(data_key(&key), &Observer::none());
    let mut record = last(&kms);
    let issuer = record["userIdentity"]["sessionContext"]["sessionIssuer"]["principalId"].take();
    assert!(record["userIdentity"]["principalId"].as_str().unwrap() == format!("{}:s1", issuer.as_str().unwrap()));
    assert_eq!(
        record["userIdentity"]["sessionContext"],
        json!({
            "sessionIssuer": {
                "type": "Role",
                "principalId": null,
                "arn": "arn:aws:iam::111122223333:role/App",
                "accountId": "111122223333",
                "userName": "App",
            },
            "attributes": { "creationDate": "2026-01-15T11:30:00Z", "mfaAuthenticated": "true" },
        })
    );
}
