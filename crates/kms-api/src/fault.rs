//! What a KMS answers when it refuses, under AWS's names: one table of name, HTTP status and blame.

use std::fmt;

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which.
    pub code: FaultCode,
    /// AWS's text, or ours where AWS's is not known. AWS sends none with some faults.
    pub message: Option<String>,
    /// The id of the refused request.
    pub request_id: Option<String>,
}

impl Fault {
    /// A fault with its text.
    pub fn new(code: FaultCode, message: impl Into<String>) -> Self {
        Self { code, message: Some(message.into()), request_id: None }
    }

    /// A fault that AWS sends without text, so that it tells an attacker nothing.
    pub fn silent(code: FaultCode) -> Self {
        Self { code, message: None, request_id: None }
    }

    /// The same fault, of that request.
    #[must_use]
    pub fn with_request_id(self, id: impl Into<String>) -> Self {
        Self { request_id: Some(id.into()), ..self }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{}: {message}", self.code.name()),
            None => f.write_str(self.code.name()),
        }
    }
}

impl std::error::Error for Fault {}

macro_rules! faults {
    ($($name:ident $status:literal $doc:literal)*) => {
        /// The faults a KMS answers with, by AWS's names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum FaultCode {
            $(#[doc = $doc] $name,)*
        }

        impl FaultCode {
            /// All faults.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// AWS's name, which is also the JavaScript `name` of the error.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The HTTP status it travels with.
            pub fn http_status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }
        }
    };
}

faults! {
    AccessDeniedException 400 "No policy or grant allows the request, or a statement denies it."
    AlreadyExistsException 400 "There is something of that name already."
    ConflictException 400 "An automatic rotation of the key is about to begin."
    DisabledException 400 "The key is disabled."
    DryRunOperationException 400 "The request would have succeeded, but asked for a dry run."
    ExpiredImportTokenException 400 "The import token is older than a day."
    IncompleteSignatureException 400 "The request's signature lacks a part, or has one that can not be read."
    IncorrectKeyException 400 "The ciphertext was encrypted under another key than the request names."
    IncorrectKeyMaterialException 400 "The key material is not of the key's form, or not what was imported before, or was when it should be new."
    InvalidArnException 400 "An ARN is malformed."
    InvalidCiphertextException 400 "The ciphertext or its encryption context is not what was encrypted."
    InvalidGrantIdException 400 "There is no such grant."
    InvalidGrantTokenException 400 "There is no such grant token."
    InvalidImportTokenException 400 "The import token was not made here, or for another key."
    InvalidKeyUsageException 400 "The key is for something else."
    InvalidMarkerException 400 "The marker is not one that a list of this key gave."
    InvalidSignatureException 400 "The signature is not the caller's, not of this request, not for this place or not of this time."
    KMSInternalException 500 "The KMS failed; the request may be tried again."
    KMSInvalidMacException 400 "The message, the code, the key or the algorithm is not what was authenticated."
    KMSInvalidSignatureException 400 "The message, the signature, the key or the algorithm is not what was signed."
    KMSInvalidStateException 400 "The key's state does not permit the request."
    LimitExceededException 400 "A quota or length is exceeded."
    MalformedPolicyDocumentException 400 "The policy is not valid."
    MissingAuthenticationTokenException 400 "The request is not signed."
    NotAuthorizedException 400 "Nobody may do that, such as give an alias that only AWS gives."
    NotFoundException 400 "There is no such key or other entity."
    RequestEntityTooLargeException 413 "The request is longer than any that means something."
    SerializationException 400 "The request is not the JSON of this operation."
    TagException 400 "A tag is not valid."
    UnknownOperationException 400 "There is no such operation."
    UnrecognizedClientException 400 "Nobody has this access key, or not with this session token."
    UnsupportedOperationException 400 "A parameter is not supported, or not for this key."
    ValidationException 400 "A parameter is missing or outside its limits."
}

impl FaultCode {
    /// The code of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// Whether the same request may succeed later without anybody changing anything.
    pub fn is_retryable(self) -> bool {
        self.http_status() >= 500
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for &code in FaultCode::ALL {
            assert_eq!(FaultCode::from_name(code.name()), Some(code));
        }
        assert_eq!(FaultCode::from_name("Nope"), None);
        // The SDK's bindings know the rest by their ending, and this one by name.
        assert!(FaultCode::ALL.iter().all(|code| code.name().ends_with("Exception")));
        assert!(FaultCode::ALL.iter().all(|&code| code.is_retryable() == (code == FaultCode::KMSInternalException)));
        assert_eq!(Fault::silent(FaultCode::InvalidCiphertextException).to_string(), "InvalidCiphertextException");
    }
}
