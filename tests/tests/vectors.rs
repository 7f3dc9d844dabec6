//! The shared message vectors, where they lie beside the repository, and waxseal's own in `tests/vectors/`, which are made here:
//! `BLESS=1 cargo test --package waxseal-tests --test vectors` writes them anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use waxseal::keyring::Keyring;
use waxseal::message::Header;
use waxseal::{Client, EncryptOptions, MultiKeyring, RawAesKeyring};
use waxseal_base::env::Env;
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_tests::vectors::{self, Case, CaseFile, Expect, HeaderFacts, Key, KeyFile, Keys};
use zeroize::Zeroizing;

#[test]
fn shared_vectors_come_out_as_expected() {
    let folder = root().join("../../shared/vectors/esdk");
    if !folder.is_dir() {
        eprintln!("skipped: there is no `{}`", folder.display());
        return;
    }
    let report = vectors::run(&folder).unwrap();
    assert!(report.failures.is_empty(), "{report}");
    assert!(report.not_run.is_empty() && report.passed >= 749 && report.mutants > 60_000, "{report}");
}

#[test]
fn own_vectors_come_out_as_expected() {
    let report = vectors::run(&root().join("vectors")).unwrap();
    assert!(report.failures.is_empty() && report.not_run.is_empty(), "{report}");
    assert_eq!(report.passed, own_vectors().cases.cases.len());
}

#[test]
fn own_vectors_are_what_waxseal_writes() {
    let own = own_vectors();
    let folder = root().join("vectors");
    let cases = serde_json::to_string_pretty(&own.cases).unwrap() + "\n";
    let keys = serde_json::to_string_pretty(&own.keys).unwrap() + "\n";
    let mut files = vec![(folder.join("vectors.json"), cases.into_bytes()), (folder.join("keys.json"), keys.into_bytes())];
    files.extend(own.messages.into_iter().map(|(name, message)| (folder.join(name), message)));
    for (file, content) in files {
        if std::env::var_os("BLESS").is_some() {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, content).unwrap();
        } else {
            assert!(fs::read(&file).unwrap() == content, "`{}` is out of date; BLESS=1 writes it anew", file.display());
        }
    }
}

#[test]
fn a_wrong_expectation_is_a_failure() {
    let own = own_vectors();
    let temporary = tempfile::tempdir().unwrap();
    let ok = own.cases.cases[0].clone();
    let reject = own.cases.cases.iter().find(|case| case.expect == Expect::Reject).unwrap().clone();
    let cases = vec![
        Case { id: "other plaintext".into(), plaintext_sha256: Some("00".into()), ..ok.clone() },
        Case { id: "other length".into(), plaintext_len: Some(1), ..ok.clone() },
        Case { id: "other header".into(), facts: HeaderFacts { frame_length: Some(1), ..Default::default() }, ..ok.clone() },
        Case { id: "other message".into(), message_sha256: "00".into(), ..ok.clone() },
        Case { id: "opened".into(), expect: Expect::Reject, ..ok.clone() },
        Case { id: "refused".into(), expect: Expect::Ok, ..reject },
        Case { id: "other message key".into(), content_key: Some("00".into()), ..ok.clone() },
        Case { id: "other commitment".into(), commit_key: Some("00".into()), ..ok },
    ];
    let expected: Vec<_> = cases.iter().map(|case| case.id.clone()).collect();
    fs::create_dir(temporary.path().join("msg")).unwrap();
    for (name, message) in &own.messages {
        fs::write(temporary.path().join(name), message).unwrap();
    }
    fs::write(temporary.path().join("vectors.json"), serde_json::to_string(&CaseFile { format: 1, cases }).unwrap()).unwrap();
    fs::write(temporary.path().join("keys.json"), serde_json::to_string(&own.keys).unwrap()).unwrap();
    let report = vectors::run(temporary.path()).unwrap();
    assert_eq!(report.failures.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>(), expected, "{report}");
    assert!(report.to_string().ends_with("\n0 passed, 8 failed"), "{report}");
}

