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
