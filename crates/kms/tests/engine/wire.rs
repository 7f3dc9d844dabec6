//! The wire: signed requests in, AWS JSON out, and no input that brings it down.

use proptest::prelude::*;
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use waxseal_kms::http::{Front, HttpRequest, HttpResponse, MAX_BODY_LEN};
use waxseal_kms::{LocalKms, LocalKmsOptions};
use waxseal_kms_api::calls::DescribeKeyRequest;
use waxseal_kms_api::operation::Operation;
use waxseal_kms_api::sigv4::{Credentials, Place, SecretAccessKey, SignedRequest, sign};
use waxseal_policy::Caller;
use zeroize::Zeroizing;

use crate::support::{BOB, env, kms};

const ROOT: &str = "arn:aws:iam::111122223333:root";

fn front() -> (Front, String) {
    let (kms, _, key) = kms();
    (Front::new(kms), key)
}

fn place() -> Place {
    Place { region: "us-east-1".into(), service: "kms".into() }
}

/// A request that is not signed yet.
fn unsigned(operation: &str, body: &[u8]) -> HttpRequest {
    let headers = [
        ("Host", "kms.us-east-1.amazonaws.com"),
        ("Content-Type", "application/x-amz-json-1.1"),
        ("X-Amz-Target", &format!("TrentService.{operation}")),
        ("User-Agent", "a-client/1"),
    ];
    HttpRequest {
        method: "POST".into(),
        target: "/".into(),
        headers: headers.map(|(name, value)| (name.into(), value.into())).into(),
        body: Zeroizing::new(body.to_vec()),
        source_ip: Some("203.0.113.7".into()),
        secure_transport: true,
        received: None,
    }
}

fn signed_with(mut request: HttpRequest, credentials: &Credentials, now: Timestamp) -> HttpRequest {
    let HttpRequest { method, target, headers, body, .. } = &request;
    let added = sign(&SignedRequest { method, target, headers, body }, credentials, &place(), now).unwrap();
    request.headers.extend(added);
    request
}

fn signed(front: &Front, who: &str, request: HttpRequest) -> HttpRequest {
    let identity = front.credentials_of(&Caller::parse(who).unwrap()).unwrap();
    signed_with(request, &identity.credentials, env(1).now())
}

fn send(front: &Front, request: &HttpRequest) -> HttpResponse {
    front.handle(request, &Observer::none())
}

fn ask(front: &Front, who: &str, operation: &str, body: &str) -> HttpResponse {
    send(front, &signed(front, who, unsigned(operation, body.as_bytes())))
}

fn json(response: &HttpResponse) -> serde_json::Value {
    serde_json::from_slice(&response.body).unwrap()
}

/// Status, `__type` and message of a refusal, which must be one whole.
fn refusal(response: &HttpResponse) -> (u16, String, String) {
    let body = json(response);
    let name = body["__type"].as_str().unwrap();
    assert_eq!(response.header("x-amzn-errortype"), Some(name));
    assert_eq!(response.header("content-type"), Some("application/x-amz-json-1.1"));
    assert!(response.header("x-amzn-requestid").is_some_and(|id| id.len() == 36));
    (response.status, name.into(), body["message"].as_str().unwrap_or_default().into())
}