/// Cases, keys and message files.
struct Own {
    cases: CaseFile,
    keys: KeyFile,
    messages: Vec<(String, Vec<u8>)>,
}

impl Own {
    fn add(&mut self, id: &str, keys: Keys, message: Vec<u8>, case: Case) {
        let file = format!("msg/{id}.bin");
        self.cases.cases.push(Case {
            id: id.into(),
            source: "made by waxseal".into(),
            message: file.clone(),
            message_sha256: sha256(&message),
            keys,
            ..case
        });
        self.messages.push((file, message));
    }

    fn opens(&mut self, id: &str, keys: Keys, message: Vec<u8>, plaintext: &[u8], case: Case) {
        let facts = HeaderFacts::of(&Header::read_from(&message).unwrap()).unwrap();
        let expected = Case { plaintext_len: Some(plaintext.len()), plaintext_sha256: Some(sha256(plaintext)), facts, ..case };
        self.add(id, keys, message, expected);
    }

    fn refused(&mut self, id: &str, keys: Keys, message: Vec<u8>, rule: &str, case: Case) {
        self.add(id, keys, message, Case { expect: Expect::Reject, rule: Some(rule.into()), ..case });
    }
}

fn own_vectors() -> Own {
    let mut own = Own { cases: CaseFile { format: 1, cases: Vec::new() }, keys: KeyFile::new(), messages: Vec::new() };
    for (name, len) in [("aes-128", 16u8), ("aes-192", 24), ("aes-256", 32), ("other-256", 32)] {
        let first = if name.starts_with("other") { 100 } else { 0 };
        own.keys.insert(
            name.into(),
            Key { kind: "symmetric".into(), hex: Some(hex::encode((first..first + len).collect::<Vec<u8>>())), ..Key::default() },
        );
    }
    add_messages_that_open(&mut own);
    add_messages_that_are_refused(&mut own);
    own
}

fn add_messages_that_open(own: &mut Own) {
    let none = Case::default;
    for (id, len, frame_length) in [
        ("empty", 0, 4096),
        ("one-byte", 1, 4096),
        ("full-frame", 64, 64),
        ("one-more", 65, 64),
        ("two-full-frames", 128, 64),
        ("tiny-frames", 5, 1),
    ] {
        let plaintext = plaintext(len);
        own.opens(
            id,
            aes("aes-256"),
            make(own, &["aes-256"], frame_length, &[], &plaintext),
            &plaintext,
            Case { sweep: len == 1, ..none() },
        );
    }
    for key in ["aes-128", "aes-192"] {
        own.opens(key, aes(key), make(own, &[key], 4096, &[], b"wrapped"), b"wrapped", none());
    }
    let context = [("ключ", "значение"), ("B", "2"), ("a", "1"), ("\u{10000}", "high"), ("\u{fffd}", "low"), ("empty", "")];
    own.opens("unicode-context", aes("aes-256"), make(own, &["aes-256"], 4096, &context, b"bound"), b"bound", none());
    let all = ["aes-128", "aes-192", "aes-256"];
    let many = make(own, &all, 4096, &[], b"for three");
    for key in all {
        own.opens(&format!("three-keys-{key}"), aes(key), many.clone(), b"for three", none());
    }
    own.opens("as-many-keys-as-allowed", aes("aes-256"), many.clone(), b"for three", Case { max_edks: Some(3), ..none() });
    own.refused("more-keys-than-allowed", aes("aes-256"), many, "H12", Case { max_edks: Some(2), ..none() });
    let any = Keys::Multi { of: vec![aes("other-256"), aes("aes-256")] };
    own.opens("second-keyring", any, make(own, &["aes-256"], 4096, &[], b"second"), b"second", none());
}

