//! The `Authorization` header: who claims to have signed, where it shall hold, which headers are covered, and the signature.

use std::fmt;

use super::canonical_request::SignedRequest;
use super::{ALGORITHM, AUTHORIZATION_HEADER, TERMINATOR};
use crate::fault::{Fault, FaultCode};

/// What a request claims about its signature. Nothing of it is to be believed before it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// Whose secret signed.
    pub access_key_id: String,
    /// Where and on which day the signature holds.
    pub scope: CredentialScope,
    /// Which headers are covered: lower case, in order.
    pub signed_headers: Vec<String>,
    /// HMAC-SHA-256.
    pub signature: [u8; 32],
}

/// The day, region and service that a signing key is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialScope {
    /// Such as `20150830`.
    pub date: String,
    /// Such as `us-east-1`.
    pub region: String,
    /// Such as `kms`.
    pub service: String,
}

impl Authorization {
    /// Reads the claim of a request. Presigned addresses are not taken: a KMS has only requests with a body.
    pub fn of(request: &SignedRequest<'_>) -> Result<Self, Fault> {
        let mut headers = request.values(AUTHORIZATION_HEADER);
        match (headers.next(), headers.next()) {
            (None, _) => Err(Fault::new(FaultCode::MissingAuthenticationTokenException, "Missing Authentication Token")),
            (Some(header), None) => Self::read(header),
            (Some(_), Some(_)) => Err(incomplete("Authorization header must not be repeated.")),
        }
    }

    fn read(header: &str) -> Result<Self, Fault> {
        let (algorithm, parameters) = header.trim().split_once(' ').unwrap_or((header, ""));
        if algorithm != ALGORITHM {
            return Err(incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'.")));
        }
        let parameter = |name: &str| -> Result<&str, Fault> {
            let pairs = parameters.split(',').filter_map(|pair| pair.trim().split_once('='));
            let mut values = pairs.filter(|(own, _)| *own == name).map(|(_, value)| value);
            match (values.next(), values.next()) {
                (Some(value), None) if !value.is_empty() => Ok(value),
                (Some(_), Some(_)) => Err(incomplete(format!("Authorization header has '{name}' twice."))),
                _ => Err(incomplete(format!("Authorization header requires '{name}' parameter."))),
            }
        };
        let (access_key_id, scope) = read_credential(parameter("Credential")?)?;
        let signed_headers = read_signed_headers(parameter("SignedHeaders")?)?;
        let signature = parameter("Signature")?;
        let mut bytes = [0; 32];
        match hex::decode_to_slice(signature, &mut bytes) {
            Ok(()) => Ok(Self { access_key_id, scope, signed_headers, signature: bytes }),
            Err(_) => Err(incomplete("Authorization header's 'Signature' is not 64 hexadecimal digits.")),
        }
    }
}

impl fmt::Display for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access_key_id, scope, signed_headers, signature } = self;
        let (headers, signature) = (signed_headers.join(";"), hex::encode(signature));
        write!(f, "{ALGORITHM} Credential={access_key_id}/{scope}, SignedHeaders={headers}, Signature={signature}")
    }
}

impl fmt::Display for CredentialScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { date, region, service } = self;
        write!(f, "{date}/{region}/{service}/{TERMINATOR}")
    }
}

fn read_credential(text: &str) -> Result<(String, CredentialScope), Fault> {
    let mut parts = text.split('/');
    match [(); 6].map(|()| parts.next()) {
        [Some(id), Some(date), Some(region), Some(service), Some(TERMINATOR), None] if !id.is_empty() => {
            Ok((id.into(), CredentialScope { date: date.into(), region: region.into(), service: service.into() }))
        }
        [Some(_), Some(_), Some(_), Some(_), Some(_), None] => {
            Err(invalid(format!("Credential should be scoped with a valid terminator: '{TERMINATOR}'.")))
        }
        _ => {
            let text =
                format!("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{text}'");
            Err(incomplete(text))
        }
    }
}

/// In lower case, in order and without repetitions: any other form would be another text for the same headers.
fn read_signed_headers(text: &str) -> Result<Vec<String>, Fault> {
    let names: Vec<String> = text.split(';').map(Into::into).collect();
    let is_canonical = names.is_sorted_by(|a, b| a < b) && names.iter().all(|name| !name.is_empty() && *name == name.to_ascii_lowercase());
    match is_canonical {
        true => Ok(names),
        false => Err(incomplete("'SignedHeaders' are not names in lower case, in order, each once.")),
    }
}

pub(super) fn incomplete(text: impl Into<String>) -> Fault {
    Fault::new(FaultCode::IncompleteSignatureException, text)
}

pub(super) fn invalid(text: impl Into<String>) -> Fault {
    Fault::new(FaultCode::InvalidSignatureException, text)
}
