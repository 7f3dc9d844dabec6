//! A secret that two parties come to share: told once, and wiped.

use waxseal_base::event::{Kind, PublicBytes, SecretName};
use waxseal_base::secret::Secret;
use zeroize::Zeroizing;

use crate::scene::Scene;

/// Takes over a secret that came of `exchanged`: the peer's public key, or the secret's encapsulation.
pub(crate) fn establish(scene: &Scene<'_>, algorithm: &str, secret: Zeroizing<Vec<u8>>, exchanged: &[u8]) -> Secret {
    let secret = Secret::new(SecretName::SharedSecret, secret, scene.observer);
    scene.observer.emit(|witness| Kind::SharedSecretEstablished {
        algorithm: algorithm.into(),
        shared_secret: witness.secret(secret.expose()),
        exchanged: PublicBytes::copy_of(exchanged),
    });
    secret
}
