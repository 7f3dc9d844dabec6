//! AWS KMS: requests in AWS JSON 1.1, signed by Signature Version 4, in the region that the key's ARN says.

mod options;
mod place;
mod refusal;

use std::time::Duration;

use waxseal_base::observer::Observer;
use waxseal_base::threading::{BoxFuture, MaybeSync};
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::blob::{Blob, SecretBlob};
use waxseal_kms_api::calls::{
    DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest, GenerateDataKeyResponse,
};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::kms::KmsError;
use waxseal_kms_api::operation::Operation;
use waxseal_kms_api::sigv4::{self, Credentials, SignedRequest};
use zeroize::Zeroizing;

pub use options::AwsOptions;
use place::{Flavour, Place, check_region, endpoint, key_arn};

use crate::address::Address;
use crate::as_kms::as_kms;
use crate::check::{check_printable, some_bytes};
use crate::error::ClientError;
use crate::http::{Host, HttpRequest};
use crate::json::{Members, Object};
use crate::own_data_key::data_key_len;
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

    async fn make(&self, request: GenerateDataKeyRequest, _: &Observer) -> Result<GenerateDataKeyResponse, ClientError> {
        let len = data_key_len(&request)?;
        let body = Object::new()
            .and(request.number_of_bytes, |body, _| body.number("NumberOfBytes", len))
            .and(request.key_spec.as_deref(), |body, spec| body.text("KeySpec", spec));
        let body = rest(body, &request.encryption_context, &request.grant_tokens, request.dry_run);
        self.ask(Operation::GenerateDataKey, Some(&request.key_id), body, |members, key_id| {
            Ok(GenerateDataKeyResponse {
                plaintext: SecretBlob(members.data_key("Plaintext", len)?),
                ciphertext_blob: Blob(members.bytes("CiphertextBlob")?.to_vec()),
                key_id,
                key_material_id: members.maybe_text("KeyMaterialId"),
            })
        })
        .await
    }

    async fn seal(&self, request: EncryptRequest) -> Result<EncryptResponse, ClientError> {
        let body = Object::new().bytes("Plaintext", some_bytes(&request.plaintext.0, "Plaintext")?);
        let body = rest(body, &request.encryption_context, &request.grant_tokens, request.dry_run)
            .and(request.encryption_algorithm.as_deref(), |body, algorithm| body.text("EncryptionAlgorithm", algorithm));
        self.ask(Operation::Encrypt, Some(&request.key_id), body, |members, key_id| {
            let ciphertext_blob = Blob(members.bytes("CiphertextBlob")?.to_vec());
            Ok(EncryptResponse { ciphertext_blob, key_id, encryption_algorithm: members.maybe_text("EncryptionAlgorithm") })
        })
        .await
    }

    async fn open(&self, request: DecryptRequest) -> Result<DecryptResponse, ClientError> {
        let body = Object::new().bytes("CiphertextBlob", some_bytes(&request.ciphertext_blob.0, "CiphertextBlob")?);
        let body = rest(body, &request.encryption_context, &request.grant_tokens, request.dry_run)
            .and(request.encryption_algorithm.as_deref(), |body, algorithm| body.text("EncryptionAlgorithm", algorithm));
        self.ask(Operation::Decrypt, request.key_id.as_deref(), body, |members, key_id| {
            Ok(DecryptResponse {
                plaintext: SecretBlob(members.bytes("Plaintext")?),
                key_id,
                key_material_id: members.maybe_text("KeyMaterialId"),
                encryption_algorithm: members.maybe_text("EncryptionAlgorithm"),
            })
        })
        .await
    }

    /// `body` has the members beside `KeyId`; `read` gets those that are not the same for every operation.
    async fn ask<T, R>(&self, operation: Operation, key_id: Option<&str>, body: Object, read: R) -> Result<T, ClientError>
    where
        R: Fn(&Members<'_>, String) -> Result<T, ClientError> + MaybeSync,
    {
        if key_id == Some("") {
            return Err(ClientError::caller("KeyId is missing"));
        }
        let places = self.places(key_id)?;
        let count = u32::try_from(places.len()).unwrap_or(u32::MAX);
        self.transport.send(&Asking { kms: self, operation, asked: key_id, body: body.finish(), places, read }, count).await
    }

    /// Where to ask about a key, in order.
    fn places(&self, key_id: Option<&str>) -> Result<Vec<Place>, ClientError> {
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
        let place = |region: &str, key_id: Option<String>| {
            let address = match &self.endpoint {
                Some(endpoint) => endpoint.clone(),
                None => endpoint(region, partition, self.flavour)?,
            };
            Ok(Place { region: region.into(), address, key_id })
        };
        let mut places = vec![place(own, key_id.map(str::to_owned))?];
        if let Some(arn) = arn.as_ref().filter(|arn| arn.is_multi_region_key()) {
            for region in self.replica_regions.iter().filter(|region| *region != own) {
                places.push(place(region, Some(Arn { region: region.clone(), ..arn.clone() }.to_string()))?);
            }
        }
        Ok(places)
    }
}

as_kms!(AwsKms);

/// A call under way.
struct Asking<'a, R> {
    kms: &'a AwsKms,
    operation: Operation,
    asked: Option<&'a str>,
    body: Zeroizing<Vec<u8>>,
    places: Vec<Place>,
    read: R,
}

impl<T, R: Fn(&Members<'_>, String) -> Result<T, ClientError> + MaybeSync> Exchange for Asking<'_, R> {
    type Outcome = T;

    fn question(&self, n: u32, left: Duration) -> BoxFuture<'_, Result<Question, ClientError>> {
        Box::pin(async move {
            let host = &self.kms.transport.host;
            let credentials = self.kms.credentials.value(host, left).await?;
            let place = self.place(n)?;
            let body = with_key(&self.body, place.key_id.as_deref());
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
        let used = members.text("KeyId")?;
        let place = self.place(n)?;
        check_key(&used, place.key_id.as_deref(), &members)?;
        // What a replica wrapped, its key opens in every region; a message names the key that its writer named.
        let named = self.asked.filter(|asked| place.key_id.as_deref() != Some(asked)).map_or(used, str::to_owned);
        (self.read)(&members, named)
    }
}

impl<R> Asking<'_, R> {
    fn place(&self, n: u32) -> Result<&Place, ClientError> {
        let n = usize::try_from(n).unwrap_or_default();
        let place = n.checked_rem(self.places.len()).and_then(|n| self.places.get(n));
        place.ok_or_else(|| ClientError::caller("there is no place to ask"))
    }
}

/// The body with the key of one place before its other members.
fn with_key(body: &[u8], key_id: Option<&str>) -> Zeroizing<Vec<u8>> {
    let object = Object::new().and(key_id, |object, key_id| object.text("KeyId", key_id));
    object.finish_with(body)
}

/// The members that all requests have.
fn rest(body: Object, context: &EncryptionContext, grant_tokens: &[String], dry_run: Option<bool>) -> Object {
    body.and(Some(context).filter(|context| !context.is_empty()), |body, context| body.context("EncryptionContext", context))
        .and(Some(grant_tokens).filter(|tokens| !tokens.is_empty()), |body, tokens| body.list("GrantTokens", tokens))
        .and(dry_run, |body, dry_run| body.boolean("DryRun", dry_run))
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
