//! Encrypts a file into another and decrypts that, without ever having more than a few frames in memory.

use std::error::Error;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use waxseal::{Client, DecryptOptions, EncryptOptions, RawAesKeyring};
use waxseal_base::env::Env;
use waxseal_base::observer::Observer;
use zeroize::Zeroizing;

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let [plain, sealed, opened] = ["plain", "sealed", "opened"].map(|name| folder.path().join(name));
    std::fs::write(&plain, "a line of many\n".repeat(100_000))?;

    let keyring = RawAesKeyring::new("my application", "2026 key", Zeroizing::new(vec![7; 32]))?;
    let client = Client::new(Env::system(), Arc::new(keyring));
    pollster::block_on(encrypt(&client, &plain, &sealed))?;
    pollster::block_on(decrypt(&client, &sealed, &opened))?;
    assert_eq!(std::fs::read(&plain)?, std::fs::read(&opened)?);

    // A file that was cut off is an error, however much of it can be decrypted.
    File::options().write(true).open(&sealed)?.set_len(1_000_000)?;
    let error = pollster::block_on(decrypt(&client, &sealed, &opened)).unwrap_err();
    println!("{error}");
    assert!(!opened.exists());
    Ok(())
}

async fn encrypt(client: &Client, from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    let mut plaintext = File::open(from)?;
    // With the length, a cache of data keys can be used and no message becomes longer than its key allows.
    let options = EncryptOptions { plaintext_len: Some(plaintext.metadata()?.len()), ..Default::default() };
    let mut writer = client.encrypt_to(File::create(to)?, &options, &Observer::none()).await?;
    io::copy(&mut plaintext, &mut writer)?;
    // Only this makes it a message. After an error it is not reached, and what was written does not decrypt.
    writer.finish()?.sync_all()?;
    Ok(())
}

async fn decrypt(client: &Client, from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    let mut reader = client.decrypt_from(File::open(from)?, &DecryptOptions::default(), &Observer::none()).await?;
    let mut plaintext = File::create(to)?;
    if let Err(error) = io::copy(&mut reader, &mut plaintext) {
        // A part of the plaintext is not the plaintext.
        std::fs::remove_file(to)?;
        return Err(error.into());
    }
    Ok(())
}
