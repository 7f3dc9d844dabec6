//! AWS Signature Version 4 in its header form: how a client proves who asks, and that nobody changed the request on its way. Clients
//! [`sign`]; a KMS reads the [`Authorization`] of a request, looks up who has its access key, and [verifies](Authorization::verify).
//!
//! Nothing here does I/O or has a clock. Paths follow the rule of every service but S3: normalised, and encoded once more than they came.
//!
//! ```
//! use waxseal_base::time::Timestamp;
//! use waxseal_kms_api::sigv4::{Authorization, Credentials, Place, SecretAccessKey, SignedRequest, sign};
//!
//! let credentials = Credentials {
//!     access_key_id: "AKIDEXAMPLE".into(),
//!     secret_access_key: SecretAccessKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned()),
//!     session_token: None,
//! };
//! let place = Place { region: "us-east-1".into(), service: "kms".into() };
//! let now = Timestamp::parse_iso8601("2026-01-15T12:00:00Z").unwrap();
//!
//! let mut headers = vec![("host".to_owned(), "kms.us-east-1.amazonaws.com".to_owned())];
//! let unsigned = SignedRequest { method: "POST", target: "/", headers: &headers, body: b"{}" };
//! let added = sign(&unsigned, &credentials, &place, now)?;
//! headers.extend(added);
//!
//! let request = SignedRequest { method: "POST", target: "/", headers: &headers, body: b"{}" };
//! let authorization = Authorization::of(&request)?;
//! assert_eq!(authorization.access_key_id, "AKIDEXAMPLE");
//! authorization.verify(&request, &credentials, &place, now)?;
//! let altered = SignedRequest { body: b"{ }", ..request };
//! assert!(authorization.verify(&altered, &credentials, &place, now).is_err());
//! # Ok::<(), waxseal_kms_api::fault::Fault>(())
//! ```

mod authorization;
mod canonical_request;
mod signing_key;
mod verify;

use std::fmt;

use waxseal_base::time::Timestamp;
use zeroize::Zeroizing;

pub use authorization::{Authorization, CredentialScope};
pub use canonical_request::{SignedRequest, canonical_request};
pub use signing_key::{SecretAccessKey, string_to_sign};

use crate::fault::Fault;

/// What somebody signs with.
pub struct Credentials {
    /// Names the secret; not secret itself.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: SecretAccessKey,
    /// What temporary credentials come with, and long-lived ones do not.
    pub session_token: Option<Zeroizing<String>>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// Where a signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Such as `us-east-1`.
    pub region: String,
    /// Such as `kms`.
    pub service: String,
}

/// Signs all headers that the request has, which must include `host`. The headers to add: `x-amz-date`, the session token if there is one,
/// and `authorization`. Headers that are added later are not signed.
pub fn sign(request: &SignedRequest<'_>, credentials: &Credentials, place: &Place, now: Timestamp) -> Result<Vec<(String, String)>, Fault> {
    let date = basic_iso8601(now);
    let mut added = vec![(DATE_HEADER.to_owned(), date.clone())];
    added.extend(credentials.session_token.iter().map(|token| (TOKEN_HEADER.to_owned(), token.to_string())));
    // A copy with the session's token in it.
    let headers: Zeroizing<Vec<_>> = Zeroizing::new(request.headers.iter().chain(&added).cloned().collect());
    let mut signed_headers: Vec<String> = headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    signed_headers.sort_unstable();
    signed_headers.dedup();
    let scope = CredentialScope {
        date: date.split('T').next().unwrap_or_default().to_owned(),
        region: place.region.clone(),
        service: place.service.clone(),
    };
    let canonical = Zeroizing::new(canonical_request(&SignedRequest { headers: &headers, ..*request }, &signed_headers));
    let signature = credentials.secret_access_key.sign(&scope, &string_to_sign(&date, &scope, &canonical))?;
    let authorization = Authorization { access_key_id: credentials.access_key_id.clone(), scope, signed_headers, signature };
    added.push((AUTHORIZATION_HEADER.to_owned(), authorization.to_string()));
    Ok(added)
}

/// ISO 8601 in its basic form, `20150830T123600Z`.
fn basic_iso8601(time: Timestamp) -> String {
    time.to_string().replace(['-', ':'], "")
}

const AUTHORIZATION_HEADER: &str = "authorization";
const CONTENT_HASH_HEADER: &str = "x-amz-content-sha256";
const DATE_HEADER: &str = "x-amz-date";
const TOKEN_HEADER: &str = "x-amz-security-token";
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TERMINATOR: &str = "aws4_request";
