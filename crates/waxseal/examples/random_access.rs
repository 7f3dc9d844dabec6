//! Reads parts of an encrypted file: only the frames they are in are read, and each is verified.

use std::error::Error;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use waxseal::{Client, DecryptOptions, EncryptOptions, RawAesKeyring};
use waxseal_base::env::Env;
use waxseal_base::observer::Observer;
use zeroize::Zeroizing;

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let observer = Observer::none();
    let keyring = RawAesKeyring::new("my application", "2026 key", Zeroizing::new(vec![7; 32]))?;
    let client = Client::new(Env::system(), Arc::new(keyring));
    let mut writer = pollster::block_on(client.encrypt_to(tempfile::tempfile()?, &EncryptOptions::default(), &observer))?;
    for number in 0..100_000 {
        writeln!(writer, "line {number:5}")?;
    }
    let sealed: File = writer.finish()?;

    // Verifies the header and the last frame: how long the file is, and that it was not cut off.
    let mut file = pollster::block_on(client.open(sealed, &DecryptOptions::default(), &observer))?;
    println!("{} bytes of plaintext", file.len());
    let mut line = [0; 11];
    file.read_at(11 * 31_415, &mut line)?;
    assert_eq!(&line, b"line 31415\n");

    // Or as any other file.
    file.seek(SeekFrom::End(-11))?;
    let mut last = String::new();
    file.read_to_string(&mut last)?;
    assert_eq!(last, "line 99999\n");
    Ok(())
}
