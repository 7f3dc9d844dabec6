//! Every call's request and response, as AWS JSON 1.1 names and shapes them, and the two sums of them all.

mod aliases;
mod crypto;
mod deletion;
mod grants;
mod import;
mod json;
mod key_pairs;
mod keys;
mod macs;
mod multi_region;
mod policies;
mod rotation;
mod shared_secrets;
mod signatures;
mod tags;
mod usage;

use serde::{Deserialize, Serialize};

pub use aliases::{
    AliasListEntry, CreateAliasRequest, CreateAliasResponse, DeleteAliasRequest, DeleteAliasResponse, ListAliasesRequest,
    ListAliasesResponse, UpdateAliasRequest, UpdateAliasResponse,
};
pub use crypto::{
    DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest, GenerateDataKeyResponse,
    GenerateDataKeyWithoutPlaintextRequest, GenerateDataKeyWithoutPlaintextResponse, GenerateRandomRequest, GenerateRandomResponse,
    ReEncryptRequest, ReEncryptResponse,
};
pub use deletion::{CancelKeyDeletionRequest, CancelKeyDeletionResponse, ScheduleKeyDeletionRequest, ScheduleKeyDeletionResponse};
pub use grants::{
    CreateGrantRequest, CreateGrantResponse, GrantConstraints, GrantListEntry, ListGrantsRequest, ListGrantsResponse,
    ListRetirableGrantsRequest, ListRetirableGrantsResponse, RetireGrantRequest, RetireGrantResponse, RevokeGrantRequest,
    RevokeGrantResponse,
};
pub use import::{
    DeleteImportedKeyMaterialRequest, DeleteImportedKeyMaterialResponse, GetParametersForImportRequest, GetParametersForImportResponse,
    ImportKeyMaterialRequest, ImportKeyMaterialResponse,
};
pub use key_pairs::{
    GenerateDataKeyPairRequest, GenerateDataKeyPairResponse, GenerateDataKeyPairWithoutPlaintextRequest,
    GenerateDataKeyPairWithoutPlaintextResponse,
};
pub use keys::{
    CreateKeyRequest, CreateKeyResponse, DescribeKeyRequest, DescribeKeyResponse, DisableKeyRequest, DisableKeyResponse, EnableKeyRequest,
    EnableKeyResponse, KeyListEntry, KeyMetadata, ListKeysRequest, ListKeysResponse, Tag,
};
pub use macs::{GenerateMacRequest, GenerateMacResponse, VerifyMacRequest, VerifyMacResponse};
pub use multi_region::{
    MultiRegionConfiguration, MultiRegionKey, ReplicateKeyRequest, ReplicateKeyResponse, UpdatePrimaryRegionRequest,
    UpdatePrimaryRegionResponse,
};
pub use policies::{
    GetKeyPolicyRequest, GetKeyPolicyResponse, ListKeyPoliciesRequest, ListKeyPoliciesResponse, PutKeyPolicyRequest, PutKeyPolicyResponse,
};
pub use rotation::{
    DisableKeyRotationRequest, DisableKeyRotationResponse, EnableKeyRotationRequest, EnableKeyRotationResponse,
    GetKeyRotationStatusRequest, GetKeyRotationStatusResponse, ListKeyRotationsRequest, ListKeyRotationsResponse, RotateKeyOnDemandRequest,
    RotateKeyOnDemandResponse, RotationsListEntry,
};
pub use shared_secrets::{
    DecapsulateRequest, DecapsulateResponse, DeriveSharedSecretRequest, DeriveSharedSecretResponse, EncapsulateRequest, EncapsulateResponse,
};
pub use signatures::{GetPublicKeyRequest, GetPublicKeyResponse, SignRequest, SignResponse, VerifyRequest, VerifyResponse};
pub use tags::{
    ListResourceTagsRequest, ListResourceTagsResponse, TagResourceRequest, TagResourceResponse, UntagResourceRequest,
    UntagResourceResponse, UpdateKeyDescriptionRequest, UpdateKeyDescriptionResponse,
};
pub use usage::{GetKeyLastUsageRequest, GetKeyLastUsageResponse, KeyLastUsageData};

use crate::fault::{Fault, FaultCode};
use crate::operation::Operation;

/// A call: its request type, named after its operation, and what it answers.
pub trait Call: Into<Request> + for<'de> Deserialize<'de> {
    /// Which operation.
    const OPERATION: Operation;
    /// What it answers.
    type Response: TryFrom<Response> + Serialize;
}

