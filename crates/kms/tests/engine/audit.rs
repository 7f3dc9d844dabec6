//! The audit log: CloudTrail's form, a line for every call, and nothing secret in it.

use crate::support::{BOB, bob, data_key, decrypt, encrypt, kms};
use serde_json::{Value, json};
use waxseal_base::observer::Observer;
use waxseal_kms::{AuditRecord, LocalKms};
use waxseal_kms_api::calls::{CreateGrantRequest, DescribeKeyRequest, PutKeyPolicyRequest};
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
