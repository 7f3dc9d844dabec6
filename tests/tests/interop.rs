//! Messages exchanged with the official AWS Encryption SDK for Python, in both directions. `cargo xtask test interop` installs that SDK and
//! runs this; `WAXSEAL_PYTHON` names the Python that has it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use tempfile::TempDir;
use waxseal::CommitmentPolicy::{ForbidEncryptAllowDecrypt, RequireEncryptAllowDecrypt};
use waxseal::keyring::Keyring;
use waxseal::{Client, DecryptOptions, Decrypted, EncryptOptions, Error, MultiKeyring, RawAesKeyring, Suite};
use waxseal_base::env::{Env, FixedClock};
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use zeroize::Zeroizing;

#[test]
fn messages_of_all_sizes_and_wrapping_keys_travel_both_ways() {
    for mut python in Python::of_both_kinds() {
        for key_len in [16, 24, 32] {
            for len in [0, 1, 4096, 4097, 100_000] {
                both_ways(&mut python, &[Key::new("name", key_len)], len, 4096, &[("tenant", "42")]);
            }
        }
    }
}

#[test]
fn every_suite_travels_both_ways() {
    let mut pythons = Python::of_both_kinds();
    let keys = [Key::new("name", 32)];
    let context = [("tenant", "42")];
    for &suite in Suite::ALL {
        let policy = if suite.is_committing() { RequireEncryptAllowDecrypt } else { ForbidEncryptAllowDecrypt };
        let client = client(&keys).with_suite(suite).with_commitment_policy(policy);
        for len in [0, 1, 127, 128, 129, 5000] {
            let plaintext = plaintext(len);
            let options = EncryptOptions { encryption_context: context.into_iter().collect(), ..Default::default() };
            let ours = pollster::block_on(client.encrypt(&plaintext, &options, &Observer::none())).unwrap();
            // Of a signed message, the context tells the public key too.
            for python in &mut pythons {
                let (opened, found) = python.decrypt(&keys, &ours).unwrap();
                assert!(opened == plaintext && found["tenant"] == "42", "{len} bytes, {suite:?}, to the Python SDK");
                let theirs = python.encrypt_under(suite, &keys, &plaintext, 128, &context);
                let opened = pollster::block_on(client.decrypt(&theirs, &DecryptOptions::default(), &Observer::none())).unwrap();
                assert!(opened.plaintext == plaintext && opened.header.suite == suite, "{len} bytes, {suite:?}, from the Python SDK");
            }
        }
    }
}

#[test]
fn frame_lengths_travel_both_ways() {
    let mut python = Python::start();
    // The Python SDK writes only multiples of 128; it reads others.
    for frame_length in [128, 1024, 65_536] {
        for len in [0, 127, 128, 129, 1024, 5000] {
            both_ways(&mut python, &[Key::new("name", 32)], len, frame_length, &[]);
        }
    }
    for frame_length in [1, 17, 4095] {
        ours_to_python(&mut python, &[Key::new("name", 32)], 300, frame_length, &[]);
    }
    both_ways(&mut python, &[Key::new("name", 32)], 2 << 20, 1 << 20, &[("tenant", "42")]);
}

#[test]
fn large_messages_travel_both_ways() {
    for mut python in Python::of_both_kinds() {
        both_ways(&mut python, &[Key::new("name", 32)], 64 << 20, Client::DEFAULT_FRAME_LENGTH, &[("tenant", "42")]);
    }
}

#[test]
fn contexts_in_any_script_travel_both_ways() {
    // In UTF-16, or in the order of a locale, these sort otherwise than as UTF-8 bytes.
    let context = [("b", "1"), ("B", "2"), ("a", "3"), ("ключ", "значение"), ("\u{10000}", "4"), ("\u{fffd}", "5"), ("é", "6"), ("z", "")];
    for mut python in Python::of_both_kinds() {
        both_ways(&mut python, &[Key::new("ключ", 32)], 100, 4096, &context);
    }
}

