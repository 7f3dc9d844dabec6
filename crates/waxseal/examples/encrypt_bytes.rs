//! Encrypts bytes under a key of one's own and decrypts them, in a context that both sides have to agree on.

use std::error::Error;
use std::sync::Arc;

use waxseal::{Client, DecryptOptions, EncryptOptions, RawAesKeyring};
use waxseal_base::env::Env;
use waxseal_base::observer::Observer;
use zeroize::Zeroizing;

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let (env, observer) = (Env::system(), Observer::none());
    // Yours is kept somewhere safe, and the same whenever the program runs.
    let mut key = Zeroizing::new(vec![0; 32]);
    env.fill(&mut key)?;
    let client = Client::new(env, Arc::new(RawAesKeyring::new("my application", "2026 key", key)?));

    let options = EncryptOptions { encryption_context: [("tenant", "42")].into_iter().collect(), ..Default::default() };
    let message = pollster::block_on(client.encrypt(b"top secret", &options, &observer))?;
    println!("a message of {} bytes, suite {}", message.len(), client.suite());

    let options = DecryptOptions { encryption_context: [("tenant", "42")].into_iter().collect(), ..Default::default() };
    let decrypted = pollster::block_on(client.decrypt(&message, &options, &observer))?;
    assert_eq!(decrypted.plaintext, b"top secret");

    // What is not of tenant 43 is refused before any key is used.
    let options = DecryptOptions { encryption_context: [("tenant", "43")].into_iter().collect(), ..Default::default() };
    let error = pollster::block_on(client.decrypt(&message, &options, &observer)).unwrap_err();
    println!("{}: {error}", error.code());
    assert_eq!(error.code(), "EncryptionContextMismatch");
    Ok(())
}
