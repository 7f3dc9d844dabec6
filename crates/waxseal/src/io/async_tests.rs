//! The same streams where nothing blocks: whatever is ready when, the same plaintext comes out.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncBufRead, AsyncRead, AsyncWrite};
use proptest::prelude::*;
use waxseal_base::observer::Observer;

use super::tests::{Wayward, steps};
use super::*;
use crate::session::tests::{PLAINTEXT, client, one_shot, suites};
use crate::{Client, DecryptOptions, EncryptOptions, Error, Suite};

/// Not ready now, but soon.
fn soon<T>(cx: &mut Context<'_>) -> Poll<T> {
    cx.waker().wake_by_ref();
    Poll::Pending
}

impl<T: AsyncRead + Unpin> AsyncRead for Wayward<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        match self.step(buffer.len()) {
            Some(len) => Pin::new(&mut self.inner).poll_read(cx, &mut buffer[..len]),
            None => soon(cx),
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Wayward<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.step(bytes.len()) {
            Some(len) => Pin::new(&mut self.inner).poll_write(cx, &bytes[..len]),
            None => soon(cx),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.step(0) {
            Some(_) => Pin::new(&mut self.inner).poll_flush(cx),
            None => soon(cx),
        }
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.step(0) {
            Some(_) => Pin::new(&mut self.inner).poll_close(cx),
            None => soon(cx),
        }
    }
}

async fn write_all(writer: &mut (impl AsyncWrite + Unpin), mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let len = poll_fn(|cx| Pin::new(&mut *writer).poll_write(cx, bytes)).await?;
        bytes = &bytes[len..];
    }
    Ok(())
}

async fn flush(writer: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    poll_fn(|cx| Pin::new(&mut *writer).poll_flush(cx)).await
}

async fn close(writer: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    poll_fn(|cx| Pin::new(&mut *writer).poll_close(cx)).await
}

async fn read_to_end(reader: &mut (impl AsyncRead + Unpin), size: usize, plaintext: &mut Vec<u8>) -> io::Result<()> {
    let mut part = vec![0; size];
    loop {
        match poll_fn(|cx| Pin::new(&mut *reader).poll_read(cx, &mut part)).await? {
            0 => return Ok(()),
            len => plaintext.extend_from_slice(&part[..len]),
        }
    }
}

async fn encrypt_to<W>(client: &Client, writer: W) -> EncryptWriter<W> {
    client.encrypt_to(writer, &EncryptOptions::default(), &Observer::none()).await.unwrap()
}

async fn decrypt(client: &Client, message: &[u8], steps: Vec<u8>, plaintext: &mut Vec<u8>) -> io::Result<()> {
    let source = Wayward::new(message, steps);
    let mut reader = client.decrypt_from_async(source, &DecryptOptions::default(), &Observer::none()).await?;
    read_to_end(&mut reader, 10, plaintext).await
}

#[test]
fn a_message_that_is_cut_off_never_comes_to_its_end() {
    for suite in suites() {
        let client = client(suite);
        let message = one_shot(&client, &PLAINTEXT[..40]);
        for cut in 0..message.len() {
            let mut plaintext = Vec::new();
            let end = pollster::block_on(decrypt(&client, &message[..cut], vec![0, 50], &mut plaintext));
            assert!(end.is_err() && PLAINTEXT.starts_with(&plaintext), "{suite}: cut to {cut}");
        }
    }
}

#[test]
fn closing_ends_the_message_and_nothing_follows() {
    let client = client(Suite::COMMITTING);
    pollster::block_on(async {
        let mut message = Vec::new();
        let mut writer = encrypt_to(&client, &mut message).await;
        write_all(&mut writer, PLAINTEXT).await.unwrap();
        flush(&mut writer).await.unwrap();
        let unfinished = writer.get_ref().to_vec();
        assert!(decrypt(&client, &unfinished, vec![9], &mut Vec::new()).await.is_err());
        close(&mut writer).await.unwrap();
        close(&mut writer).await.unwrap();
        let error = write_all(&mut writer, b"more").await.unwrap_err();
        assert!(Error::in_io_error(&error).unwrap().to_string().contains("finished"), "{error}");
        let mut plaintext = Vec::new();
        decrypt(&client, &message, vec![9], &mut plaintext).await.unwrap();
        assert_eq!(plaintext, PLAINTEXT);
    });
}

#[test]
fn errors_stay() {
    let client = client(Suite::COMMITTING);
    let mut message = one_shot(&client, PLAINTEXT);
    let last = message.len() - 1;
    message[last] ^= 1;
    pollster::block_on(async {
        let options = DecryptOptions::default();
        let mut reader = client.decrypt_from_async(&message[..], &options, &Observer::none()).await.unwrap();
        let released = poll_fn(|cx| Pin::new(&mut reader).poll_fill_buf(cx).map_ok(<[u8]>::to_vec)).await.unwrap();
        assert_eq!(released, PLAINTEXT[..64]);
        Pin::new(&mut reader).consume(64);
        for _ in 0..3 {
            let error = read_to_end(&mut reader, 1, &mut Vec::new()).await.unwrap_err();
            assert_eq!(Error::in_io_error(&error), Some(&Error::DecryptionFailed));
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_sizes_and_waits_round_trip(
        plaintext in prop::collection::vec(any::<u8>(), 0..3000),
        frame_length in 1u32..500,
        (write, read) in (1usize..1000, 1usize..1000),
        (sink, source) in (steps(), steps()),
        flushes: bool,
        suite in prop::sample::select(suites().collect::<Vec<_>>()),
    ) {
        let client = client(suite).with_frame_length(frame_length).unwrap();
        let decrypted = pollster::block_on(async {
            let mut message = Vec::new();
            let mut writer = encrypt_to(&client, Wayward::new(&mut message, sink)).await;
            for part in plaintext.chunks(write) {
                write_all(&mut writer, part).await.unwrap();
                if flushes {
                    flush(&mut writer).await.unwrap();
                }
            }
            close(&mut writer).await.unwrap();
            let source = Wayward::new(&message[..], source);
            let mut reader = client.decrypt_from_async(source, &DecryptOptions::default(), &Observer::none()).await.unwrap();
            let mut decrypted = Vec::new();
            read_to_end(&mut reader, read, &mut decrypted).await.unwrap();
            decrypted
        });
        prop_assert_eq!(decrypted, plaintext);
    }
}