#[test]
fn any_of_several_keys_opens_on_either_side() {
    let mut python = Python::start();
    let keys = [Key::new("one", 16), Key::new("two", 24), Key::new("three", 32)];
    let plaintext = plaintext(1000);
    let ours = encrypt(&keys, &plaintext, 4096, &[]);
    let theirs = python.encrypt(&keys, &plaintext, 4096, &[]);
    for key in &keys {
        let one = std::slice::from_ref(key);
        assert_eq!(python.decrypt(one, &ours).unwrap().0, plaintext, "{}", key.name);
        assert_eq!(decrypt(one, &theirs).unwrap().plaintext, plaintext, "{}", key.name);
    }
    both_ways(&mut python, &keys, 5000, 1024, &[("tenant", "42")]);
}

#[test]
fn what_was_altered_is_refused_on_both_sides() {
    let mut python = Python::start();
    let keys = [Key::new("name", 32)];
    let good = encrypt(&keys, &plaintext(300), 128, &[("tenant", "42")]);
    assert!(python.decrypt(&keys, &good).is_ok());
    // Every part of the message, about sixty places in all.
    for at in (0..good.len()).step_by(good.len() / 60) {
        let mut altered = good.clone();
        altered[at] ^= 1;
        assert!(decrypt(&keys, &altered).is_err(), "waxseal opened a message altered at {at}");
        assert!(python.decrypt(&keys, &altered).is_err(), "the Python SDK opened a message altered at {at}");
    }
    let cut = &good[..good.len() - 1];
    assert!(decrypt(&keys, cut).is_err() && python.decrypt(&keys, cut).is_err());
    let mut other_key = keys.clone();
    other_key[0].key[0] ^= 1;
    assert_eq!(decrypt(&other_key, &good).unwrap_err(), Error::DecryptionFailed);
    assert!(python.decrypt(&other_key, &good).is_err());
}

fn both_ways(python: &mut Python, keys: &[Key], len: usize, frame_length: u32, context: &[(&str, &str)]) {
    ours_to_python(python, keys, len, frame_length, context);
    let plaintext = plaintext(len);
    let theirs = python.encrypt(keys, &plaintext, frame_length, context);
    let opened = decrypt(keys, &theirs).unwrap();
    assert!(opened.plaintext == plaintext, "{len} bytes in frames of {frame_length}, from the Python SDK");
    assert_eq!(opened.encryption_context().to_map(), map(context));
    assert_eq!(opened.header.content.frame_length(), Some(frame_length));
    let fields = waxseal::message::fields(&theirs).unwrap();
    assert_eq!(fields.last().unwrap().range.end, theirs.len());
}

fn ours_to_python(python: &mut Python, keys: &[Key], len: usize, frame_length: u32, context: &[(&str, &str)]) {
    let plaintext = plaintext(len);
    let ours = encrypt(keys, &plaintext, frame_length, context);
    let (opened, found) = python.decrypt(keys, &ours).unwrap();
    assert!(opened == plaintext, "{len} bytes in frames of {frame_length}, to the Python SDK");
    assert_eq!(found, map(context));
}

fn encrypt(keys: &[Key], plaintext: &[u8], frame_length: u32, context: &[(&str, &str)]) -> Vec<u8> {
    let options = EncryptOptions { encryption_context: context.iter().copied().collect(), ..Default::default() };
    let client = client(keys).with_frame_length(frame_length).unwrap();
    pollster::block_on(client.encrypt(plaintext, &options, &Observer::none())).unwrap()
}

fn decrypt(keys: &[Key], message: &[u8]) -> Result<Decrypted, Error> {
    pollster::block_on(client(keys).decrypt(message, &DecryptOptions::default(), &Observer::none()))
}