fn add_messages_that_are_refused(own: &mut Own) {
    let none = Case::default;
    let plaintext = plaintext(160);
    let good = make(own, &["aes-256"], 64, &[("tenant", "42")], &plaintext);
    let header_len = HeaderFacts::of(&Header::read_from(&good).unwrap()).unwrap().header_len.unwrap();
    let frame_len = 4 + 12 + 64 + 16;
    let frame = |index: usize| good[header_len + index * frame_len..].iter().copied().take(frame_len).collect::<Vec<u8>>();
    let header = good[..header_len].to_vec();
    let last = good[header_len + 2 * frame_len..].to_vec();
    let flipped = |at: usize| {
        let mut message = good.clone();
        message[at] ^= 1;
        message
    };
    let context_value = good.windows(2).position(|window| window == b"42").unwrap();
    let wrapped = good.windows(4).position(|window| window == [0, 0, 0, 12]).unwrap() + 16 + 2;
    for (id, message, rule) in [
        ("commitment-altered", flipped(header_len - 17), "C01"),
        ("header-tag-altered", flipped(header_len - 1), "H19"),
        ("message-id-altered", flipped(3), "H19"),
        ("context-altered", flipped(context_value), "H19"),
        ("data-key-altered", flipped(wrapped), "K02"),
        ("frame-nonce-altered", flipped(header_len + 4), "F10"),
        ("frame-content-altered", flipped(header_len + 16), "F10"),
        ("last-byte-altered", flipped(good.len() - 1), "F10"),
        ("frames-swapped", [header.clone(), frame(1), frame(0), last.clone()].concat(), "F02"),
        ("frame-dropped", [header.clone(), frame(0), last.clone()].concat(), "F02"),
        ("frame-repeated", [header.clone(), frame(0), frame(0), frame(1), last].concat(), "F02"),
        ("last-frame-missing", [header.clone(), frame(0), frame(1)].concat(), "F05"),
        ("no-frames", header, "F05"),
        ("cut-short", good[..good.len() - 1].to_vec(), "F11"),
        ("byte-after", [&good[..], &[0]].concat(), "T01"),
        ("twice", good.repeat(2), "F06"),
    ] {
        own.refused(id, aes("aes-256"), message, rule, none());
    }
    let mut version = good.clone();
    version[0] = 3;
    own.refused("version-3", aes("aes-256"), version, "H01", none());
    own.refused("base64-text", aes("aes-256"), b"AgR4AAECAwQFBgcICQ==".to_vec(), "T03", none());
    own.refused("nothing", aes("aes-256"), Vec::new(), "F11", none());
    let keys = Keys::RawAes { key: "other-256".into(), namespace: "waxseal vectors".into(), name: "aes-256".into() };
    own.refused("other-key-of-that-name", keys, good.clone(), "K01", none());
    own.refused("key-of-other-name", aes("other-256"), good, "K06", none());
}

fn make(own: &Own, keys: &[&str], frame_length: u32, context: &[(&str, &str)], plaintext: &[u8]) -> Vec<u8> {
    let mut keyrings = keys.iter().map(|name| -> Arc<dyn Keyring> {
        let bytes = hex::decode(own.keys[*name].hex.as_ref().unwrap()).unwrap();
        Arc::new(RawAesKeyring::new("waxseal vectors", *name, Zeroizing::new(bytes)).unwrap())
    });
    let keyring = MultiKeyring::new(keyrings.next(), keyrings.collect()).unwrap();
    // Each message has a seed of its own, so that adding one does not change the others.
    let seed = plaintext.len() as u64 * 1000 + u64::from(frame_length) + keys.len() as u64 + 7 * keys[0].len() as u64;
    let env = Env::danger_deterministic(Timestamp::default(), seed);
    let client = Client::new(env, Arc::new(keyring)).with_frame_length(frame_length).unwrap();
    let options = EncryptOptions { encryption_context: context.iter().copied().collect::<EncryptionContext>(), ..Default::default() };
    pollster::block_on(client.encrypt(plaintext, &options, &Observer::none())).unwrap()
}

fn aes(name: &str) -> Keys {
    Keys::RawAes { key: name.into(), namespace: "waxseal vectors".into(), name: name.into() }
}

fn plaintext(len: u8) -> Vec<u8> {
    (0..len).collect()
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}
