//! What stands for the asymmetric ciphers in a build without them.

/// Key pairs.
pub(crate) mod key_pair {
    use waxseal_base::env::Env;
    use waxseal_base::secret::Secret;
    use zeroize::Zeroizing;

    use crate::key_spec::KeySpec;
    use crate::primitives::KeyPairError::{self, NotBuilt};

    pub(crate) fn make(_spec: KeySpec, _env: &Env) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
        Err(NotBuilt)
    }

    pub(crate) fn public_key(_spec: KeySpec, _private: &Secret) -> Result<Vec<u8>, KeyPairError> {
        Err(NotBuilt)
    }
}

/// Signatures.
pub(crate) mod signature {
    use waxseal_base::env::Env;
    use waxseal_base::secret::Secret;

    use crate::key_spec::{KeySpec, MessageType, SigningAlgorithm};
    use crate::primitives::KeyPairError::{self, NotBuilt};

    #[expect(dead_code, reason = "nothing is signed without the ciphers")]
    pub(crate) struct Signable<'a> {
        pub(crate) algorithm: SigningAlgorithm,
        pub(crate) message_type: MessageType,
        pub(crate) message: &'a [u8],
    }

    pub(crate) fn sign(_spec: KeySpec, _what: &Signable<'_>, _private: &Secret, _env: &Env) -> Result<Vec<u8>, KeyPairError> {
        Err(NotBuilt)
    }

    pub(crate) fn verify(_spec: KeySpec, _what: &Signable<'_>, _signature: &[u8], _public: &[u8]) -> Result<(), KeyPairError> {
        Err(NotBuilt)
    }
}

/// Unwrapping key material that its owner brings.
pub(crate) mod import_wrapping {
    use waxseal_base::env::Env;
    use waxseal_base::secret::Secret;
    use zeroize::Zeroizing;

    use crate::key_spec::KeySpec;
    use crate::primitives::KeyPairError::{self, NotBuilt};
    use crate::wrapping_algorithm::WrappingAlgorithm;

    pub(crate) fn unwrap(
        _algorithm: WrappingAlgorithm,
        _wrapping_spec: KeySpec,
        _private: &Secret,
        _wrapped: &[u8],
        _env: &Env,
    ) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
        Err(NotBuilt)
    }
}

/// RSA encryption.
pub(crate) mod rsa_encryption {
    use waxseal_base::env::Env;
    use waxseal_base::secret::Secret;
    use zeroize::Zeroizing;

    use crate::key_spec::KeySpec;
    use crate::primitives::KeyPairError::{self, NotBuilt};

    pub(crate) fn encrypt(_algorithm: &str, _public_key: &[u8], _plaintext: &[u8], _env: &Env) -> Result<Vec<u8>, KeyPairError> {
        Err(NotBuilt)
    }

    pub(crate) fn decrypt(
        _spec: KeySpec,
        _algorithm: &str,
        _private: &Secret,
        _ciphertext: &[u8],
        _env: &Env,
    ) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
        Err(NotBuilt)
    }
}

/// Key agreement.
pub(crate) mod key_agreement {
    use waxseal_base::secret::Secret;
    use zeroize::Zeroizing;

    use crate::key_spec::KeySpec;
    use crate::primitives::KeyPairError::{self, NotBuilt};

    pub(crate) fn check_peer(_spec: KeySpec, _peer: &[u8]) -> Result<(), KeyPairError> {
        Err(NotBuilt)
    }

    pub(crate) fn derive(_spec: KeySpec, _private: &Secret, _peer: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
        Err(NotBuilt)
    }
}

/// Key encapsulation.
pub(crate) mod kem {
    use waxseal_base::env::Env;
    use waxseal_base::secret::Secret;
    use zeroize::Zeroizing;

    use crate::key_spec::KeySpec;
    use crate::primitives::KeyPairError::{self, NotBuilt};

    pub(crate) fn encapsulate(_spec: KeySpec, _public_key: &[u8], _env: &Env) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), KeyPairError> {
        Err(NotBuilt)
    }

    pub(crate) fn decapsulate(_spec: KeySpec, _private: &Secret, _ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
        Err(NotBuilt)
    }
}

#[cfg(test)]
mod tests {
    use waxseal_base::env::Env;
    use waxseal_base::observer::Observer;
    use waxseal_base::time::Timestamp;
    use waxseal_kms_api::calls::CreateKeyRequest;
    use waxseal_kms_api::fault::FaultCode;

    use crate::{LocalKms, LocalKmsOptions};

    #[test]
    fn asymmetric_keys_are_refused_and_others_made() {
        let kms = LocalKms::new(LocalKmsOptions::default(), Env::danger_deterministic(Timestamp::default(), 1)).unwrap();
        let create = |spec: &str, usage: &str| {
            let request = CreateKeyRequest { key_spec: Some(spec.into()), key_usage: Some(usage.into()), ..CreateKeyRequest::default() };
            kms.administrator().call(request, &Observer::none())
        };
        assert!(create("HMAC_512", "GENERATE_VERIFY_MAC").is_ok());
        let fault = create("RSA_2048", "SIGN_VERIFY").unwrap_err();
        assert_eq!(fault.code, FaultCode::UnsupportedOperationException);
        assert_eq!(fault.message.as_deref(), Some("this build has no asymmetric keys"));
    }
}
