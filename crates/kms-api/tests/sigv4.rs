//! Signature Version 4 against signatures made by others, and against everything that must not pass.

use serde::Deserialize;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::sigv4::{Authorization, Credentials, Place, SecretAccessKey, SignedRequest, canonical_request, sign, string_to_sign};
use zeroize::Zeroizing;

#[derive(Clone, Deserialize)]
struct Case {
    name: String,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
    secret_access_key: String,
    session_token: Option<String>,
    canonical_request: Option<String>,
    string_to_sign: Option<String>,
}

impl Case {
    fn request(&self) -> SignedRequest<'_> {
        SignedRequest { method: &self.method, target: &self.target, headers: &self.headers, body: self.body.as_bytes() }
    }

    fn claim(&self) -> Authorization {
        Authorization::of(&self.request()).unwrap_or_else(|fault| panic!("{}: {fault}", self.name))
    }

    fn credentials(&self) -> Credentials {
        Credentials {
            access_key_id: self.claim().access_key_id,
            secret_access_key: SecretAccessKey::new(self.secret_access_key.clone()),
            session_token: self.session_token.clone().map(Zeroizing::new),
        }
    }

    fn place(&self) -> Place {
        let scope = self.claim().scope;
        Place { region: scope.region, service: scope.service }
    }

    fn header(&self, name: &str) -> &str {
        &self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).unwrap().1
    }

    /// The time at which it was signed.
    fn time(&self) -> Timestamp {
        let date = self.header("x-amz-date");
        let [year, month, day, hour, minute] = [&date[..4], &date[4..6], &date[6..8], &date[9..11], &date[11..13]];
        Timestamp::parse_iso8601(&format!("{year}-{month}-{day}T{hour}:{minute}:{}", &date[13..])).unwrap()
    }

    fn with_header(&self, name: &str, value: &str) -> Self {
        let mut changed = self.clone();
        changed.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        changed.headers.push((name.into(), value.into()));
        changed
    }

    /// What a KMS says to this request when it expects `original`.
    fn judge(&self, original: &Self) -> Result<(), Fault> {
        Authorization::of(&self.request())?.verify(&self.request(), &original.credentials(), &original.place(), original.time())
    }
}

fn cases() -> Vec<Case> {
    let files = [include_str!("sigv4/aws.json"), include_str!("sigv4/botocore.json")];
    files.iter().flat_map(|file| serde_json::from_str::<Vec<Case>>(file).unwrap()).collect()
}

fn botocore(name: &str) -> Case {
    cases().into_iter().find(|case| case.name == name).unwrap()
}

#[test]
fn what_others_signed_is_accepted() {
    let cases = cases();
    assert_eq!(cases.len(), 36);
    for case in &cases {
        case.judge(case).unwrap_or_else(|fault| panic!("{}: {fault}", case.name));
        let claim = case.claim();
        let canonical = canonical_request(&case.request(), &claim.signed_headers);
        assert_eq!(&canonical, case.canonical_request.as_ref().unwrap_or(&canonical), "{}", case.name);
        let to_sign = string_to_sign(case.header("x-amz-date"), &claim.scope, &canonical);
        assert_eq!(&to_sign, case.string_to_sign.as_ref().unwrap_or(&to_sign), "{}", case.name);
    }
}

#[test]
fn signing_gives_the_signatures_of_others() {
    for case in cases() {
        let claim = case.claim();
        let added = ["authorization", "x-amz-date", "x-amz-security-token"];
        let is_signed = |name: &str| claim.signed_headers.iter().any(|signed| name.eq_ignore_ascii_case(signed));
        let headers: Vec<_> =
            case.headers.iter().filter(|(name, _)| is_signed(name) && !added.contains(&name.to_lowercase().as_str())).cloned().collect();
        // One case adds its token after it is signed.
        let session_token = case.session_token.clone().filter(|_| is_signed("x-amz-security-token")).map(Zeroizing::new);
        let credentials = Credentials { session_token, ..case.credentials() };
        let signed = sign(&SignedRequest { headers: &headers, ..case.request() }, &credentials, &case.place(), case.time()).unwrap();
        assert_eq!(signed.last().unwrap().1, case.header("authorization").trim(), "{}", case.name);
    }
}

