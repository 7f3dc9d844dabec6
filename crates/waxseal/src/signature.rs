//! Signed messages: whoever makes materials for one makes a key pair too, whose public half goes into the encryption context under a reserved
//! key, so that the wrapped data keys are bound to it. The private half signs the message and is forgotten.
//!
//! Both may live elsewhere, in WebCrypto say. Without the crate feature `signatures` there is no code for elliptic curves: signed messages are
//! then refused by name unless somebody elsewhere signs or verifies them.

use base64ct::{Base64, Encoding};
use waxseal_base::env::Env;
use waxseal_base::reason;
use waxseal_kms_api::encryption_context::EncryptionContext;

use crate::error::Error;
#[cfg(feature = "signatures")]
use crate::primitives::ecdsa::{Digest, SigningKey, VerifyingKey};
use crate::suite::{SignatureAlgorithm, Suite};

/// The reserved key under which a context names the signer.
pub(crate) const PUBLIC_KEY: &str = "aws-crypto-public-key";

/// Signs one message.
pub(crate) enum Signer {
    /// Here, with a key pair of its own.
    #[cfg(feature = "signatures")]
    BuiltIn(Box<BuiltIn<SigningKey>>),
    /// Where the private key is.
    Elsewhere,
}

/// Checks the signature of one message.
pub(crate) enum Verifier {
    /// Here.
    #[cfg(feature = "signatures")]
    BuiltIn(Box<BuiltIn<VerifyingKey>>),
    /// Wherever the caller does it, with that public key.
    Elsewhere { public_key: Vec<u8>, algorithm: SignatureAlgorithm },
}

/// A key of elliptic curves, and the hash of what passed by.
#[cfg(feature = "signatures")]
pub(crate) struct BuiltIn<K> {
    key: K,
    digest: Digest,
    algorithm: SignatureAlgorithm,
}

#[cfg(feature = "signatures")]
impl<K> BuiltIn<K> {
    fn new(algorithm: SignatureAlgorithm, key: K) -> Self {
        Self { key, digest: Digest::new(algorithm), algorithm }
    }

    /// The key, and the digest: the one that is given, or that of what passed by, if that was everything.
    fn finish(self, given: Option<&[u8]>, got_all: bool) -> Result<(K, Vec<u8>), Error> {
        match given {
            Some(digest) if digest.len() == self.algorithm.digest_len() => Ok((self.key, digest.to_vec())),
            Some(digest) => {
                let text = reason!("a digest of {} bytes is given; the suite's hash makes {}", digest.len(), self.algorithm.digest_len());
                Err(Error::invalid_input(text))
            }
            None if got_all => Ok((self.key, self.digest.finish())),
            None => Err(Error::invalid_input("a part of the body was not given for the signature; give all of it, in order")),
        }
    }
}

#[cfg(feature = "signatures")]
impl BuiltIn<VerifyingKey> {
    /// Whether that is the signature of everything before the footer.
    pub(crate) fn verify(self, digest: Option<&[u8]>, got_all: bool, signature: &[u8]) -> Result<bool, Error> {
        let (key, digest) = self.finish(digest, got_all)?;
        Ok(key.verify(&digest, signature).is_ok())
    }
}

impl Signer {
    /// By the key pair elsewhere with that public key, or by a new one. The public key goes into the context.
    pub(crate) fn make(suite: Suite, elsewhere: Option<&[u8]>, context: &mut EncryptionContext, env: &Env) -> Result<Option<Self>, Error> {
        let (signer, public_key) = match (suite.signature(), elsewhere) {
            (None, None) => return Ok(None),
            (None, Some(_)) => {
                let text =
                    reason!("a signer's public key is given, and suite {suite} does not sign; give none, or choose a suite that signs");
                return Err(Error::invalid_input(text));
            }
            (Some(algorithm), Some(point)) if !is_compressed_point(algorithm, point) => {
                let len = algorithm.point_len();
                return Err(Error::invalid_input(reason!("the signer's public key is no compressed point of {len} bytes")));
            }
            (Some(_), Some(point)) => (Self::Elsewhere, point.to_vec()),
            (Some(algorithm), None) => Self::built_in(suite, algorithm, env)?,
        };
        context.insert(PUBLIC_KEY, Base64::encode_string(&public_key));
        Ok(Some(signer))
    }

