//! Bytes that must not outlive their use: wiped when dropped, on every path, and the wipe is told.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

use crate::env::{Env, RandomError};
use crate::event::{Kind, SecretName};
use crate::observer::Observer;

/// A secret of one kind. Dropping it overwrites its bytes with zeros and emits `secret-wiped`; nothing prints, copies or compares it.
pub struct Secret {
    bytes: Zeroizing<Vec<u8>>,
    name: SecretName,
    observer: Observer,
}

impl Secret {
    /// Takes over bytes that are already on the heap; they are moved, not copied.
    pub fn new(name: SecretName, bytes: Zeroizing<Vec<u8>>, observer: &Observer) -> Self {
        Self { bytes, name, observer: observer.clone() }
    }

    /// Draws `len` random bytes and tells so.
    pub fn make_random(name: SecretName, purpose: &str, len: usize, env: &Env, observer: &Observer) -> Result<Self, RandomError> {
        let mut bytes = Zeroizing::new(vec![0; len]);
        env.fill(&mut bytes)?;
        observer.emit(|_| Kind::RandomDrawn { purpose: purpose.into(), len });
        Ok(Self::new(name, bytes, observer))
    }

    /// The bytes, to be used at once and not kept.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// A copy of the bytes for somebody who must have them, such as the caller that a KMS returns a data key to.
    pub fn danger_copy(&self) -> Zeroizing<Vec<u8>> {
        self.bytes.clone()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let identity = self.observer.identify(&self.bytes);
        self.bytes.zeroize();
        if let Some(identity) = identity {
            self.observer.emit(|_| Kind::SecretWiped { secret: self.name, identity });
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({:?}, {} bytes)", self.name, self.len())
    }
}

/// Overwrites the stack below the caller's frame. Ciphers and key derivation return keys by value and leave copies in frames that are done;
/// in wasm the stack is part of the module's memory, where they would stay readable. Call it after the last use of a key.
#[inline(never)]
pub fn scrub_stack() {
    // Sixteen bytes at a time: byte by byte it would take longer than the ciphers themselves take for a short message.
    let mut area = [0u128; 2 * 1024];
    area.zeroize();
    std::hint::black_box(&area);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "trace")]
    #[test]
    fn dropping_tells_which_secret_went() {
        use crate::observer::Trace;
        use crate::time::Timestamp;

        let env = Env::danger_deterministic(Timestamp::default(), 1);
        let trace = Trace::new();
        let observer = Observer::danger_reveal_secrets(&env, trace.clone()).unwrap();
        drop(Secret::make_random(SecretName::DataKey, "data key", 32, &env, &observer).unwrap());
        let kinds: Vec<_> = trace.events().into_iter().map(|event| event.kind).collect();
        assert!(
            matches!(&kinds[..], [Kind::RandomDrawn { len: 32, .. }, Kind::SecretWiped { secret: SecretName::DataKey, identity }] if identity.len == 32 && identity.revealed.is_none()),
            "{kinds:?}"
        );
    }

    #[test]
    fn a_secret_does_not_print() {
        let secret = Secret::new(SecretName::DataKey, Zeroizing::new(b"hunter2".to_vec()), &Observer::none());
        assert_eq!(format!("{secret:?}"), "Secret(DataKey, 7 bytes)");
    }
}
