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
