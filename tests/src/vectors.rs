//! Runs a folder of message vectors: `vectors.json` with the cases, `keys.json` with the keys, one file per message. Each case says what
//! must come out; cases of features that this version lacks are counted, not passed.

mod case;
mod keyrings;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};
use waxseal::keyring::Keyring;
use waxseal::message::{self, Header};
use waxseal::{Client, CommitmentPolicy, DecryptOptions, Decrypted, Error};
use waxseal_base::env::{Env, FixedClock};
use waxseal_base::event::Kind;
use waxseal_base::observer::{Observer, Trace};
use waxseal_base::time::Timestamp;

pub use case::{Case, CaseFile, EdkFacts, Expect, HeaderFacts, Key, KeyFile, Keys, KmsAnswer, Policy};

/// What came out of a folder of vectors.
#[derive(Debug, Default)]
pub struct Report {
    /// How many cases came out as expected.
    pub passed: usize,
    /// The ids of those that did not, and how they came out.
    pub failures: Vec<(String, String)>,
    /// How many were not run, by the feature they need.
    pub not_run: BTreeMap<String, usize>,
    /// How many changed messages were tried, all of which must be refused.
    pub mutants: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (id, why) in &self.failures {
            writeln!(f, "FAILED {id}: {why}")?;
        }
        for (feature, count) in &self.not_run {
            writeln!(f, "not run, {count}: {feature}")?;
        }
        writeln!(f, "{} changed messages were tried in sweeps", self.mutants)?;
        write!(f, "{} passed, {} failed", self.passed, self.failures.len())
    }
}

/// Runs all cases of a folder. An error means that the folder can not be read, not that a case failed.
pub fn run(folder: &Path) -> Result<Report> {
    let cases: CaseFile = read_json(&folder.join("vectors.json"))?;
    let keys: KeyFile = read_json(&folder.join("keys.json"))?;
    ensure!(cases.format == 1, "`vectors.json` is of format {}; this reads format 1", cases.format);
    let mut report = Report::default();
    for case in &cases.cases {
        match run_case(folder, case, &keys) {
            Ok(Outcome::AsExpected { mutants }) => {
                report.passed += 1;
                report.mutants += mutants;
            }
            Ok(Outcome::NotRun(feature)) => *report.not_run.entry(feature).or_default() += 1,
            Err(error) => report.failures.push((case.id.clone(), format!("{error:#}"))),
        }
    }
    Ok(report)
}

enum Outcome {
    AsExpected { mutants: usize },
    NotRun(String),
}

fn run_case(folder: &Path, case: &Case, keys: &KeyFile) -> Result<Outcome> {
    let file = folder.join(&case.message);
    let message = fs::read(&file).with_context(|| format!("cannot read `{}`", file.display()))?;
    ensure!(sha256(&message) == case.message_sha256, "the message file is not the one the case is about");
    if let Some(feature) = case.missing_feature() {
        return Ok(Outcome::NotRun(feature));
    }
    if case.expect == Expect::Parse {
        check_header(case, &Header::read_from(&message)?)?;
        check_fields(&message)?;
        return Ok(Outcome::AsExpected { mutants: 0 });
    }
    let mut mutants = 0;
    for keyring in keyrings::for_case(case, keys)? {
        let client = client(case, keyring)?;
        let result = open(&client, case, &message, &Observer::none());
        match case.expect {
            Expect::Reject => check_refused(result)?,
            _ => check_opened(case, &message, &result?)?,
        }
        if let Some(content_key) = &case.content_key
            && case.expect == Expect::Ok
        {
            check_message_key(&client, case, &message, content_key)?;
        }
        if case.sweep {
            mutants += sweep(&client, case, &message)?;
        }
    }
    Ok(Outcome::AsExpected { mutants })
}

fn client(case: &Case, keyring: Arc<dyn Keyring>) -> Result<Client> {
    let policy = match case.policy {
        Some(Policy::ForbidEncryptAllowDecrypt) => CommitmentPolicy::ForbidEncryptAllowDecrypt,
        Some(Policy::RequireEncryptRequireDecrypt) => CommitmentPolicy::RequireEncryptRequireDecrypt,
        Some(Policy::RequireEncryptAllowDecrypt) | None => CommitmentPolicy::RequireEncryptAllowDecrypt,
    };
    let required = case.required_ec_keys.clone().unwrap_or_default();
    let client = Client::new(env(), keyring).with_commitment_policy(policy).with_required_encryption_context_keys(required);
    Ok(match case.max_edks {
        Some(limit) => client.with_max_encrypted_data_keys(limit)?,
        None => client,
    })
}

