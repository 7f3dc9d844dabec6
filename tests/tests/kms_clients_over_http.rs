//! The clients of remote KMS over a socket: the example encrypts a file under a key of this workspace's own KMS, which verifies every signature; and what a server
//! does that no KMS does.

#[path = "../../crates/kms-clients/examples/aws_file.rs"]
#[expect(dead_code, reason = "the example's own `main` takes its words from a command line")]
mod aws_file;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use waxseal_base::env::Env;
use waxseal_base::observer::Observer;
use waxseal_kms::http::{Front, HttpRequest, MAX_BODY_LEN};
use waxseal_kms::{LocalKms, LocalKmsOptions};
use waxseal_kms_api::calls::{CreateKeyRequest, DisableKeyRequest, EncryptRequest};
use waxseal_kms_api::sigv4::{Credentials, SecretAccessKey};
use waxseal_kms_clients::{
    AwsKms, AwsOptions, BrokerKms, BrokerOptions, ClientError, Host, Kind, Limits, Provided, ReqwestHttp, Source, Token, TokioTimer,
};
use waxseal_policy::Caller;
use zeroize::Zeroizing;

#[test]
fn the_example_encrypts_and_decrypts_a_file() {
    let (kms, env) = (LocalKms::new(LocalKmsOptions::default(), Env::system()).unwrap(), Env::system());
    let key = kms.administrator().call(CreateKeyRequest::default(), &Observer::none()).unwrap().key_metadata;
    let front = Arc::new(Front::new(kms.clone()));
    let identity = front.credentials_of(&Caller::parse("arn:aws:iam::111122223333:root").unwrap()).unwrap();
    let secret = identity.credentials.secret_access_key.expose().to_owned();
    let options = |secret: String, endpoint: &str| {
        let credentials = Credentials {
            access_key_id: identity.credentials.access_key_id.clone(),
            secret_access_key: SecretAccessKey::new(secret),
            session_token: identity.credentials.session_token.clone(),
        };
        AwsOptions { endpoint: Some(endpoint.into()), ..AwsOptions::new(Source::Fixed(Provided::always(credentials))) }
    };
    let folder = tempfile::tempdir().unwrap();
    let [plain, sealed, opened] = ["plain", "sealed", "opened"].map(|name| folder.path().join(name));
    std::fs::write(&plain, "a line of many\n".repeat(100_000)).unwrap();
    runtime().block_on(async {
        let endpoint = serve(Router::new().fallback(move |request| answer(front.clone(), request))).await;
        let client = aws_file::client(options(secret.clone(), &endpoint), &key.arn).unwrap();
        aws_file::seal(&client, &plain, &sealed).await.unwrap();
        aws_file::open(&client, &sealed, &opened).await.unwrap();
        assert_eq!(std::fs::read(&plain).unwrap(), std::fs::read(&opened).unwrap());

        let stranger = aws_file::client(options("of-somebody-else".into(), &endpoint), &key.arn).unwrap();
        let error = aws_file::open(&stranger, &sealed, &opened).await.unwrap_err();
        let error = error.downcast_ref().and_then(waxseal::Error::in_io_error).unwrap();
        assert_eq!((error.code(), error.kms_code()), ("KmsDenied", Some("InvalidSignatureException")), "{error}");
        kms.administrator().call(DisableKeyRequest { key_id: key.arn.clone() }, &Observer::none()).unwrap();
        let error = aws_file::open(&client, &sealed, &opened).await.unwrap_err().to_string();
        assert!(error.contains("DisabledException") && error.ends_with("ask the key's administrator to enable it"), "{error}");

        // A client of this crate says what the refusal means, and which request it was.
        let host = Host { http: Arc::new(http()), timer: Arc::new(TokioTimer), env };
        let client = AwsKms::new(&host, options(secret, &endpoint)).unwrap();
        let request =
            EncryptRequest { key_id: key.arn, plaintext: waxseal_kms_api::blob::SecretBlob(Zeroizing::new(vec![7])), ..Default::default() };
        let error = client.encrypt(request).await.unwrap_err();
        assert_eq!((error.kind, error.vendor_code.as_deref(), error.status), (Kind::Disabled, Some("DisabledException"), Some(400)));
        assert!(error.request_id.is_some() && !error.retryable);
    });
}

/// This workspace's KMS, on a socket.
async fn answer(front: Arc<Front>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned())).collect();
    let answered = front.handle(
        &HttpRequest {
            method: parts.method.to_string(),
            target: parts.uri.to_string(),
            headers,
            body: Zeroizing::new(to_bytes(body, MAX_BODY_LEN).await.unwrap_or_default().to_vec()),
            source_ip: None,
            secure_transport: false,
            received: None,
        },
        &Observer::none(),
    );
    let response = Response::builder().status(answered.status);
    let response = answered.headers.iter().fold(response, |response, (name, value)| response.header(name, value));
    response.body(Body::from(answered.body.to_vec())).unwrap()
}

#[test]
fn what_no_kms_answers_is_no_answer_and_is_said_so() {
    runtime().block_on(async {
        let redirect = Router::new().fallback(|| async { (StatusCode::TEMPORARY_REDIRECT, [("location", "http://127.0.0.1:1/")]) });
        let error = ask(&serve(redirect).await, 1).await;
        assert_eq!((error.status, error.retryable), (Some(307), false), "{error}");

        let flood = Router::new().fallback(|| async { Body::from(vec![b' '; 10_000_000]) });
        let error = ask(&serve(flood).await, 3).await;
        assert!(error.message.contains("more than 65536 bytes") && !error.retryable, "{error}");

        // It says how much is to come, and hangs up before.
        let cut_off =
            Router::new().fallback(|| async { Response::builder().header("content-length", "1000").body(Body::from("{")).unwrap() });
        let error = ask(&serve(cut_off).await, 2).await;
        assert!(error.message.contains("could not be reached or hung up") && error.retryable, "{error}");

        let slow = Router::new().fallback(|| async { tokio::time::sleep(Duration::from_secs(60)).await });
        let error = ask(&serve(slow).await, 2).await;
        assert!(error.message.contains("did not answer in 300 milliseconds") && error.retryable, "{error}");

        let nobody = ask("http://127.0.0.1:1", 1).await;
        assert!(nobody.message.contains("127.0.0.1:1 could not be reached or hung up") && nobody.retryable, "{nobody}");
        assert!(!nobody.message.contains("a-session-token"));
    });
}

async fn ask(url: &str, attempts: u32) -> ClientError {
    let host = Host { http: Arc::new(http()), timer: Arc::new(TokioTimer), env: Env::system() };
    let token = Source::Fixed(Provided::always(Token::new("a-session-token".to_owned()).unwrap()));
    let limits = Limits { timeout: Duration::from_millis(300), attempts, ..Limits::default() };
    let kms = BrokerKms::new(&host, BrokerOptions { limits, ..BrokerOptions::new(url, token) }).unwrap();
    let plaintext = waxseal_kms_api::blob::SecretBlob(Zeroizing::new(vec![7]));
    kms.encrypt(EncryptRequest { plaintext, ..Default::default() }).await.unwrap_err()
}

fn http() -> ReqwestHttp {
    ReqwestHttp::new(reqwest::Client::builder()).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

/// The address of a server that answers so, until the runtime ends.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}