macro_rules! calls {
    ($($operation:ident $request:ident $response:ident;)*) => {
        /// Any request.
        #[derive(Clone, Debug)]
        pub enum Request {
            $(#[doc = concat!("See [`", stringify!($request), "`].")] $operation($request),)*
        }

        impl Request {
            /// Which operation.
            pub fn operation(&self) -> Operation {
                match self { $(Self::$operation(_) => Operation::$operation,)* }
            }

            /// Reads a request by any deserializer: AWS JSON, or a JavaScript object.
            pub fn deserialize<'de, D: serde::Deserializer<'de>>(operation: Operation, from: D) -> Result<Self, D::Error> {
                match operation { $(Operation::$operation => $request::deserialize(from).map(Self::$operation),)* }
            }
        }

        /// Any response.
        #[derive(Clone, Debug, Serialize)]
        #[serde(untagged)]
        pub enum Response {
            $(#[doc = concat!("See [`", stringify!($response), "`].")] $operation($response),)*
        }

        impl Response {
            /// Which operation.
            pub fn operation(&self) -> Operation {
                match self { $(Self::$operation(_) => Operation::$operation,)* }
            }
        }

        $(
            impl Call for $request {
                const OPERATION: Operation = Operation::$operation;
                type Response = $response;
            }

            impl From<$request> for Request {
                fn from(request: $request) -> Self {
                    Self::$operation(request)
                }
            }

            impl From<$response> for Response {
                fn from(response: $response) -> Self {
                    Self::$operation(response)
                }
            }

            impl TryFrom<Response> for $response {
                type Error = Response;

                fn try_from(response: Response) -> Result<Self, Response> {
                    match response { Response::$operation(response) => Ok(response), other => Err(other) }
                }
            }
        )*
    };
}

calls! {
    CancelKeyDeletion CancelKeyDeletionRequest CancelKeyDeletionResponse;
    CreateAlias CreateAliasRequest CreateAliasResponse;
    CreateGrant CreateGrantRequest CreateGrantResponse;
    CreateKey CreateKeyRequest CreateKeyResponse;
    Decapsulate DecapsulateRequest DecapsulateResponse;
    Decrypt DecryptRequest DecryptResponse;
    DeleteAlias DeleteAliasRequest DeleteAliasResponse;
    DeleteImportedKeyMaterial DeleteImportedKeyMaterialRequest DeleteImportedKeyMaterialResponse;
    DeriveSharedSecret DeriveSharedSecretRequest DeriveSharedSecretResponse;
    DescribeKey DescribeKeyRequest DescribeKeyResponse;
    DisableKey DisableKeyRequest DisableKeyResponse;
    DisableKeyRotation DisableKeyRotationRequest DisableKeyRotationResponse;
    EnableKey EnableKeyRequest EnableKeyResponse;
    EnableKeyRotation EnableKeyRotationRequest EnableKeyRotationResponse;
    Encapsulate EncapsulateRequest EncapsulateResponse;
    Encrypt EncryptRequest EncryptResponse;
    GenerateDataKey GenerateDataKeyRequest GenerateDataKeyResponse;
    GenerateDataKeyPair GenerateDataKeyPairRequest GenerateDataKeyPairResponse;
    GenerateDataKeyPairWithoutPlaintext GenerateDataKeyPairWithoutPlaintextRequest GenerateDataKeyPairWithoutPlaintextResponse;
    GenerateDataKeyWithoutPlaintext GenerateDataKeyWithoutPlaintextRequest GenerateDataKeyWithoutPlaintextResponse;
    GenerateMac GenerateMacRequest GenerateMacResponse;
    GenerateRandom GenerateRandomRequest GenerateRandomResponse;
    GetKeyLastUsage GetKeyLastUsageRequest GetKeyLastUsageResponse;
    GetKeyPolicy GetKeyPolicyRequest GetKeyPolicyResponse;
    GetKeyRotationStatus GetKeyRotationStatusRequest GetKeyRotationStatusResponse;
    GetParametersForImport GetParametersForImportRequest GetParametersForImportResponse;
    GetPublicKey GetPublicKeyRequest GetPublicKeyResponse;
    ImportKeyMaterial ImportKeyMaterialRequest ImportKeyMaterialResponse;
    ListAliases ListAliasesRequest ListAliasesResponse;
    ListGrants ListGrantsRequest ListGrantsResponse;
    ListKeyPolicies ListKeyPoliciesRequest ListKeyPoliciesResponse;
    ListKeyRotations ListKeyRotationsRequest ListKeyRotationsResponse;
    ListKeys ListKeysRequest ListKeysResponse;
    ListResourceTags ListResourceTagsRequest ListResourceTagsResponse;
    ListRetirableGrants ListRetirableGrantsRequest ListRetirableGrantsResponse;
    PutKeyPolicy PutKeyPolicyRequest PutKeyPolicyResponse;
    ReEncrypt ReEncryptRequest ReEncryptResponse;
    ReplicateKey ReplicateKeyRequest ReplicateKeyResponse;
    RetireGrant RetireGrantRequest RetireGrantResponse;
    RevokeGrant RevokeGrantRequest RevokeGrantResponse;
    RotateKeyOnDemand RotateKeyOnDemandRequest RotateKeyOnDemandResponse;
    ScheduleKeyDeletion ScheduleKeyDeletionRequest ScheduleKeyDeletionResponse;
    Sign SignRequest SignResponse;
    TagResource TagResourceRequest TagResourceResponse;
    UntagResource UntagResourceRequest UntagResourceResponse;
    UpdateAlias UpdateAliasRequest UpdateAliasResponse;
    UpdateKeyDescription UpdateKeyDescriptionRequest UpdateKeyDescriptionResponse;
    UpdatePrimaryRegion UpdatePrimaryRegionRequest UpdatePrimaryRegionResponse;
    Verify VerifyRequest VerifyResponse;
    VerifyMac VerifyMacRequest VerifyMacResponse;
}

impl Request {
    /// Reads the body of an AWS JSON 1.1 request.
    pub fn from_json(operation: Operation, body: &str) -> Result<Self, Fault> {
        let request = json::Value::of_body(body).and_then(|body| Self::deserialize(operation, body));
        request.map_err(|error| Fault::new(FaultCode::SerializationException, format!("the body is not a {operation} request: {error}")))
    }
}

impl Response {
    /// The body of an AWS JSON 1.1 response.
    pub fn to_json(&self) -> Result<String, Fault> {
        crate::blob::to_json(self)
            .map_err(|error| Fault::new(FaultCode::KMSInternalException, format!("the response can not be written: {error}")))
    }
}

#[cfg(test)]
mod tests;
