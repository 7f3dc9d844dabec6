//! The reading end of a decryption.

use std::fmt;
use std::io::{self, BufRead, ErrorKind, Read};
#[cfg(feature = "async-io")]
use std::pin::Pin;
#[cfg(feature = "async-io")]
use std::task::{Context, Poll, ready};

use waxseal_base::observer::Observer;
use zeroize::Zeroizing;

use super::BATCH;
use crate::client::{Client, DecryptOptions};
use crate::error::Error;
use crate::message::Header;
use crate::session::{BufferedDecryptor, Finished, HeaderReader, ReceivedHeader, reserve};

/// Reads a message from `R`, and gives its plaintext.
///
/// A frame's plaintext comes out once its tag is verified, that of the last frame of a signed message once the signature is. **All of the message is
/// known to be there only when this has come to its end**, which is `Ok(0)`: a message that was cut off or altered ends in an error, after
/// the frames before that place. Whoever must not act on a part waits for the end.
pub struct DecryptReader<R> {
    source: R,
    header: Header,
    /// Until the end is verified, or something was not right.
    session: Option<BufferedDecryptor>,
    failed: Option<Error>,
    pub(super) input: Vec<u8>,
    /// Plaintext that may be given away, of which the first `given` bytes are.
    pub(super) released: Zeroizing<Vec<u8>>,
    given: usize,
}

impl Client {
    /// Starts to decrypt the message that `reader` gives: its header is read and verified. `reader` need not be buffered; while the header is read, it may
    /// block.
    pub async fn decrypt_from<R: Read>(
        &self,
        mut reader: R,
        options: &DecryptOptions,
        observer: &Observer,
    ) -> io::Result<DecryptReader<R>> {
        options.check_verified_here()?;
        let mut intake = Intake::new(self, None, observer);
        loop {
            let len = read(&mut reader, &mut intake.input)?;
            if let Some(received) = intake.accept(len)? {
                return intake.start(self, received, reader, options).await;
            }
        }
    }

    /// Starts to decrypt as [`decrypt_from`](Self::decrypt_from) does, from an asynchronous reader.
    #[cfg(feature = "async-io")]
    pub async fn decrypt_from_async<R: futures_io::AsyncRead + Unpin>(
        &self,
        mut reader: R,
        options: &DecryptOptions,
        observer: &Observer,
    ) -> io::Result<DecryptReader<R>> {
        options.check_verified_here()?;
        let mut intake = Intake::new(self, None, observer);
        loop {
            let len = std::future::poll_fn(|cx| Pin::new(&mut reader).poll_read(cx, &mut intake.input)).await?;
            if let Some(received) = intake.accept(len)? {
                return intake.start(self, received, reader, options).await;
            }
        }
    }
}

impl<R> DecryptReader<R> {
    /// What the header says, verified.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Where the message comes from.
    pub fn get_ref(&self) -> &R {
        &self.source
    }

    /// Whether more of the message is needed to give anything, its end included.
    fn needs_input(&self) -> io::Result<bool> {
        match &self.failed {
            _ if !self.releasable().is_empty() => Ok(false),
            Some(error) => Err(error.clone().into()),
            None => Ok(self.session.is_some()),
        }
    }

    /// Takes the first `len` bytes of the input; none are the end of the message.
    fn accept(&mut self, len: usize) {
        self.released.clear();
        self.given = 0;
        let taken = match self.session.take() {
            Some(session) if len == 0 => self.end(session),
            Some(session) => self.open(session, 0, len),
            None => Ok(()),
        };
        self.failed = taken.err();
    }

    fn open(&mut self, mut session: BufferedDecryptor, start: usize, end: usize) -> Result<(), Error> {
        let bytes = self.input.get(start..end).unwrap_or_default();
        make_room(&mut self.released, session.held_len().saturating_add(bytes.len()))?;
        session.push(bytes, &mut self.released)?;
        self.session = Some(session);
        Ok(())
    }

