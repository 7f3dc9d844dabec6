//! AWS KMS: requests in AWS JSON 1.1, signed by Signature Version 4, in the region that the key's ARN says.

mod calls;
mod options;
mod place;
mod refusal;

use std::time::Duration;

use waxseal_base::threading::{BoxFuture, MaybeSync};
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::operation::Operation;
use waxseal_kms_api::sigv4::{self, Credentials, SignedRequest};
use zeroize::Zeroizing;

pub use options::AwsOptions;
use place::{Flavour, Place, check_region, endpoint, key_arn};

use crate::address::Address;
use crate::check::check_printable;
use crate::error::ClientError;
use crate::http::{Host, HttpRequest};
use crate::json::{Members, Object};
use crate::renewed::Renewed;
use crate::transport::{Answer, Exchange, Question, Transport};

/// AWS KMS, or another service that speaks its protocol.
pub struct AwsKms {
    transport: Transport,
    credentials: Renewed<Credentials>,
    region: Option<String>,
    replica_regions: Vec<String>,
    endpoint: Option<Address>,
    flavour: Flavour,
}

impl AwsKms {
    /// A client.
    pub fn new(host: &Host, options: AwsOptions) -> Result<Self, ClientError> {
        let AwsOptions { credentials, region, replica_regions, endpoint, fips, dual_stack, limits } = options;
        for region in region.iter().chain(&replica_regions) {
            check_region(region)?;
        }
        if endpoint.is_some() && (fips || dual_stack || !replica_regions.is_empty()) {
            return Err(ClientError::caller("an endpoint is one address: it goes without fips, dual_stack and replica_regions"));
        }
        let endpoint = endpoint.map(|endpoint| Address::parse(&endpoint, "endpoint")).transpose()?;
        Ok(Self {
            transport: Transport { vendor: VENDOR, host: host.clone(), limits },
            credentials: Renewed::new(credentials, "credentials", check_credentials)?,
            region,
            replica_regions,
            endpoint,
            flavour: Flavour { fips, dual_stack },
        })
    }

