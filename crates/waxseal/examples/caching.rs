//! Many messages under few data keys: what a KMS would be asked, counted in the trace.

use std::error::Error;
use std::sync::Arc;

use waxseal::{CacheLimits, Client, DecryptOptions, EncryptOptions, MaterialsCache, RawAesKeyring};
use waxseal_base::env::Env;
use waxseal_base::event::Kind;
use waxseal_base::observer::{Observer, Trace};
use zeroize::Zeroizing;

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let env = Env::system();
    let keyring = RawAesKeyring::new("my application", "2026 key", Zeroizing::new(vec![7; 32]))?;
    let limits = CacheLimits { max_messages: 100, ..CacheLimits::of_age(300) };
    let client = Client::new(env.clone(), Arc::new(keyring)).with_cache(MaterialsCache::new(env.clone(), limits)?)?;

    let trace = Trace::new();
    let observer = Observer::new(&env, trace.clone())?;
    for number in 0..1000 {
        let text = format!("message {number}");
        let message = pollster::block_on(client.encrypt(text.as_bytes(), &EncryptOptions::default(), &observer))?;
        let decrypted = pollster::block_on(client.decrypt(&message, &DecryptOptions::default(), &observer))?;
        assert_eq!(decrypted.plaintext, text.as_bytes());
    }
    let events = trace.events();
    let made = events.iter().filter(|event| matches!(event.kind, Kind::DataKeyGenerated { .. })).count();
    let unwrapped = events.iter().filter(|event| matches!(event.kind, Kind::DataKeyUnwrapped { .. })).count();
    println!("1000 messages: {made} data keys made, {unwrapped} unwrapped");
    assert_eq!((made, unwrapped), (10, 10));
    Ok(())
}
