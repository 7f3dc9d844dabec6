//! The KMS's wire: AWS JSON 1.1 over HTTP, with signatures verified. Without I/O, so that a server, a Worker and a page use the same front.
//!
//! A request goes: preflight? → size → signature → operation → JSON → engine. Whoever did not sign learns nothing about the rest.

mod cors;
mod date;
mod identities;

use waxseal_base::observer::Observer;
use waxseal_base::secret::scrub_stack;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::calls::{Request, Response};
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;
use waxseal_kms_api::sigv4::{Authorization, Place, SignedRequest};
use zeroize::Zeroizing;

pub use identities::{Identities, Identity, IdentityError};

use crate::engine::RequestContext;
use crate::ids::{is_region, make_uuid};
use crate::local::LocalKms;

/// A KMS behind HTTP. Who asks, and in which region, is known by the signature.
#[derive(Debug)]
pub struct Front {
    kms: LocalKms,
    identities: Identities,
}

/// A request, as a host received it.
pub struct HttpRequest {
    /// Such as `POST`.
    pub method: String,
    /// Path and query as they travelled: `/`.
    pub target: String,
    /// All headers, each occurrence on its own, with `host` (in HTTP/2 `:authority`) among them.
    pub headers: Vec<(String, String)>,
    /// The whole body. A host need not read more than [`MAX_BODY_LEN`] bytes and one more.
    pub body: Zeroizing<Vec<u8>>,
    /// The network address it came from, if it came over a network: `aws:SourceIp`.
    pub source_ip: Option<String>,
    /// Whether nobody on the way could read it: `aws:SecureTransport`.
    pub secure_transport: bool,
    /// When it arrived by the clock that clients sign by, where the engine's clock is another, such as a virtual one that was moved ahead.
    pub received: Option<Timestamp>,
}

/// What to answer.
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Headers; names are in lower case, values are ASCII.
    pub headers: Vec<(String, String)>,
    /// The body, which may have a secret in it.
    pub body: Zeroizing<Vec<u8>>,
    /// Who asked, for the host's log: the ARN of a caller whose signature was right.
    pub caller: Option<String>,
}

/// Bytes of a body at most. The longest request that can succeed is a fraction of it.
pub const MAX_BODY_LEN: usize = 1024 * 1024;

impl Front {
    /// A front of that KMS, which nobody has credentials for yet.
    pub fn new(kms: LocalKms) -> Self {
        Self { kms, identities: Identities::default() }
    }

    /// Who has which credentials.
    pub fn identities(&self) -> &Identities {
        &self.identities
    }

    /// The credentials of a caller, made if there are none yet.
    pub fn credentials_of(&self, caller: &waxseal_policy::Caller) -> Result<std::sync::Arc<Identity>, IdentityError> {
        self.identities.of(caller, &self.kms.engine().env)
    }

    /// Answers a request, whatever is in it. What the operation changed is written before this returns.
    pub fn handle(&self, request: &HttpRequest, observer: &Observer) -> HttpResponse {
        if let Some(preflight) = cors::preflight(request) {
            return preflight;
        }
        let received = request.received.unwrap_or_else(|| self.kms.engine().env.now());
        let accepted = self.accept(request, received);
        scrub_stack();
        let (caller, id, result) = match accepted {
            Ok((context, Ok(request))) => {
                let caller = context.caller.arn().to_owned();
                let answer = self.kms.in_context(context).answer(&request, observer);
                (Some(caller), Some(answer.audit.request_id), answer.response)
            }
            Ok((context, Err(fault))) => (Some(context.caller.arn().to_owned()), self.make_id(), Err(fault)),
            Err(fault) => (None, self.make_id(), Err(fault)),
        };
        let mut response = HttpResponse { caller, ..write(result) };
        response.headers.extend(id.map(|id| ("x-amzn-requestid".into(), id)));
        response.headers.push(("date".into(), date::imf_fixdate(received)));
        response.headers.extend(cors::headers(request));
        response
    }

    /// Who asks, verified, and for what.
    fn accept(&self, request: &HttpRequest, received: Timestamp) -> Result<(RequestContext, Result<Request, Fault>), Fault> {
        if request.body.len() > MAX_BODY_LEN {
            let text = format!("the body is longer than {MAX_BODY_LEN} bytes");
            return Err(Fault::new(FaultCode::RequestEntityTooLargeException, text));
        }
        Ok((self.authenticate(request, received)?, read(request)))
    }