fn client(keys: &[Key]) -> Client {
    let mut keyrings = keys
        .iter()
        .map(|key| -> Arc<dyn Keyring> { Arc::new(RawAesKeyring::new(NAMESPACE, &key.name, Zeroizing::new(key.key.clone())).unwrap()) });
    let keyring = MultiKeyring::new(keyrings.next(), keyrings.collect()).unwrap();
    Client::new(Env::with_clock(FixedClock(Timestamp::default())), Arc::new(keyring))
}

/// A raw AES wrapping key that both sides have.
#[derive(Clone)]
struct Key {
    name: String,
    key: Vec<u8>,
}

impl Key {
    fn new(name: &str, len: u8) -> Self {
        Self { name: name.into(), key: (0..len).map(|byte| byte ^ len).collect() }
    }
}

/// The official SDK, in a process of its own.
struct Python {
    keyrings: bool,
    /// Where data is exchanged.
    folder: TempDir,
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Python {
    /// Its master keys.
    fn start() -> Self {
        Self::start_with(false)
    }

    /// Its master keys, and the keyrings of the Material Providers Library.
    fn of_both_kinds() -> [Self; 2] {
        [false, true].map(Self::start_with)
    }

    fn start_with(keyrings: bool) -> Self {
        let python = std::env::var_os("WAXSEAL_PYTHON");
        let python = python.expect("`cargo xtask test interop` installs a Python with the official SDK and names it in WAXSEAL_PYTHON");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/esdk.py");
        let mut process = Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (requests, answers) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        Self { keyrings, folder: tempfile::tempdir().unwrap(), process, requests, answers }
    }

    fn encrypt(&mut self, keys: &[Key], plaintext: &[u8], frame_length: u32, context: &[(&str, &str)]) -> Vec<u8> {
        self.encrypt_under(Suite::COMMITTING, keys, plaintext, frame_length, context)
    }

    fn encrypt_under(&mut self, suite: Suite, keys: &[Key], plaintext: &[u8], frame_length: u32, context: &[(&str, &str)]) -> Vec<u8> {
        let request = json!({
            "do": "encrypt",
            "keyrings": self.keyrings,
            "keys": for_python(keys),
            "context": map(context),
            "frame_length": frame_length,
            "suite": suite.id(),
        });
        self.ask(request, plaintext).unwrap().1
    }

    fn decrypt(&mut self, keys: &[Key], message: &[u8]) -> Result<(Vec<u8>, BTreeMap<String, String>), String> {
        let request = json!({ "do": "decrypt", "keyrings": self.keyrings, "keys": for_python(keys) });
        let (answer, plaintext) = self.ask(request, message)?;
        Ok((plaintext, serde_json::from_value(answer["context"].clone()).unwrap()))
    }

    /// The answer, and what came of the data.
    fn ask(&mut self, mut request: Value, data: &[u8]) -> Result<(Value, Vec<u8>), String> {
        let [from, into] = ["from", "into"].map(|name| self.folder.path().join(name));
        std::fs::write(&from, data).unwrap();
        request["from"] = from.to_str().unwrap().into();
        request["into"] = into.to_str().unwrap().into();
        writeln!(self.requests, "{request}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).expect("the driver answers; its error is above");
        match answer["refused"].as_str() {
            Some(refused) => Err(refused.into()),
            None => Ok((answer, std::fs::read(&into).unwrap())),
        }
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn for_python(keys: &[Key]) -> Vec<Value> {
    keys.iter().map(|key| json!({ "namespace": NAMESPACE, "name": key.name, "key": Base64::encode_string(&key.key) })).collect()
}

fn map(context: &[(&str, &str)]) -> BTreeMap<String, String> {
    context.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}

fn plaintext(len: usize) -> Vec<u8> {
    // Copied rather than counted, which takes its time.
    let mut bytes = (0..251).collect::<Vec<u8>>().repeat(len.div_ceil(251));
    bytes.truncate(len);
    bytes
}

const NAMESPACE: &str = "waxseal interop";
