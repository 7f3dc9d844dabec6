use super::*;

fn key_error(text: &str) -> PolicyError {
    Document::key_policy(text).policy().unwrap_err().clone()
}

/// A key policy whose only statement allows `kms:*` to everyone, with one element set to something else.
fn with(element: &str, json: &str) -> String {
    let mut elements = vec![("Effect", "\"Allow\""), ("Principal", "\"*\""), ("Action", "\"kms:*\""), ("Resource", "\"*\"")];
    elements.retain(|(name, _)| *name != element);
    elements.push((element, json));
    let elements: Vec<String> = elements.iter().map(|(name, json)| format!("\"{name}\": {json}")).collect();
    format!("{{\"Version\": \"2012-10-17\", \"Statement\": {{{}}}}}", elements.join(", "))
}

#[test]
fn errors_say_where_they_are() {
    let text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\"Effect\": \"Allow\", \"Principal\": \"*\"},\n    {\"Effect\": \"Permit\"}\n  ]\n}";
    let error = key_error(text);
    assert_eq!((error.line, error.column, error.path.as_str()), (5, 16, "Statement[1].Effect"));
    assert_eq!(error.to_string(), "line 5, column 16, Statement[1].Effect: `Permit` is neither Allow nor Deny");
}

#[test]
fn malformed_documents_are_refused_with_the_reason() {
    for (text, why) in [
        ("".to_owned(), "not JSON"),
        ("[]".to_owned(), "expected an object, found a list"),
        ("{\"Version\": \"2012-10-17\"".to_owned(), "not JSON"),
        ("{\"Version\": \"2012-10-17\"}".to_owned(), "no Statement"),
        ("{\"Statement\": []}".to_owned(), "no statement"),
        ("{\"Statement\": \"x\"}".to_owned(), "expected a statement"),
        ("{\"Statement\": [[]]}".to_owned(), "expected an object"),
        ("{\"Version\": \"2020-01-01\", \"Statement\": []}".to_owned(), "not a version"),
        ("{\"version\": \"2012-10-17\", \"Statement\": []}".to_owned(), "did you mean Version"),
        ("{\"Statement\": {\"Effect\": \"Allow\"}}".to_owned(), "no Principal"),
        ("{\"Statement\": {\"Principal\": \"*\"}}".to_owned(), "no Effect"),
        (with("Effect", "\"allow\""), "neither Allow nor Deny"),
        (with("NotPrincipal", "{\"AWS\": \"*\"}"), "not both"),
        (with("NotAction", "\"kms:Decrypt\""), "not both"),
        (with("NotResource", "\"*\""), "not both"),
        (with("Principal", "\"111122223333\""), "needs a kind"),
        (with("Principal", "{}"), "nobody is named"),
        (with("Principal", "{\"AWS\": []}"), "nobody is named"),
        (with("Principal", "{\"AWS\": 111122223333}"), "expected a string"),
        (with("Principal", "{\"AWS\": \"arn:aws:iam::111122223333:user/*\"}"), "wildcard"),
        (with("Principal", "{\"AWS\": \"arn:aws:iam::111122223333:group/admins\"}"), "group"),
        (with("Principal", "{\"Service\": \"*\"}"), "not a service"),
        (with("Principal", "{\"Federated\": \"x\"}"), "not a kind of principal"),
        (with("Action", "\"Decrypt\""), "such as kms:Decrypt"),
        (with("Action", "[]"), "empty"),
        (with("Resource", "[]"), "empty"),
        (with("Resource", "\"${aws:username\""), "has no `}`"),
        (with("Condition", "\"x\""), "expected an object"),
        (with("Condition", "{\"StringEqual\": {}}"), "not a condition operator"),
        (with("Condition", "{\"StringEquals\": \"x\"}"), "expected an object"),
        (with("Condition", "{\"StringEquals\": {\"x\": \"y\"}}"), "not a condition key"),
        (with("Condition", "{\"StringEquals\": {\"a:x\": null}}"), "found null"),
        (with("Condition", "{\"StringEquals\": {\"a:x\": \"1\", \"A:X\": \"2\"}}"), "twice"),
        (with("Condition", "{\"NumericEquals\": {\"a:x\": \"many\"}}"), "not a number"),
        (with("Condition", "{\"IpAddress\": {\"a:x\": \"300.0.0.1\"}}"), "not an IP address"),
        (with("Principals", "\"*\""), "not an element of a statement"),
        (with("Sid", "7"), "expected a string"),
        ("{\"Id\": \"\u{4e2d}\", \"Statement\": []}".to_owned(), "U+4E2D"),
        ("{\"Id\": \"\u{1}\", \"Statement\": []}".to_owned(), "U+0001"),
    ] {
        let error = key_error(&text);
        assert!(error.message.contains(why), "{text}: {error}");
        assert_eq!(error.kind, PolicyErrorKind::Malformed);
    }
    assert!(Document::identity_policy(with("Sid", "\"x\"")).policy().unwrap_err().message.contains("attached"));
    let allow_all_but = with("NotPrincipal", "{\"AWS\": \"111122223333\"}").replace("\"Principal\": \"*\", ", "");
    assert!(key_error(&allow_all_but).message.contains("everyone else in the world"));
}

#[test]
fn a_missing_action_or_resource_is_accepted() {
    let document = Document::key_policy("{\"Statement\": {\"Sid\": \"with spaces\", \"Effect\": \"Allow\", \"Principal\": \"*\"}}");
    let statement = document.policy().unwrap().statements().first().unwrap();
    assert_eq!(statement.sid(), Some("with spaces"));
    assert!(document.text().get(statement.range()).unwrap().ends_with("\"*\"}"));
}

#[test]
fn for_all_values_on_a_pair_is_overly_permissive() {
    for key in ["kms:EncryptionContext:tenant", "KMS:encryptioncontext:x", "aws:RequestTag/team"] {
        let text = with("Condition", &format!("{{\"ForAllValues:StringEquals\": {{\"{key}\": \"42\"}}}}"));
        let error = key_error(&text);
        assert_eq!(error.kind, PolicyErrorKind::OverlyPermissive);
        assert!(error.to_string().starts_with("OverlyPermissiveCondition"), "{error}");
    }
    let keys = with("Condition", "{\"ForAllValues:StringEquals\": {\"kms:EncryptionContextKeys\": [\"tenant\"]}}");
    assert!(Document::key_policy(keys).policy().is_ok());
}

#[test]
fn the_length_limit_is_exact() {
    let policy = with("Sid", "\"x\"");
    let padded = policy.clone() + &" ".repeat(MAX_BYTES - policy.len());
    assert!(Document::key_policy(padded.clone()).policy().is_ok());
    assert_eq!(key_error(&(padded + " ")).kind, PolicyErrorKind::TooLong);
}
