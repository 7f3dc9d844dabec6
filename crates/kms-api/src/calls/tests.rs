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