#[test]
fn a_signed_request_is_answered() {
    let (front, key) = front();
    let body = format!(r#"{{"KeyId":"{key}","Plaintext":"c2VjcmV0","EncryptionContext":{{"tenant":"42"}}}}"#);
    let encrypted = ask(&front, ROOT, "Encrypt", &body);
    assert_eq!((encrypted.status, encrypted.header("content-type")), (200, Some("application/x-amz-json-1.1")));
    assert_eq!(encrypted.header("date"), Some("Thu, 15 Jan 2026 12:00:00 GMT"));
    assert_eq!(encrypted.header("access-control-allow-origin"), None, "no page has asked");
    let blob = json(&encrypted)["CiphertextBlob"].as_str().unwrap().to_owned();
    let decrypted = ask(&front, ROOT, "Decrypt", &format!(r#"{{"CiphertextBlob":"{blob}","EncryptionContext":{{"tenant":"42"}}}}"#));
    assert_eq!(json(&decrypted)["Plaintext"], "c2VjcmV0");
    assert_eq!(decrypted.caller.as_deref(), Some(ROOT));
    let nothing = ask(&front, ROOT, "DisableKey", &format!(r#"{{"KeyId":"{key}"}}"#));
    assert_eq!((nothing.status, nothing.body.len()), (200, 0));
}

#[test]
fn the_caller_is_the_one_who_signed() {
    let (kms, _, key) = kms();
    let front = Front::new(kms.clone());
    let describe = format!(r#"{{"KeyId":"{key}"}}"#);
    let (status, name, text) = refusal(&ask(&front, BOB, "DescribeKey", &describe));
    assert_eq!((status, name.as_str()), (400, "AccessDeniedException"));
    assert!(text.starts_with(&format!("User: {BOB} is not authorized to perform: kms:DescribeKey on resource: {key}")), "{text}");

    let session = "arn:aws:sts::111122223333:assumed-role/App/s1";
    let allow = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:DescribeKey","Resource":"*",
        "Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}]}"#;
    kms.put_identity_policy(session, "reader", allow).unwrap();
    let described = ask(&front, session, "DescribeKey", &describe);
    assert_eq!(described.status, 200);
    let line = kms.audit().unwrap().pop().unwrap();
    assert_eq!((line.user_identity.arn.as_deref(), line.source_ip_address.as_str()), (Some(session), "203.0.113.7"));
    let own = front.credentials_of(&Caller::parse(session).unwrap()).unwrap();
    assert_eq!(line.user_identity.access_key_id.as_deref(), Some(own.credentials.access_key_id.as_str()));
    assert_eq!((line.user_agent.as_str(), Some(line.request_id.as_str())), ("a-client/1", described.header("x-amzn-requestid")));
    let elsewhere = HttpRequest { source_ip: Some("198.51.100.1".into()), ..unsigned("DescribeKey", describe.as_bytes()) };
    assert_eq!(refusal(&send(&front, &signed(&front, session, elsewhere))).1, "AccessDeniedException");
}

#[test]
fn who_is_not_known_is_refused_before_anything_else() {
    let (front, _) = front();
    let credentials = |id: &str, secret: &str, token: Option<&str>| Credentials {
        access_key_id: id.into(),
        secret_access_key: SecretAccessKey::new(secret.to_owned()),
        session_token: token.map(|token| Zeroizing::new(token.to_owned())),
    };
    let bob = Caller::parse(BOB).unwrap();
    front.identities().put(bob.clone(), credentials("AKIAIOSFODNN7EXAMPLE", "secret", None)).unwrap();
    front.identities().put(bob, credentials("ASIAIOSFODNN7EXAMPLE", "secret", Some("token"))).unwrap();
    let now = env(1).now();
    let nonsense = || unsigned("NoSuchOperation", b"{");
    let judged = |id: &str, secret: &str, token: Option<&str>, minutes: i64| {
        let request = signed_with(nonsense(), &credentials(id, secret, token), Timestamp::from_millis(now.as_millis() + minutes * 60_000));
        refusal(&send(&front, &request)).1
    };
    assert_eq!(refusal(&send(&front, &nonsense())).1, "MissingAuthenticationTokenException");
    assert_eq!(judged("AKIAIOSFODNN7EXAMPLE", "secret", None, 0), "UnknownOperationException", "this one is known");
    assert_eq!(judged("ASIAIOSFODNN7EXAMPLE", "secret", Some("token"), 0), "UnknownOperationException", "and this one");
    assert_eq!(judged("AKIAIOSFODNN7EXAMPLE", "Secret", None, 0), "InvalidSignatureException");
    assert_eq!(judged("AKIAIOSFODNN8EXAMPLE", "secret", None, 0), "UnrecognizedClientException");
    assert_eq!(judged("AKIAIOSFODNN7EXAMPLE", "secret", Some("token"), 0), "UnrecognizedClientException");
    assert_eq!(judged("ASIAIOSFODNN7EXAMPLE", "secret", None, 0), "UnrecognizedClientException");
    assert_eq!(judged("AKIAIOSFODNN7EXAMPLE", "secret", None, -16), "InvalidSignatureException", "replayed too late");
    assert_eq!(judged("AKIAIOSFODNN7EXAMPLE", "secret", None, 16), "InvalidSignatureException", "from the future");
    let stranger = send(&front, &signed_with(nonsense(), &credentials("AKIAIOSFODNN7EXAMPLE", "Secret", None), now));
    assert_eq!(stranger.caller, None, "nobody is named who is not known");
    front.identities().delete("AKIAIOSFODNN7EXAMPLE");
    assert_eq!(judged("AKIAIOSFODNN7EXAMPLE", "secret", None, 0), "UnrecognizedClientException");
}

#[test]
fn a_signature_is_as_old_as_the_clock_says_that_clients_sign_by() {
    let (front, key) = front();
    let describe = || unsigned("DescribeKey", format!(r#"{{"KeyId":"{key}"}}"#).as_bytes());
    let later = Timestamp::from_millis(env(1).now().as_millis() + 60 * 60_000);
    let identity = front.credentials_of(&Caller::parse(ROOT).unwrap()).unwrap();
    let signed_later = || signed_with(describe(), &identity.credentials, later);
    assert_eq!(refusal(&send(&front, &signed_later())).1, "InvalidSignatureException");
    let answer = send(&front, &HttpRequest { received: Some(later), ..signed_later() });
    assert_eq!((answer.status, answer.header("date")), (200, Some("Thu, 15 Jan 2026 13:00:00 GMT")));
    let old = HttpRequest { received: Some(later), ..signed(&front, ROOT, describe()) };
    assert_eq!(refusal(&send(&front, &old)).1, "InvalidSignatureException");
}

#[test]
fn what_was_altered_on_the_way_is_refused_and_does_nothing() {
    let (kms, _, key) = kms();
    let front = Front::new(kms.clone());
    let before = kms.audit().unwrap().len();
    let request = || signed(&front, ROOT, unsigned("EnableKey", format!(r#"{{"KeyId":"{key}"}}"#).as_bytes()));
    let header = |request: &mut HttpRequest, name: &str, value: &str| {
        request.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        request.headers.push((name.into(), value.into()));
    };
    let mut altered: Vec<HttpRequest> = (0..4).map(|_| request()).collect();
    altered[0].body = Zeroizing::new(format!(r#"{{"KeyId": "{key}"}}"#).into_bytes());
    header(&mut altered[1], "x-amz-target", "TrentService.DisableKey");
    header(&mut altered[2], "host", "another.example");
    altered[3].target = "/?a=b".into();
    for request in &altered {
        assert_eq!(refusal(&send(&front, request)).1, "InvalidSignatureException");
    }
    assert_eq!(kms.audit().unwrap().len(), before);
    assert_eq!(send(&front, &request()).status, 200);
}

#[test]
fn malformed_requests_are_refused_by_name() {
    let (front, _) = front();
    let post = |target: &str, method: &str, operation: Option<&str>| {
        let mut request = HttpRequest { target: target.into(), method: method.into(), ..unsigned("", b"{}") };
        request.headers.retain(|(name, _)| name != "X-Amz-Target");
        request.headers.extend(operation.map(|operation| ("x-amz-target".into(), operation.into())));
        refusal(&send(&front, &signed(&front, ROOT, request)))
    };
    for (target, method, operation, why) in [
        ("/", "POST", None, "one header `X-Amz-Target`"),
        ("/", "POST", Some("Encrypt"), "does not start with `TrentService.`"),
        ("/", "POST", Some("TrentService.encrypt"), "there is no operation `encrypt`"),
        ("/keys", "POST", Some("TrentService.ListGrants"), "POST to `/`"),
        ("/", "GET", Some("TrentService.ListGrants"), "POST to `/`"),
    ] {
        let (status, name, text) = post(target, method, operation);
        assert!((status, name.as_str()) == (400, "UnknownOperationException") && text.contains(why), "{status} {name} {text}");
    }
    let deep = "[".repeat(200_000);
    let deep_in_a_member = format!(r#"{{"KeyId":"a","Recipient":{}"#, "{\"a\":".repeat(200_000));
    let huge = format!(r#"{{"KeyId":"a","NumberOfBytes":{}}}"#, "9".repeat(400));
    for (operation, body) in [
        ("Encrypt", &b"\xff\xfe{}"[..]),
        ("Encrypt", b""),
        ("Encrypt", b"{\"KeyId\":\"a\""),
        ("Encrypt", b"null"),
        ("Encrypt", br#"{"KeyId":7}"#),
        ("Encrypt", br#"{"KeyId":"a","Plaintext":[1,2]}"#),
        ("Encrypt", br#"{"KeyId":"a","KeyId":"b"}"#),
        ("GenerateDataKey", br#"{"KeyId":"a","NumberOfBytes":-1}"#),
        ("GenerateDataKey", br#"{"KeyId":"a","NumberOfBytes":1e400}"#),
        ("GenerateDataKey", huge.as_bytes()),
        ("GenerateDataKey", deep.as_bytes()),
        ("GenerateDataKey", deep_in_a_member.as_bytes()),
    ] {
        let refused = refusal(&send(&front, &signed(&front, ROOT, unsigned(operation, body))));
        assert_eq!((refused.0, refused.1.as_str()), (400, "SerializationException"), "{}", refused.2);
    }
    let long = HttpRequest { body: Zeroizing::new(vec![b' '; MAX_BODY_LEN + 1]), ..unsigned("Encrypt", b"") };
    assert_eq!(
        refusal(&send(&front, &long)),
        (413, "RequestEntityTooLargeException".into(), "the body is longer than 1048576 bytes".into())
    );
    let policy = "x".repeat(MAX_BODY_LEN - 100);
    let refused = refusal(&ask(&front, ROOT, "CreateKey", &format!(r#"{{"Policy":"{policy}"}}"#)));
    assert_eq!(refused.0, 400, "{}", refused.1);
}

#[test]
fn pages_may_ask() {
    let (front, key) = front();
    let mut preflight = HttpRequest { method: "OPTIONS".into(), headers: Vec::new(), ..unsigned("", b"") };
    assert_eq!(refusal(&send(&front, &preflight)).1, "MissingAuthenticationTokenException", "that is not a browser");
    for (name, value) in [
        ("Origin", "https://app.example"),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "authorization, x-amz-target,x-amz-date"),
    ] {
        preflight.headers.push((name.into(), value.into()));
    }
    let allowed = send(&front, &preflight);
    assert_eq!((allowed.status, allowed.body.len()), (204, 0));
    assert_eq!(allowed.header("access-control-allow-origin"), Some("*"));
    assert_eq!(allowed.header("access-control-allow-methods"), Some("POST"));
    assert_eq!(allowed.header("access-control-allow-headers"), Some("authorization, x-amz-target,x-amz-date"));
    preflight.headers[2].1 = "a\r\nset-cookie: b".into();
    assert_eq!(send(&front, &preflight).header("access-control-allow-headers"), Some(""));

    let mut request = unsigned("DescribeKey", format!(r#"{{"KeyId":"{key}"}}"#).as_bytes());
    request.headers.push(("Origin".into(), "https://app.example".into()));
    let refused = send(&front, &request);
    let answered = send(&front, &signed(&front, ROOT, request));
    assert_eq!((refused.status, answered.status), (400, 200));
    for response in [refused, answered] {
        assert_eq!(response.header("access-control-allow-origin"), Some("*"));
        assert_eq!(response.header("access-control-expose-headers"), Some("date, x-amzn-errortype, x-amzn-requestid"));
    }
}

#[test]
fn the_region_is_that_of_the_scope() {
    let kms = LocalKms::new(LocalKmsOptions { region: "eu-central-1".into(), ..LocalKmsOptions::default() }, env(2)).unwrap();
    let created = json(&ask(&Front::new(kms.clone()), ROOT, "CreateKey", "{}"));
    let arn = created["KeyMetadata"]["Arn"].as_str().unwrap();
    assert!(arn.starts_with("arn:aws:kms:us-east-1:"), "{arn}");
    let describe = || DescribeKeyRequest { key_id: arn.into(), ..DescribeKeyRequest::default() };
    let elsewhere = kms.administrator().call(describe(), &Observer::none()).unwrap_err();
    assert_eq!(elsewhere.message.unwrap(), "Invalid arn us-east-1");
    assert!(kms.administrator().in_region("us-east-1").unwrap().call(describe(), &Observer::none()).is_ok());
    assert!(kms.administrator().in_region("us:east").is_err());
}

#[test]
fn an_account_has_keys_of_its_own() {
    let (front, _) = front();
    let created = json(&ask(&front, "arn:aws:iam::444455556666:root", "CreateKey", "{}"));
    assert_eq!(created["KeyMetadata"]["AWSAccountId"], "444455556666");
}

/// A JSON text with members that requests have, and values that they do not.
fn any_body() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<f64>().prop_map(|value| serde_json::json!(value).to_string()),
        "[a-zA-Z0-9:/+=_*-]{0,12}".prop_map(|value| serde_json::json!(value).to_string()),
        any::<String>().prop_map(|value| serde_json::json!(value).to_string()),
        Just(r#""1234abcd-12ab-34cd-56ef-1234567890ab""#.to_owned()),
        Just(r#""AQICAHg=""#.to_owned()),
    ];
    let value = scalar.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((member(), inner), 0..4).prop_map(object),
        ]
    });
    prop::collection::vec((member(), value), 0..6).prop_map(object)
}

fn member() -> impl Strategy<Value = String> {
    let names = "KeyId|Plaintext|CiphertextBlob|EncryptionContext|GrantTokens|KeySpec|NumberOfBytes|Policy|PolicyName|Tags|TagKey|TagValue|\
                 Operations|Constraints|GranteePrincipal|GrantId|Limit|Marker|DryRun|Description|KeyUsage|Origin|MultiRegion|Recipient|.{0,6}";
    names.prop_map(|name| serde_json::json!(name).to_string())
}

fn object(members: Vec<(String, String)>) -> String {
    let members: Vec<_> = members.into_iter().map(|(name, value)| format!("{name}:{value}")).collect();
    format!("{{{}}}", members.join(","))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_signed_request_brings_it_down(operation in prop::sample::select(Operation::ALL), body in any_body()) {
        let (front, _) = front();
        let response = ask(&front, ROOT, operation.name(), &body);
        prop_assert!((200..500).contains(&response.status), "{operation} {body}: {}", response.status);
        prop_assert!(response.status == 200 || !refusal(&response).1.is_empty());
    }

    #[test]
    fn no_bytes_bring_it_down(
        method in "POST|OPTIONS|GET|.{0,4}",
        target in "/|.{0,20}",
        headers in prop::collection::vec(("(?i)host|authorization|x-amz-date|x-amz-target|origin|access-control-request-method|.{0,8}", ".{0,40}"), 0..8),
        body in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let (front, _) = front();
        let request = HttpRequest { method, target, headers, body: Zeroizing::new(body), ..unsigned("", b"") };
        let response = send(&front, &request);
        prop_assert!(response.status == 204 || (400..500).contains(&response.status), "{}", response.status);
    }

    #[test]
    fn no_signed_bytes_bring_it_down(operation in prop::sample::select(Operation::ALL), body in prop::collection::vec(any::<u8>(), 0..64)) {
        let (front, _) = front();
        let response = send(&front, &signed(&front, ROOT, unsigned(operation.name(), &body)));
        prop_assert_eq!(refusal(&response).0, 400);
    }
}