    #[cfg(feature = "signatures")]
    fn built_in(_: Suite, algorithm: SignatureAlgorithm, env: &Env) -> Result<(Self, Vec<u8>), Error> {
        let key = SigningKey::make(algorithm, env)?;
        let public_key = key.public_key();
        Ok((Self::BuiltIn(Box::new(BuiltIn::new(algorithm, key))), public_key))
    }

    #[cfg(not(feature = "signatures"))]
    fn built_in(suite: Suite, _: SignatureAlgorithm, _: &Env) -> Result<(Self, Vec<u8>), Error> {
        Err(unsupported(suite))
    }

    /// The same key, for another message.
    #[cfg(feature = "cache")]
    pub(crate) fn another(&self) -> Self {
        match self {
            #[cfg(feature = "signatures")]
            Self::BuiltIn(built_in) => Self::BuiltIn(Box::new(BuiltIn::new(built_in.algorithm, built_in.key.clone()))),
            Self::Elsewhere => Self::Elsewhere,
        }
    }

    /// Takes the next bytes of the message.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match (self, bytes) {
            #[cfg(feature = "signatures")]
            (Self::BuiltIn(built_in), bytes) => built_in.digest.update(bytes),
            (Self::Elsewhere, _) => {}
        }
    }

    /// The signature of everything before the footer: of the message with that digest, or of what passed by, if that was everything.
    pub(crate) fn sign(self, digest: Option<&[u8]>, got_all: bool) -> Result<Vec<u8>, Error> {
        match (self, digest, got_all) {
            #[cfg(feature = "signatures")]
            (Self::BuiltIn(built_in), digest, got_all) => {
                let (key, digest) = built_in.finish(digest, got_all)?;
                key.sign(&digest).map_err(|_| Error::internal("the message could not be signed"))
            }
            (Self::Elsewhere, _, _) => {
                Err(Error::invalid_input("the message is signed elsewhere; finish it with the signature made there"))
            }
        }
    }
}

impl Verifier {
    /// By the public key that the context names, if the suite signs.
    pub(crate) fn make(suite: Suite, elsewhere: bool, context: &EncryptionContext) -> Result<Option<Self>, Error> {
        let Some(algorithm) = suite.signature() else { return Ok(None) };
        #[cfg(not(feature = "signatures"))]
        if !elsewhere {
            return Err(unsupported(suite));
        }
        let point = Base64::decode_vec(context.value(PUBLIC_KEY).unwrap_or_default()).ok();
        let verifier = point.filter(|point| is_compressed_point(algorithm, point)).and_then(|point| Self::of(algorithm, point, elsewhere));
        let no_key = || Error::invalid_message(reason!("the message's `{PUBLIC_KEY}` is no public key of its suite"));
        verifier.map(Some).ok_or_else(no_key)
    }

    #[cfg(feature = "signatures")]
    fn of(algorithm: SignatureAlgorithm, public_key: Vec<u8>, elsewhere: bool) -> Option<Self> {
        if elsewhere {
            return Some(Self::Elsewhere { public_key, algorithm });
        }
        let key = VerifyingKey::read(algorithm, &public_key).ok()?;
        Some(Self::BuiltIn(Box::new(BuiltIn::new(algorithm, key))))
    }

    #[cfg(not(feature = "signatures"))]
    fn of(algorithm: SignatureAlgorithm, public_key: Vec<u8>, _: bool) -> Option<Self> {
        Some(Self::Elsewhere { public_key, algorithm })
    }

    /// Takes the next bytes of the message.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match (self, bytes) {
            #[cfg(feature = "signatures")]
            (Self::BuiltIn(built_in), bytes) => built_in.digest.update(bytes),
            (Self::Elsewhere { .. }, _) => {}
        }
    }
}

pub(crate) fn is_compressed_point(algorithm: SignatureAlgorithm, point: &[u8]) -> bool {
    matches!(point.first(), Some(2 | 3)) && point.len() == algorithm.point_len()
}