#[test]
fn any_change_is_refused() {
    for case in cases() {
        let mut changed = vec![
            Case { method: "PUT".into(), ..case.clone() },
            Case { target: format!("{}x", case.target), ..case.clone() },
            Case { body: format!("{} ", case.body), ..case.clone() },
            case.with_header("x-amz-date", "20150830T123601Z"),
            case.with_header("x-amz-security-token", "another"),
            case.with_header("x-amz-added", "on the way"),
        ];
        for name in case.claim().signed_headers {
            changed.push(case.with_header(&name, "another"));
            changed.push(Case {
                headers: case.headers.iter().filter(|(own, _)| !own.eq_ignore_ascii_case(&name)).cloned().collect(),
                ..case.clone()
            });
        }
        let authorization = case.header("authorization");
        for (at, character) in authorization.char_indices().filter(|(_, character)| character.is_ascii_alphanumeric()) {
            let other = if character == 'a' { "b" } else { "a" };
            let mut text = authorization.to_owned();
            text.replace_range(at..at + character.len_utf8(), other);
            changed.push(case.with_header("authorization", &text));
        }
        for altered in &changed {
            let Err(fault) = altered.judge(&case) else {
                // Names of the credentials are looked up, and so are not the signature's to check.
                assert_ne!(altered.claim().access_key_id, case.claim().access_key_id, "{}: {:?}", case.name, altered.headers);
                continue;
            };
            assert_eq!(fault.code.http_status(), 400);
        }
        let wrong = Credentials { secret_access_key: SecretAccessKey::new("wrong".to_owned()), ..case.credentials() };
        let refused = case.claim().verify(&case.request(), &wrong, &case.place(), case.time()).unwrap_err();
        assert_eq!(refused.code, FaultCode::InvalidSignatureException);
        assert!(refused.message.unwrap().starts_with("The request signature we calculated does not match"), "{}", case.name);
    }
}

#[test]
fn a_signature_holds_for_a_quarter_of_an_hour() {
    let case = botocore("generate-data-key");
    let at = |minutes: i64, millis: i64| {
        let now = Timestamp::from_millis(case.time().as_millis() + minutes * 60_000 + millis);
        case.claim().verify(&case.request(), &case.credentials(), &case.place(), now)
    };
    for accepted in [at(0, 0), at(15, 0), at(-15, 0)] {
        accepted.unwrap();
    }
    let text = |refused: Result<(), Fault>| refused.unwrap_err().to_string();
    assert_eq!(
        text(at(15, 1000)),
        "InvalidSignatureException: Signature expired: 20260115T120000Z is now earlier than 20260115T120001Z (20260115T121501Z - 15 min.)"
    );
    assert_eq!(
        text(at(-15, -1000)),
        "InvalidSignatureException: Signature not yet current: 20260115T120000Z is still later than 20260115T115959Z (20260115T114459Z + 15 min.)"
    );
}

#[test]
fn a_signature_holds_for_one_region_and_service() {
    let case = botocore("generate-data-key");
    for (region, service, why) in [
        ("eu-central-1", "kms", "Credential should be scoped to a valid region, not 'us-east-1'."),
        ("us-east-1", "s3", "Credential should be scoped to correct service: 's3'."),
    ] {
        let place = Place { region: region.into(), service: service.into() };
        let fault = case.claim().verify(&case.request(), &case.credentials(), &place, case.time()).unwrap_err();
        assert_eq!((fault.code, fault.message.as_deref()), (FaultCode::InvalidSignatureException, Some(why)));
    }
}