fn open(client: &Client, case: &Case, message: &[u8], observer: &Observer) -> Result<Decrypted, Error> {
    let reproduced_encryption_context = case.reproduced_ec.clone().unwrap_or_default().into_iter().collect();
    let options = DecryptOptions { reproduced_encryption_context, ..DecryptOptions::default() };
    pollster::block_on(client.decrypt(message, &options, observer))
}

fn is_unsupported(result: &Result<Decrypted, Error>) -> bool {
    matches!(result, Err(Error::Unsupported { .. }))
}

fn check_refused(result: Result<Decrypted, Error>) -> Result<()> {
    ensure!(!is_unsupported(&result), "it was refused, but for the lack of a feature");
    match result {
        Ok(decrypted) => bail!("it was opened, to {} bytes", decrypted.plaintext.len()),
        Err(Error::Internal { reason }) => bail!("it was refused by an internal error: {reason}"),
        Err(_) => Ok(()),
    }
}

fn check_opened(case: &Case, message: &[u8], decrypted: &Decrypted) -> Result<()> {
    if let Some(len) = case.plaintext_len {
        ensure!(decrypted.plaintext.len() == len, "the plaintext has {} bytes, not {len}", decrypted.plaintext.len());
    }
    let expected = case.plaintext_sha256.as_deref().context("the case does not say what the plaintext is")?;
    ensure!(sha256(&decrypted.plaintext) == expected, "the plaintext is another one");
    check_header(case, &decrypted.header)?;
    check_fields(message)
}

fn check_header(case: &Case, header: &Header) -> Result<()> {
    let found = HeaderFacts::of(header)?;
    ensure!(case.facts.agree_with(&found), "the header says {found:?}, not {:?}", case.facts);
    if let Some(commitment) = &case.commit_key {
        ensure!(*commitment == hex::encode(header.commitment.unwrap_or_default()), "the commitment is another one");
    }
    Ok(())
}

/// The fields must be all of the message, in order.
fn check_fields(message: &[u8]) -> Result<()> {
    let mut end = 0;
    for field in message::fields(message)? {
        ensure!(field.range.start == end, "`{}` starts at {}, not at {end}", field.label, field.range.start);
        end = field.range.end;
    }
    ensure!(end == message.len(), "the fields end at {end} of {} bytes", message.len());
    Ok(())
}

fn check_message_key(client: &Client, case: &Case, message: &[u8], expected: &str) -> Result<()> {
    let trace = Trace::new();
    open(client, case, message, &Observer::danger_reveal_secrets(&env(), trace.clone())?)?;
    let derived = trace.events().into_iter().find_map(|event| match event.kind {
        Kind::KeyDerived { label, to, .. } if label == "DERIVEKEY" => to.revealed,
        _ => None,
    });
    let derived = derived.context("no key was derived")?;
    ensure!(hex::encode(derived.0) == expected, "the message key is another one");
    Ok(())
}

/// Every proper prefix, every flipped bit, a zero byte more, and the message twice: all must be refused. Returns how many were tried.
fn sweep(client: &Client, case: &Case, message: &[u8]) -> Result<usize> {
    let refused = |mutant: &[u8], what: &dyn fmt::Display| -> Result<()> {
        ensure!(open(client, case, mutant, &Observer::none()).is_err(), "{what} was opened");
        Ok(())
    };
    for len in 0..message.len() {
        refused(message.get(..len).unwrap_or_default(), &format_args!("the message cut to {len} bytes"))?;
    }
    let mut mutant = message.to_vec();
    for at in 0..message.len() {
        for bit in 0..8u8 {
            mutant[at] ^= 1 << bit;
            refused(&mutant, &format_args!("the message with bit {bit} of byte {at} flipped"))?;
            mutant[at] ^= 1 << bit;
        }
    }
    refused(&[message, &[0]].concat(), &"the message with a zero byte more")?;
    refused(&message.repeat(2), &"the message, twice,")?;
    Ok(message.len() * 9 + 2)
}

fn env() -> Env {
    Env::with_clock(FixedClock(Timestamp::default()))
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn read_json<T: serde::de::DeserializeOwned>(file: &Path) -> Result<T> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("`{}` is not as expected", file.display()))
}
