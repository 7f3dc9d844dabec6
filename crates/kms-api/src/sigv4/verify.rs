//! Whether a request is what somebody with those credentials signed, for this place and not long ago.

use subtle::ConstantTimeEq;
use waxseal_base::time::Timestamp;

use super::authorization::{Authorization, incomplete, invalid};
use super::canonical_request::{SignedRequest, body_hash, canonical_request};
use super::signing_key::string_to_sign;
use super::{CONTENT_HASH_HEADER, Credentials, DATE_HEADER, Place, TOKEN_HEADER, basic_iso8601};
use crate::fault::{Fault, FaultCode};

impl Authorization {
    /// Checks everything: that the signature is for this place and of about now, covers the host, every `x-amz-` header and the body, and is
    /// the one that these credentials make. Signatures and tokens are compared in constant time.
    pub fn verify(&self, request: &SignedRequest<'_>, credentials: &Credentials, place: &Place, now: Timestamp) -> Result<(), Fault> {
        check_token(request, credentials)?;
        let date = single(request, DATE_HEADER)?.map_or_else(|| single(request, "date"), |date| Ok(Some(date)))?;
        let date =
            date.ok_or_else(|| incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."))?;
        self.check_scope(place, date)?;
        check_skew(date, now)?;
        self.check_coverage(request)?;
        check_content_hash(request)?;
        let canonical = canonical_request(request, &self.signed_headers);
        let expected = credentials.secret_access_key.sign(&self.scope, &string_to_sign(date, &self.scope, &canonical))?;
        match bool::from(expected.ct_eq(&self.signature)) {
            true => Ok(()),
            false => Err(invalid(MISMATCH)),
        }
    }

    fn check_scope(&self, place: &Place, date: &str) -> Result<(), Fault> {
        let scope = &self.scope;
        if scope.service != place.service {
            return Err(invalid(format!("Credential should be scoped to correct service: '{}'.", place.service)));
        }
        if scope.region != place.region {
            return Err(invalid(format!("Credential should be scoped to a valid region, not '{}'.", scope.region)));
        }
        let day = date.split('T').next().unwrap_or_default();
        match day == scope.date {
            true => Ok(()),
            false => Err(invalid(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{day}', from '{date}'.",
                scope.date
            ))),
        }
    }

    /// Whoever could change a header that means something to the KMS could make another request of it. (The token is compared by itself.)
    fn check_coverage(&self, request: &SignedRequest<'_>) -> Result<(), Fault> {
        let is_signed = |name: &str| self.signed_headers.iter().any(|signed| signed == name);
        if !is_signed("host") {
            return Err(invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."));
        }
        let names = request.headers.iter().map(|(name, _)| name.to_ascii_lowercase());
        match names.into_iter().find(|name| name.starts_with("x-amz-") && name != TOKEN_HEADER && !is_signed(name)) {
            Some(name) => Err(invalid(format!("'{name}' must be a 'SignedHeader' in the AWS Authorization."))),
            None => Ok(()),
        }
    }
}

/// The value of a header that must not be repeated.
fn single<'a>(request: &SignedRequest<'a>, name: &str) -> Result<Option<&'a str>, Fault> {
    let mut values = request.values(name);
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(incomplete(format!("Header '{name}' must not be repeated."))),
    }
}

fn check_token(request: &SignedRequest<'_>, credentials: &Credentials) -> Result<(), Fault> {
    let given = single(request, TOKEN_HEADER)?.unwrap_or_default();
    let expected = credentials.session_token.as_ref().map(|token| token.as_str()).unwrap_or_default();
    match bool::from(given.as_bytes().ct_eq(expected.as_bytes())) {
        true => Ok(()),
        false => Err(Fault::new(FaultCode::UnrecognizedClientException, "The security token included in the request is invalid.")),
    }
}

fn check_skew(date: &str, now: Timestamp) -> Result<(), Fault> {
    let Some(signed_at) = read_basic_iso8601(date) else {
        return Err(incomplete(format!("Date must be in ISO-8601 'basic format'. Got '{date}'.")));
    };
    let moved = |millis: i64| Timestamp::from_millis(now.as_millis().saturating_add(millis));
    let (oldest, newest) = (moved(-MAX_SKEW_MILLIS), moved(MAX_SKEW_MILLIS));
    let [shown, oldest_shown, newest_shown] = [now, oldest, newest].map(basic_iso8601);
    if signed_at < oldest {
        return Err(invalid(format!("Signature expired: {date} is now earlier than {oldest_shown} ({shown} - 15 min.)")));
    }
    if signed_at > newest {
        return Err(invalid(format!("Signature not yet current: {date} is still later than {newest_shown} ({shown} + 15 min.)")));
    }
    Ok(())
}

/// The signature covers the body's own hash in any case; a header that says another one shows a client or a proxy that is wrong.
fn check_content_hash(request: &SignedRequest<'_>) -> Result<(), Fault> {
    match single(request, CONTENT_HASH_HEADER)? {
        Some(stated) if !stated.trim().eq_ignore_ascii_case(&body_hash(request.body)) => {
            Err(invalid("The provided 'x-amz-content-sha256' header does not match what was computed."))
        }
        _ => Ok(()),
    }
}

/// Reads ISO 8601 in its basic form, `20150830T123600Z`.
fn read_basic_iso8601(text: &str) -> Option<Timestamp> {
    let is_basic = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'T' || byte == b'Z');
    let part = |from: usize, to: usize| text.get(from..to).filter(|_| is_basic);
    let (year, month, day, rest) = (part(0, 4)?, part(4, 6)?, part(6, 8)?, part(8, 11)?);
    let (minute, second) = (part(11, 13)?, part(13, 16)?);
    Timestamp::parse_iso8601(&format!("{year}-{month}-{day}{rest}:{minute}:{second}"))
}

/// How old a signature may be, and how far ahead.
const MAX_SKEW_MILLIS: i64 = 15 * 60 * 1000;
const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. \
     Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
