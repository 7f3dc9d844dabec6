use super::*;

#[test]
fn requests_read_as_aws_json_has_them() {
    let body = r#"{"KeyId":"alias/documents","NumberOfBytes":32,"EncryptionContext":{"tenant":"42"}}"#;
    let Request::GenerateDataKey(request) = Request::from_json(Operation::GenerateDataKey, body).unwrap() else {
        panic!("another operation")
    };
    assert_eq!((request.key_id.as_str(), request.number_of_bytes), ("alias/documents", Some(32)));
    assert_eq!(request.encryption_context.value("tenant"), Some("42"));

    let Request::Decrypt(request) = Request::from_json(Operation::Decrypt, r#"{"CiphertextBlob":"AQI="}"#).unwrap() else {
        panic!("another operation")
    };
    assert_eq!(request.ciphertext_blob.0, [1, 2]);
}

#[test]
fn what_is_not_a_request_is_a_fault_that_says_why() {
    for body in ["", "[]x", "{\"KeyId\":7}", "{\"KeyId\":\"a\"} trailing"] {
        let fault = Request::from_json(Operation::Encrypt, body).unwrap_err();
        assert_eq!(fault.code, FaultCode::SerializationException, "{body}");
        assert!(fault.message.unwrap().starts_with("the body is not a Encrypt request"), "{body}");
    }
}

#[test]
fn a_refusal_names_the_member_and_not_its_value() {
    let text = |operation: Operation, body: &str| Request::from_json(operation, body).unwrap_err().message.unwrap();
    for (operation, body, why) in [
        (Operation::Encrypt, r#"{"GrantTokens":"secret"}"#, "`GrantTokens`: expected a sequence"),
        (Operation::Encrypt, r#"{"GrantTokens":["a",["secret"]]}"#, "`GrantTokens[1]`: expected a string"),
        (Operation::Encrypt, r#"{"Plaintext":"secret, expected *"}"#, "`Plaintext`: the value is not base64"),
        (
            Operation::GenerateRandom,
            r#"{"NumberOfBytes":"secret, expected"}"#,
            "`NumberOfBytes`: expected a whole number from 0 to 4294967295",
        ),
        (Operation::GenerateRandom, r#"{"NumberOfBytes":1e400}"#, "`NumberOfBytes`: number out of range"),
        (Operation::TagResource, r#"{"Tags":[{"TagKey":"a","TagValue":true}]}"#, "`Tags[0].TagValue`: expected a string"),
        (Operation::TagResource, r#"{"Tags":[{"TagKey":"a"}]}"#, "`Tags[0]`: missing field `TagValue`"),
        (Operation::TagResource, r#"{"Tags":[["a","b"]]}"#, "`Tags[0]`: expected an object"),
        (Operation::Encrypt, r#"["a","YQ=="]"#, "expected an object"),
        (Operation::Encrypt, r#"{"EncryptionContext":{"a":"1","a":"2"}}"#, "`EncryptionContext`: the member `a` is there twice"),
        (Operation::Encrypt, r#"{"EncryptionContext":{"a":null}}"#, "`EncryptionContext.a`: expected a string"),
        (Operation::Encrypt, r#"{"KeyId":"a","KeyId":"b"}"#, "the member `KeyId` is there twice"),
    ] {
        assert_eq!(text(operation, body), format!("the body is not a {operation} request: {why}"), "{body}");
    }
}

/// Only an enclave's member takes anything.
#[cfg(feature = "enclaves")]
#[test]
fn a_request_that_nests_deeply_is_refused() {
    let text = |operation: Operation, body: &str| Request::from_json(operation, body).unwrap_err().message.unwrap();
    let deep = format!(r#"{{"Recipient":{}1{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    assert!(text(Operation::Decrypt, &deep).ends_with(": the nesting is too deep"));
}

#[test]
fn what_is_null_or_unknown_is_not_there() {
    let body = format!(r#"{{"Unknown":{}{},"KeyId":null,"Limit":null,"Marker":"m"}}"#, "[".repeat(10_000), "]".repeat(10_000));
    let Request::ListAliases(request) = Request::from_json(Operation::ListAliases, &body).unwrap() else { panic!("another operation") };
    assert_eq!((request.key_id, request.limit, request.marker.as_deref()), (None, None, Some("m")));
    let Request::Encrypt(request) = Request::from_json(Operation::Encrypt, r#"{"KeyId":null,"GrantTokens":null}"#).unwrap() else {
        panic!("another operation")
    };
    assert!(request.key_id.is_empty() && request.grant_tokens.is_empty());
}

#[test]
fn responses_write_as_aws_json_has_them() {
    let response = Response::from(EncryptResponse {
        ciphertext_blob: crate::blob::Blob(vec![1, 2, 255]),
        key_id: "arn:aws:kms:us-east-1:111122223333:key/1".into(),
        encryption_algorithm: None,
    });
    assert_eq!(response.to_json().unwrap(), r#"{"CiphertextBlob":"AQL/","KeyId":"arn:aws:kms:us-east-1:111122223333:key/1"}"#);
    assert_eq!(response.operation(), Operation::Encrypt);
    assert!(DecryptResponse::try_from(response).is_err());
    assert_eq!(Response::from(EnableKeyResponse {}).to_json().unwrap(), "{}");
}