#[test]
fn a_refusal_says_what_is_wrong() {
    let case = botocore("a-session");
    let hash = "0".repeat(64);
    let scope = "AKIAIOSFODNN7EXAMPLE/20261124/us-east-1/kms/aws4_request";
    let whole = case.header("authorization");
    let unsigned = |name: &str| whole.replace(&format!("{name};"), "");
    for (header, value, code, text) in [
        ("authorization", "Bearer abc", FaultCode::IncompleteSignatureException, "Unsupported AWS 'algorithm': 'Bearer'."),
        ("authorization", "AWS4-HMAC-SHA256", FaultCode::IncompleteSignatureException, "requires 'Credential' parameter"),
        (
            "authorization",
            &format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host"),
            FaultCode::IncompleteSignatureException,
            "requires 'Signature'",
        ),
        (
            "authorization",
            &whole.replace("/kms/", "/"),
            FaultCode::IncompleteSignatureException,
            "must have exactly 5 slash-delimited elements",
        ),
        (
            "authorization",
            &whole.replace("aws4_request", "aws5_request"),
            FaultCode::InvalidSignatureException,
            "valid terminator: 'aws4_request'",
        ),
        (
            "authorization",
            &whole.replace("20261124/", "20261123/"),
            FaultCode::InvalidSignatureException,
            "'20261123' != '20261124', from '20261124T235959Z'",
        ),
        (
            "authorization",
            &whole.replace("content-type;host;", "host;content-type;"),
            FaultCode::IncompleteSignatureException,
            "in order, each once",
        ),
        ("authorization", &format!("{whole}, Signature=00"), FaultCode::IncompleteSignatureException, "has 'Signature' twice"),
        ("authorization", &format!("{whole}0"), FaultCode::IncompleteSignatureException, "64 hexadecimal digits"),
        ("authorization", &unsigned("host"), FaultCode::InvalidSignatureException, "'Host' or ':authority' must be"),
        ("authorization", &unsigned("x-amz-date"), FaultCode::InvalidSignatureException, "'x-amz-date' must be a 'SignedHeader'"),
        ("x-amz-date", "yesterday", FaultCode::InvalidSignatureException, "from 'yesterday'"),
        ("x-amz-date", "20261124T2359", FaultCode::IncompleteSignatureException, "ISO-8601 'basic format'. Got '20261124T2359'"),
        ("x-amz-content-sha256", &hash, FaultCode::InvalidSignatureException, "'x-amz-content-sha256' must be a 'SignedHeader'"),
        (
            "x-amz-security-token",
            "another",
            FaultCode::UnrecognizedClientException,
            "The security token included in the request is invalid.",
        ),
    ] {
        let fault = case.with_header(header, value).judge(&case).unwrap_err();
        assert!(fault.code == code && fault.message.as_ref().unwrap().contains(text), "{fault}");
    }
    let without = |name: &str| Case {
        headers: case.headers.iter().filter(|(own, _)| !own.eq_ignore_ascii_case(name)).cloned().collect(),
        ..case.clone()
    };
    let missing = Authorization::of(&without("authorization").request()).unwrap_err();
    assert_eq!(missing.to_string(), "MissingAuthenticationTokenException: Missing Authentication Token");
    let undated = without("x-amz-date").judge(&case).unwrap_err();
    assert!(undated.to_string().contains("existence of either a 'X-Amz-Date' or a 'Date' header"), "{undated}");
    assert_eq!(without("x-amz-security-token").judge(&case).unwrap_err().code, FaultCode::UnrecognizedClientException);
    for repeated in ["authorization", "x-amz-date", "x-amz-security-token"] {
        let mut twice = case.clone();
        twice.headers.push((repeated.to_uppercase(), case.header(repeated).to_owned()));
        assert_eq!(twice.judge(&case).unwrap_err().code, FaultCode::IncompleteSignatureException, "{repeated}");
    }
}

#[test]
fn a_stated_body_hash_is_compared_with_the_body() {
    let case = botocore("generate-data-key");
    let sign_with_hash = |hash: &str| {
        let mut headers = vec![("host".to_owned(), "h".to_owned()), ("x-amz-content-sha256".to_owned(), hash.to_owned())];
        let unsigned = SignedRequest { method: "POST", target: "/", headers: &headers, body: b"{}" };
        let added = sign(&unsigned, &case.credentials(), &case.place(), case.time()).unwrap();
        headers.extend(added);
        Case { headers, target: "/".into(), body: "{}".into(), ..case.clone() }.judge(&case)
    };
    sign_with_hash("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a").unwrap();
    for wrong in ["UNSIGNED-PAYLOAD", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"] {
        let fault = sign_with_hash(wrong).unwrap_err();
        assert!(fault.to_string().contains("'x-amz-content-sha256' header does not match"), "{fault}");
    }
}

#[test]
fn secrets_do_not_print() {
    let credentials = botocore("a-session").credentials();
    let printed = format!("{credentials:?} {:?}", credentials.secret_access_key);
    assert_eq!(printed, "Credentials { access_key_id: \"AKIAIOSFODNN7EXAMPLE\", .. } SecretAccessKey");
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nonsense_is_refused_and_nothing_panics(
            method in ".{0,8}", target in ".{0,40}", body in ".{0,40}",
            name in "authorization|x-amz-date|x-amz-security-token|x-amz-content-sha256|.{0,8}",
            value in "(AWS4-HMAC-SHA256 Credential=.{0,20}, SignedHeaders=.{0,20}, Signature=[0-9a-f]{64})|.{0,60}",
        ) {
            let original = botocore("a-session");
            let changed = Case { method, target, body, ..original.with_header(&name, &value) };
            prop_assert_eq!(changed.judge(&original).unwrap_err().code.http_status(), 400);
        }
    }
}
