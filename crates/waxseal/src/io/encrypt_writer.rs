//! The writing end of an encryption.

use std::fmt;
use std::io::{self, ErrorKind, Write};
#[cfg(feature = "async-io")]
use std::pin::Pin;
#[cfg(feature = "async-io")]
use std::task::{Context, Poll, ready};

use waxseal_base::observer::Observer;

use super::BATCH;
use crate::client::{Client, EncryptOptions};
use crate::error::Error;
use crate::message::Header;
use crate::session::BufferedEncryptor;

/// Encrypts what is written to it and writes the message to `W`.
///
/// **The message ends when it is told to**: by [`finish`](Self::finish), or by closing it where `W` is asynchronous. A writer that is dropped before
/// leaves a message that does not decrypt, which is what is wanted when the plaintext turns out to be incomplete.
///
/// Flushing writes the frames that are complete; the plaintext of the one that is not stays here, because a frame can not be added to.
pub struct EncryptWriter<W> {
    sink: W,
    header: Header,
    /// Until it is finished or failed.
    session: Option<BufferedEncryptor>,
    failed: Option<Error>,
    /// Bytes of the message, of which the first `written` are in the sink.
    pub(super) outgoing: Vec<u8>,
    written: usize,
}

impl Client {
    /// Starts to encrypt into `writer`, under a new data key or one from the cache. Nothing is written yet. `writer` need not be buffered.
    pub async fn encrypt_to<W>(&self, writer: W, options: &EncryptOptions, observer: &Observer) -> Result<EncryptWriter<W>, Error> {
        options.check_signed_here()?;
        let session = BufferedEncryptor::new(self.start_encryption(options, observer).await?);
        let (header, outgoing) = (session.header().clone(), session.header_bytes().to_vec());
        Ok(EncryptWriter { sink: writer, header, session: Some(session), failed: None, outgoing, written: 0 })
    }
}

impl<W> EncryptWriter<W> {
    /// What the header says.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Where the message goes.
    pub fn get_ref(&self) -> &W {
        &self.sink
    }

    /// Encrypts as much as there is room for, and says how much that was.
    fn push(&mut self, plaintext: &[u8]) -> io::Result<usize> {
        self.check()?;
        let session = self.session.as_mut().ok_or_else(|| Error::invalid_input("the message is finished; nothing can follow its end"))?;
        let mut taken: usize = 0;
        while self.outgoing.len() < BATCH {
            let rest = plaintext.get(taken..).unwrap_or_default();
            let (part, _) = rest.split_at_checked(batch_of(&self.header)).unwrap_or((rest, &[]));
            if part.is_empty() {
                break;
            }
            if let Err(error) = session.push(part, &mut self.outgoing) {
                return Err(self.fail(error));
            }
            taken = taken.saturating_add(part.len());
        }
        Ok(taken)
    }

    /// Encrypts the end, if that is not done.
    fn seal_end(&mut self) -> io::Result<()> {
        self.check()?;
        match self.session.take().map(|session| session.finish(&mut self.outgoing)) {
            Some(Err(error)) => Err(self.fail(error)),
            _ => Ok(()),
        }
    }

    fn is_full(&self) -> bool {
        self.outgoing.len() >= BATCH
    }

    fn unwritten(&self) -> &[u8] {
        self.outgoing.get(self.written..).unwrap_or_default()
    }

    fn advance(&mut self, written: usize) -> io::Result<()> {
        if written == 0 {
            return Err(io::Error::new(ErrorKind::WriteZero, "what the message is written to takes no more bytes"));
        }
        self.written = self.written.saturating_add(written);
        if self.unwritten().is_empty() {
            self.outgoing.clear();
            self.written = 0;
        }
        Ok(())
    }

    fn check(&self) -> io::Result<()> {
        self.failed.clone().map_or(Ok(()), |error| Err(error.into()))
    }

    fn fail(&mut self, error: Error) -> io::Error {
        self.session = None;
        self.failed.insert(error).clone().into()
    }
}

impl<W: Write> EncryptWriter<W> {
    /// Ends the message: its last frame and, if it is signed, its signature are written, and the writer is flushed. It comes back. After
    /// an error there is no message.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal_end()?;
        self.drain()?;
        self.sink.flush()?;
        Ok(self.sink)
    }

    fn drain(&mut self) -> io::Result<()> {
        while !self.unwritten().is_empty() {
            match self.sink.write(self.outgoing.get(self.written..).unwrap_or_default()) {
                Ok(written) => self.advance(written)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl<W: Write> Write for EncryptWriter<W> {
    fn write(&mut self, plaintext: &[u8]) -> io::Result<usize> {
        if self.is_full() {
            self.drain()?;
        }
        self.push(plaintext)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.check()?;
        self.drain()?;
        self.sink.flush()
    }
}

#[cfg(feature = "async-io")]
impl<W: futures_io::AsyncWrite + Unpin> EncryptWriter<W> {
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.unwritten().is_empty() {
            let unwritten = self.outgoing.get(self.written..).unwrap_or_default();
            let written = ready!(Pin::new(&mut self.sink).poll_write(cx, unwritten))?;
            self.advance(written)?;
        }
        Poll::Ready(Ok(()))
    }
}

/// Closing ends the message, and closes what it is written to.
#[cfg(feature = "async-io")]
impl<W: futures_io::AsyncWrite + Unpin> futures_io::AsyncWrite for EncryptWriter<W> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, plaintext: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_full() {
            ready!(self.poll_drain(cx))?;
        }
        Poll::Ready(self.push(plaintext))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        ready!(self.poll_drain(cx))?;
        Pin::new(&mut self.sink).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.seal_end()?;
        ready!(self.poll_drain(cx))?;
        Pin::new(&mut self.sink).poll_close(cx)
    }
}

impl<W> fmt::Debug for EncryptWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptWriter").field("header", &self.header).finish_non_exhaustive()
    }
}

/// Bytes of plaintext that are encrypted at once: few enough that what short frames add is bounded too.
fn batch_of(header: &Header) -> usize {
    let frame_length = header.content.frame_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(BATCH);
    frame_length.saturating_mul(16).min(BATCH)
}