/// The signature in DER, as messages have it, of one that is two numbers of the same length, as WebCrypto makes them.
pub fn signature_to_der(two_numbers: &[u8]) -> Result<Vec<u8>, Error> {
    if !two_numbers.len().is_multiple_of(2) || !(2..=MAX_NUMBERS).contains(&two_numbers.len()) {
        return Err(Error::invalid_input(reason!("{} bytes are no two numbers of a signature", two_numbers.len())));
    }
    let mut numbers = Vec::new();
    let (r, s) = two_numbers.split_at(two_numbers.len() / 2);
    for number in [r, s] {
        let zeros = number.iter().take_while(|byte| **byte == 0).count().min(number.len().saturating_sub(1));
        let significant = number.get(zeros..).unwrap_or_default();
        // A first bit of one would make it negative.
        let pad: &[u8] = if significant.first().is_some_and(|byte| *byte >= 0x80) { &[0] } else { &[] };
        numbers.extend_from_slice(&[INTEGER, short_len(pad.len().saturating_add(significant.len()))]);
        numbers.extend_from_slice(pad);
        numbers.extend_from_slice(significant);
    }
    Ok([&[SEQUENCE, short_len(numbers.len())], numbers.as_slice()].concat())
}

/// The two numbers of a signature in DER, each as long as the algorithm's curve has them, as WebCrypto verifies them; none if it is no DER.
pub fn signature_from_der(algorithm: SignatureAlgorithm, der: &[u8]) -> Option<Vec<u8>> {
    let scalar_len = algorithm.point_len().checked_sub(1)?;
    let mut two_numbers = Vec::new();
    let (content, rest) = der_value(SEQUENCE, der)?;
    let (r, s) = der_value(INTEGER, content)?;
    let (s, nothing) = der_value(INTEGER, s)?;
    for number in [r, s] {
        let significant = match number {
            [0, significant @ ..] if significant.first().is_some_and(|byte| *byte >= 0x80) => significant,
            [0, _, ..] | [0x80..=0xff, ..] | [] => return None,
            significant => significant,
        };
        two_numbers.resize(two_numbers.len().saturating_add(scalar_len.checked_sub(significant.len())?), 0);
        two_numbers.extend_from_slice(significant);
    }
    (rest.is_empty() && nothing.is_empty()).then_some(two_numbers)
}

/// Content of the DER value with that tag, and what follows it. Signatures are short, and so are the forms of their lengths.
fn der_value(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    match der {
        [found, len @ ..=0x7f, rest @ ..] if *found == tag => rest.split_at_checked(usize::from(*len)),
        _ => None,
    }
}

fn short_len(len: usize) -> u8 {
    u8::try_from(len).unwrap_or(u8::MAX)
}

#[cfg(not(feature = "signatures"))]
fn unsupported(suite: Suite) -> Error {
    let reason = reason!("suite {suite} ({}) signs, and this build was made without the feature `signatures`", suite.description());
    Error::Unsupported { reason }
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
/// Two numbers of P-384.
const MAX_NUMBERS: usize = 96;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_change_their_form_and_back() {
        for algorithm in [SignatureAlgorithm::EcdsaP256, SignatureAlgorithm::EcdsaP384] {
            let len = algorithm.point_len() - 1;
            for (first, rest) in [(0, 0), (0, 1), (0x7f, 0xff), (0x80, 0), (0, 0xff)] {
                let mut numbers = vec![rest; 2 * len];
                numbers[0] = first;
                numbers[len] = first;
                let der = signature_to_der(&numbers).unwrap();
                assert_eq!(signature_from_der(algorithm, &der).as_deref(), Some(numbers.as_slice()), "{first} {rest}");
                for cut in 0..der.len() {
                    assert_eq!(signature_from_der(algorithm, &der[..cut]), None);
                }
                assert_eq!(signature_from_der(algorithm, &[&der[..], &[0]].concat()), None);
            }
        }
        assert_eq!(hex::encode(signature_to_der(&[0, 0x80, 0, 1]).unwrap()), "3007020200800201".to_owned() + "01");
    }

    #[test]
    fn what_is_no_der_has_no_numbers() {
        for der in ["", "30", "3006020101020100ff", "30060201010281", "300602018102010f", "30080202000102020001", "31060201010201ff"] {
            assert_eq!(signature_from_der(SignatureAlgorithm::EcdsaP256, &hex::decode(der).unwrap()), None, "{der}");
        }
        for len in [0, 1, 3, 98] {
            assert!(signature_to_der(&vec![1; len]).is_err());
        }
    }
}