    fn make_id(&self) -> Option<String> {
        make_uuid(&self.kms.engine().env).ok()
    }

    fn authenticate(&self, request: &HttpRequest, received: Timestamp) -> Result<RequestContext, Fault> {
        let HttpRequest { method, target, headers, body, .. } = request;
        let signed = SignedRequest { method, target, headers, body };
        let authorization = Authorization::of(&signed)?;
        let identity = self.identities.find(&authorization.access_key_id).ok_or_else(unknown_client)?;
        // A text that is no region is none of the KMS's, and refused as such.
        let region = Some(&authorization.scope.region).filter(|region| is_region(region)).unwrap_or(&self.kms.engine().region);
        let place = Place { region: region.clone(), service: SERVICE.into() };
        authorization.verify(&signed, &identity.credentials, &place, received)?;
        Ok(RequestContext {
            region: Some(place.region),
            access_key_id: Some(identity.credentials.access_key_id.clone()),
            scheme: "AWS4-HMAC-SHA256".into(),
            source_ip: request.source_ip.clone(),
            secure_transport: request.secure_transport,
            user_agent: user_agent(request),
            ..RequestContext::in_process(identity.caller.clone())
        })
    }
}

impl HttpRequest {
    /// The value of a header that is there once, given by its name in lower case.
    fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
        values.next().filter(|_| values.next().is_none())
    }
}

impl HttpResponse {
    /// The value of a header, given by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// What is asked for.
fn read(request: &HttpRequest) -> Result<Request, Fault> {
    let operation = operation(request)?;
    let body = std::str::from_utf8(&request.body).map_err(|_| Fault::new(FaultCode::SerializationException, "the body is not UTF-8"))?;
    Request::from_json(operation, body)
}

/// Which operation `X-Amz-Target` names.
fn operation(request: &HttpRequest) -> Result<Operation, Fault> {
    let unknown = |text: String| Fault::new(FaultCode::UnknownOperationException, text);
    let path = request.target.split('?').next().unwrap_or_default();
    if request.method != "POST" || path != "/" {
        return Err(unknown("a KMS is asked by POST to `/`".into()));
    }
    let target = request.header("x-amz-target").ok_or_else(|| unknown("one header `X-Amz-Target` names the operation".into()))?;
    let name = target.strip_prefix(TARGET_PREFIX).ok_or_else(|| unknown(format!("`{target}` does not start with `{TARGET_PREFIX}`")))?;
    Operation::from_name(name).ok_or_else(|| unknown(format!("there is no operation `{name}`")))
}

/// What the client calls itself; scripts in a page can not set `User-Agent`, so AWS's clients use another header there.
fn user_agent(request: &HttpRequest) -> Option<String> {
    let text = request.header("x-amz-user-agent").or_else(|| request.header("user-agent"))?;
    Some(text.chars().take(MAX_USER_AGENT_LEN).collect())
}

fn write(result: Result<Response, Fault>) -> HttpResponse {
    match result.and_then(|response| response.to_json()) {
        // AWS sends nothing where there is nothing to say.
        Ok(json) if json == "{}" => HttpResponse::of_json(200, String::new()),
        Ok(json) => HttpResponse::of_json(200, json),
        Err(fault) => refuse(&fault),
    }
}

fn refuse(fault: &Fault) -> HttpResponse {
    let name = fault.code.name();
    let body = match &fault.message {
        Some(message) => serde_json::json!({ "__type": name, "message": message }),
        None => serde_json::json!({ "__type": name }),
    };
    let mut response = HttpResponse::of_json(fault.code.http_status(), body.to_string());
    response.headers.push(("x-amzn-errortype".into(), name.into()));
    response
}

impl HttpResponse {
    fn of_json(status: u16, json: String) -> Self {
        let headers = [("content-type", "application/x-amz-json-1.1"), ("cache-control", "no-store")];
        let headers = headers.map(|(name, value)| (name.into(), value.into())).into();
        Self { status, headers, body: Zeroizing::new(json.into_bytes()), caller: None }
    }
}

fn unknown_client() -> Fault {
    Fault::new(FaultCode::UnrecognizedClientException, "The security token included in the request is invalid.")
}

const SERVICE: &str = "kms";
const TARGET_PREFIX: &str = "TrentService.";
/// Characters of a client's name that the audit log has.
const MAX_USER_AGENT_LEN: usize = 1024;