    fn end(&mut self, session: BufferedDecryptor) -> Result<(), Error> {
        make_room(&mut self.released, session.held_len())?;
        match session.finish(&mut self.released)? {
            Finished::Verified => Ok(()),
            // Only who asks for it gets a signature to verify.
            Finished::SignatureToVerify(signature) => signature.verified(false).and(Err(Error::DecryptionFailed)),
        }
    }

    fn releasable(&self) -> &[u8] {
        self.released.get(self.given..).unwrap_or_default()
    }

    fn give(&mut self, len: usize) {
        self.given = self.given.saturating_add(len).min(self.released.len());
    }
}

impl<R: Read> BufRead for DecryptReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.needs_input()? {
            let len = read(&mut self.source, &mut self.input)?;
            self.accept(len);
        }
        Ok(self.releasable())
    }

    fn consume(&mut self, len: usize) {
        self.give(len);
    }
}

impl<R: Read> Read for DecryptReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.fill_buf()?.read(buffer)?;
        self.give(len);
        Ok(len)
    }
}

#[cfg(feature = "async-io")]
impl<R: futures_io::AsyncRead + Unpin> futures_io::AsyncBufRead for DecryptReader<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let reader = self.get_mut();
        while reader.needs_input()? {
            let len = ready!(Pin::new(&mut reader.source).poll_read(cx, &mut reader.input))?;
            reader.accept(len);
        }
        Poll::Ready(Ok(reader.releasable()))
    }

    fn consume(mut self: Pin<&mut Self>, len: usize) {
        self.give(len);
    }
}

#[cfg(feature = "async-io")]
impl<R: futures_io::AsyncRead + Unpin> futures_io::AsyncRead for DecryptReader<R> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let len = ready!(futures_io::AsyncBufRead::poll_fill_buf(self.as_mut(), cx))?.read(buffer)?;
        self.give(len);
        Poll::Ready(Ok(len))
    }
}

impl<R> fmt::Debug for DecryptReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptReader").field("header", &self.header).finish_non_exhaustive()
    }
}

/// The bytes in which the header comes, and what of the body comes with them.
pub(super) struct Intake {
    header: HeaderReader,
    pub(super) input: Vec<u8>,
    /// Where in the input the body is.
    body: (usize, usize),
}

impl Intake {
    pub(super) fn new(client: &Client, message_len: Option<u64>, observer: &Observer) -> Self {
        Self { header: client.read_header(message_len, observer), input: vec![0; BATCH], body: (0, 0) }
    }

    /// Takes the first `len` bytes of the input; none are the end of the message.
    pub(super) fn accept(&mut self, len: usize) -> Result<Option<ReceivedHeader>, Error> {
        let bytes = self.input.get(..len).unwrap_or_default();
        let (taken, received) = self.header.push(bytes)?;
        self.body = (taken, len);
        match received {
            None if len == 0 => Err(self.header.ended()),
            received => Ok(received),
        }
    }

    async fn start<R>(
        self,
        client: &Client,
        received: ReceivedHeader,
        source: R,
        options: &DecryptOptions,
    ) -> io::Result<DecryptReader<R>> {
        let session = BufferedDecryptor::new(client.start_decryption(received, options).await?);
        let (header, released) = (session.header().clone(), Zeroizing::default());
        let mut reader = DecryptReader { source, header, session: None, failed: None, input: self.input, released, given: 0 };
        let (start, end) = self.body;
        reader.failed = reader.open(session, start, end).err();
        Ok(reader)
    }
}

/// Reads once, however often it is interrupted.
pub(super) fn read(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Makes an empty buffer large enough for what comes, so that it never grows and leaves no copy behind.
pub(super) fn make_room(buffer: &mut Zeroizing<Vec<u8>>, len: usize) -> Result<(), Error> {
    if buffer.capacity() < len {
        let mut larger = Zeroizing::new(Vec::new());
        reserve(&mut larger, len)?;
        *buffer = larger;
    }
    Ok(())
}