    /// `keys` are those that the request names, the one that says where to ask first; `body` has the other members; `read` gets the members of the answer
    /// that are not the same for every operation, and the keys that were used.
    async fn ask<T, R, const N: usize>(&self, operation: Operation, keys: [Asked<'_>; N], body: Object, read: R) -> Result<T, ClientError>
    where
        R: Fn(&Members<'_>, [String; N]) -> Result<T, ClientError> + MaybeSync,
    {
        if let Some(Asked { member, .. }) = keys.iter().find(|key| key.key_id == Some("")) {
            return Err(ClientError::caller(format!("{member} is missing")));
        }
        let places = self.places(&keys)?;
        let count = u32::try_from(places.len()).unwrap_or(u32::MAX);
        self.transport.send(&Asking { kms: self, operation, keys, body: body.finish(), places, read }, count).await
    }

    /// Where to ask, in order: about the first of the keys, and elsewhere if all of them are there too.
    fn places(&self, keys: &[Asked<'_>]) -> Result<Vec<Place>, ClientError> {
        let key_id = keys.first().and_then(|key| key.key_id);
        let arn = key_id.and_then(key_arn);
        let arn = match (key_id, arn) {
            (Some(key_id), None) if key_id.starts_with("arn:") => {
                return Err(ClientError::caller(format!("`{key_id}` is not the ARN of a key or alias of AWS KMS")));
            }
            (_, arn) => arn,
        };
        let own = match (&arn, &self.region) {
            (Some(arn), _) => arn.region.as_str(),
            (None, Some(region)) => region,
            (None, None) => return Err(ClientError::caller("no region: give one, or name the key by its ARN")),
        };
        check_region(own)?;
        let partition = arn.as_ref().map(|arn| arn.partition.as_str());
        let place = |region: &str, is_replica: bool| {
            let address = match &self.endpoint {
                Some(endpoint) => endpoint.clone(),
                None => endpoint(region, partition, self.flavour)?,
            };
            Ok(Place { region: region.into(), address, is_replica })
        };
        let mut places = vec![place(own, false)?];
        let mut named = keys.iter().filter_map(|key| key.key_id);
        if arn.is_some() && named.all(|key_id| key_arn(key_id).is_some_and(|arn| arn.is_multi_region_key())) {
            for region in self.replica_regions.iter().filter(|region| *region != own) {
                places.push(place(region, true)?);
            }
        }
        Ok(places)
    }
}

/// A key that a request names, or could have named.
struct Asked<'a> {
    /// The request's member that does.
    member: &'static str,
    key_id: Option<&'a str>,
    /// Where the answer says which it was.
    used: fn(&Members<'_>) -> Result<String, ClientError>,
}

/// A call under way.
struct Asking<'a, R, const N: usize> {
    kms: &'a AwsKms,
    operation: Operation,
    keys: [Asked<'a>; N],
    body: Zeroizing<Vec<u8>>,
    places: Vec<Place>,
    read: R,
}

impl<T, R: Fn(&Members<'_>, [String; N]) -> Result<T, ClientError> + MaybeSync, const N: usize> Exchange for Asking<'_, R, N> {
    type Outcome = T;

    fn question(&self, n: u32, left: Duration) -> BoxFuture<'_, Result<Question, ClientError>> {
        Box::pin(async move {
            let host = &self.kms.transport.host;
            let credentials = self.kms.credentials.value(host, left).await?;
            let place = self.place(n)?;
            let body = self.body_at(place);
            let target = format!("{}/", place.address.path());
            let mut headers = vec![
                ("content-type".to_owned(), "application/x-amz-json-1.1".to_owned()),
                ("host".to_owned(), place.address.host().to_owned()),
                ("x-amz-target".to_owned(), format!("TrentService.{}", self.operation)),
            ];
            let request = SignedRequest { method: "POST", target: &target, headers: &headers, body: &body };
            let signed_for = sigv4::Place { region: place.region.clone(), service: "kms".into() };
            let added = sigv4::sign(&request, &credentials, &signed_for, host.env.now())
                .map_err(|fault| ClientError::caller(format!("the request can not be signed: {fault}")))?;
            // The signature would do, for as long as it counts, whoever holds it.
            let mut secrets = vec![Zeroizing::new(credentials.secret_access_key.expose().to_owned())];
            secrets.extend(credentials.session_token.clone());
            secrets.extend(added.iter().filter(|(name, _)| name == "authorization").map(|(_, value)| Zeroizing::new(value.clone())));
            headers.retain(|(name, _)| name != "host");
            headers.extend(added);
            let headers = headers.into_iter().filter_map(|(name, value)| Some((sent_name(&name)?, Zeroizing::new(value)))).collect();
            let request = HttpRequest { url: format!("{}/", place.address), headers, body };
            Ok(Question { request, host: place.address.host().into(), secrets })
        })
    }

    fn outcome(&self, n: u32, answer: &Answer) -> Result<T, ClientError> {
        let request_id = answer.header("x-amzn-requestid").map(str::to_owned);
        if answer.status() != 200 {
            let refusal = refusal::read(answer, request_id);
            // Credentials may end before their time.
            if refusal.vendor_code.as_deref().is_some_and(refusal::says_credentials_ended) {
                self.kms.credentials.forget();
            }
            return Err(refusal);
        }
        let members = answer.members(VENDOR, request_id)?;
        let place = self.place(n)?;
        let mut used = [const { String::new() }; N];
        for (used, key) in used.iter_mut().zip(&self.keys) {
            *used = key_used(key, place, &members)?;
        }
        (self.read)(&members, used)
    }
}

impl<R, const N: usize> Asking<'_, R, N> {
    fn place(&self, n: u32) -> Result<&Place, ClientError> {
        let n = usize::try_from(n).unwrap_or_default();
        let place = n.checked_rem(self.places.len()).and_then(|n| self.places.get(n));
        place.ok_or_else(|| ClientError::caller("there is no place to ask"))
    }

    /// The body with the keys, as they are named at that place, before its other members.
    fn body_at(&self, place: &Place) -> Zeroizing<Vec<u8>> {
        let named =
            |object: Object, key: &Asked<'_>| object.and(key.key_id, |object, key_id| object.text(key.member, &place.name_of(key_id)));
        self.keys.iter().fold(Object::new(), named).finish_with(&self.body)
    }
}

/// The key that was used, if it is the one that was asked for. What a replica wrapped, its key opens in every region: a message names the key that its writer
/// named.
fn key_used(key: &Asked<'_>, place: &Place, members: &Members<'_>) -> Result<String, ClientError> {
    let used = (key.used)(members)?;
    let asked = key.key_id.map(|key_id| place.name_of(key_id));
    check_key(&used, asked.as_deref(), members)?;
    Ok(key.key_id.filter(|_| place.is_replica).map_or(used, str::to_owned))
}

/// The key that was used must be the one that was asked for, as far as the name says which that is.
fn check_key(answered: &str, asked: Option<&str>, members: &Members<'_>) -> Result<(), ClientError> {
    let Some(used) = key_arn(answered).filter(Arn::is_kms_key) else { return Err(members.wrong("a `KeyId` that is not a key's ARN")) };
    match asked {
        Some(asked) if !is_alias(asked) && asked != answered && asked != used.resource_id() => {
            Err(members.wrong(format_args!("the key `{answered}` where `{asked}` was asked for")))
        }
        _ => Ok(()),
    }
}

fn is_alias(key_id: &str) -> bool {
    key_id.starts_with("alias/") || key_id.contains(":alias/")
}

fn check_credentials(credentials: &Credentials) -> Result<(), ClientError> {
    check_printable(&credentials.access_key_id, "access key's id")?;
    check_printable(credentials.secret_access_key.expose(), "secret access key")?;
    credentials.session_token.as_ref().map_or(Ok(()), |token| check_printable(token, "session token"))
}

/// Of the headers that requests have, as [`HttpRequest`] takes them.
fn sent_name(name: &str) -> Option<&'static str> {
    ["content-type", "x-amz-target", "x-amz-date", "x-amz-security-token", "authorization"].into_iter().find(|own| *own == name)
}

const VENDOR: &str = "AWS KMS";

#[cfg(test)]
mod tests;
