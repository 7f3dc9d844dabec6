//! Sessions whose bytes come in pieces, of sizes that hostile input decides.

use waxseal::message::Header;
use waxseal::session::{BufferedDecryptor, Finished, HeaderReader, ReceivedHeader};
use waxseal::{Client, DecryptOptions, Error};
use waxseal_base::observer::Observer;

/// Sizes of pieces: each has its turn, again and again. A size of zero is a piece without bytes.
#[derive(Clone, Copy)]
pub(super) struct Sizes<'a>(pub(super) &'a [u8]);

impl<'a> Sizes<'a> {
    /// The bytes in such pieces. If all sizes are zero, one piece is all there is.
    pub(super) fn pieces<'b>(self, mut bytes: &'b [u8]) -> impl Iterator<Item = &'b [u8]> + use<'a, 'b> {
        let mut sizes = self.0.iter().copied().cycle();
        let is_endless = self.0.iter().all(|size| *size == 0);
        std::iter::from_fn(move || {
            let size = sizes.next().filter(|_| !is_endless).map_or(bytes.len(), usize::from);
            let (piece, rest) = bytes.split_at_checked(size).unwrap_or((bytes, &[]));
            (!bytes.is_empty()).then(|| {
                bytes = rest;
                piece
            })
        })
    }
}

/// A header that arrives in pieces, and what follows it.
pub(super) fn header<'a>(client: &Client, message: &'a [u8], sizes: Sizes<'_>) -> Result<(ReceivedHeader, &'a [u8]), Error> {
    let mut reader = client.read_header(None, &Observer::none());
    let mut position = 0;
    for piece in sizes.pieces(message) {
        assert!(reader.missing() > 0, "a header that lacks nothing is complete");
        let (taken, received) = reader.push(piece)?;
        position += taken;
        if let Some(received) = received {
            assert_eq!(received.bytes(), &message[..position], "a header has the bytes that came");
            assert!(position <= HeaderReader::MAX_LEN);
            return Ok((received, &message[position..]));
        }
        assert_eq!(taken, piece.len(), "what is not taken is the body's");
    }
    Err(reader.ended())
}

/// How a message is decrypted that arrives in pieces.
pub(super) struct Decryption<'a> {
    pub(super) client: &'a Client,
    pub(super) options: &'a DecryptOptions,
    pub(super) sizes: Sizes<'a>,
    /// The outcome of a signature that is verified elsewhere.
    pub(super) is_right: bool,
}

impl Decryption<'_> {
    /// The header if all is well. What has come out before the end is shown to `early` with each piece.
    pub(super) fn run(&self, message: &[u8], plaintext: &mut Vec<u8>, early: impl Fn(&[u8])) -> Result<Header, Error> {
        let (received, body) = header(self.client, message, self.sizes)?;
        let mut session = BufferedDecryptor::new(pollster::block_on(self.client.start_decryption(received, self.options))?);
        let header = session.header().clone();
        for piece in self.sizes.pieces(body) {
            let pushed = session.push(piece, plaintext);
            early(plaintext);
            if let Err(error) = pushed {
                let before = plaintext.clone();
                assert!(session.push(body, plaintext).is_err(), "a session that failed does nothing any more");
                assert!(session.finish(plaintext).is_err());
                assert_eq!(*plaintext, before);
                return Err(error);
            }
        }
        match session.finish(plaintext)? {
            Finished::Verified => assert!(!self.options.verify_elsewhere || header.suite.signature().is_none()),
            Finished::SignatureToVerify(signature) => {
                early(plaintext);
                plaintext.extend_from_slice(&signature.verified(self.is_right)?);
            }
        }
        Ok(header)
    }
}
