//! Diffie-Hellman on the NIST curves (SP 800-56A): the shared point's x-coordinate, of a private key and a peer's public key.

use p256::NistP256;
use p256::elliptic_curve::{CurveArithmetic, PublicKey, SecretKey, ecdh::diffie_hellman};
use p384::NistP384;
use p521::NistP521;
use pkcs8::{DecodePrivateKey, DecodePublicKey};
use waxseal_base::secret::Secret;
use zeroize::Zeroizing;

use super::KeyPairError::{self, Refused};
use super::key_pair::read;
use crate::key_spec::KeySpec;

/// Whether these bytes are a SubjectPublicKeyInfo with a point of the spec's curve. The curves have prime order: every point but the one at
/// infinity, which is none here, is safe to multiply.
pub(crate) fn check_peer(spec: KeySpec, peer: &[u8]) -> Result<(), KeyPairError> {
    match spec {
        KeySpec::EccNistP256 => read_peer::<NistP256>(peer).map(|_| ()),
        KeySpec::EccNistP384 => read_peer::<NistP384>(peer).map(|_| ()),
        KeySpec::EccNistP521 => read_peer::<NistP521>(peer).map(|_| ()),
        _ => Err(Refused),
    }
}

/// What the private key of that spec shares with the peer: as many bytes as a coordinate of the curve has.
#[inline(never)] // the private key that was read must lie below the frame that scrubs the stack
pub(crate) fn derive(spec: KeySpec, private: &Secret, peer: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
    match spec {
        KeySpec::EccNistP256 => agree::<NistP256>(private.expose(), peer),
        KeySpec::EccNistP384 => agree::<NistP384>(private.expose(), peer),
        KeySpec::EccNistP521 => agree::<NistP521>(private.expose(), peer),
        _ => Err(Refused),
    }
}

fn agree<C: CurveArithmetic>(private: &[u8], peer: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyPairError>
where
    SecretKey<C>: DecodePrivateKey,
    PublicKey<C>: DecodePublicKey,
{
    let own: SecretKey<C> = read(private)?;
    let shared = diffie_hellman(own.to_nonzero_scalar(), read_peer::<C>(peer)?.as_affine());
    Ok(Zeroizing::new(shared.raw_secret_bytes().to_vec()))
}

fn read_peer<C: CurveArithmetic>(peer: &[u8]) -> Result<PublicKey<C>, KeyPairError>
where
    PublicKey<C>: DecodePublicKey,
{
    PublicKey::from_public_key_der(peer).map_err(|_| Refused)
}

#[cfg(test)]
mod tests;
