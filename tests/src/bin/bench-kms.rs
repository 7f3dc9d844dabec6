//! How fast an engine in this process answers, by the time that it is on a processor, and in how much memory: GenerateDataKey and Decrypt with a key that has a policy of 20 statements and
//! 1,000 grants, alone and among 100,000 others of 10 grants each, and pages of lists. Exits with an error above 512 MB.
//!
//! `bench-kms [keys]` takes another number of keys.

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use waxseal_base::env::Env;
use waxseal_base::observer::Observer;
use waxseal_kms::{LocalKms, LocalKmsClient, LocalKmsOptions};
use waxseal_kms_api::calls::{
    CreateGrantRequest, CreateKeyRequest, DecryptRequest, GenerateDataKeyRequest, ListKeysRequest, ListRetirableGrantsRequest,
};
use waxseal_policy::Caller;

fn main() -> Result<()> {
    let others = std::env::args().nth(1).map_or(Ok(OTHERS), |text| text.parse()).context("the number of keys")?;
    let kms = LocalKms::new(LocalKmsOptions::default(), Env::system())?;
    let key = heavy_key(&kms.administrator())?;
    println!("a key with a policy of {STATEMENTS} statements and {GRANTS} grants, alone");
    calls(&kms, &key)?;

    let (start, before) = (on_processor()?, resident("VmRSS")?);
    load(&kms.administrator(), others)?;
    println!("{others} other keys of {GRANTS_OF_OTHERS} grants, made in {:.1} s", on_processor()?.saturating_sub(start).as_secs_f64());
    calls(&kms, &key)?;
    lists(&kms.administrator())?;
    let peak = resident("VmHWM")?;
    println!("  {:>12} MB at most, {} MB of them for the other keys", peak / 1024, resident("VmRSS")?.saturating_sub(before) / 1024);
    ensure!(peak <= MAX_KB, "more than {} MB", MAX_KB / 1024);
    Ok(())
}

/// Calls a second, by a caller whom a grant lets in and by one whom the last statement does.
fn calls(kms: &LocalKms, key: &str) -> Result<()> {
    for (what, caller) in [
        ("a grant", "arn:aws:sts::111122223333:assumed-role/service-700/s1"),
        ("the last statement", "arn:aws:iam::111122223333:user/user-19"),
    ] {
        let client = kms.as_caller(Caller::parse(caller)?);
        let quiet = Observer::none();
        let encryption_context = || [("tenant", "42")].into_iter().collect();
        let generate = GenerateDataKeyRequest {
            key_id: key.into(),
            key_spec: Some("AES_256".into()),
            encryption_context: encryption_context(),
            ..Default::default()
        };
        let made = client.call(generate.clone(), &quiet)?;
        let decrypt =
            DecryptRequest { ciphertext_blob: made.ciphertext_blob, encryption_context: encryption_context(), ..Default::default() };
        ensure!(client.call(decrypt.clone(), &quiet)?.plaintext.0 == made.plaintext.0, "it decrypts to something else");
        println!("  allowed by {what}");
        println!("    {:>10.0}  GenerateDataKey a second", per_second(|| client.call(generate.clone(), &quiet))?);
        println!("    {:>10.0}  Decrypt a second", per_second(|| client.call(decrypt.clone(), &quiet))?);
    }
    Ok(())
}

fn lists(administrator: &LocalKmsClient) -> Result<()> {
    let quiet = Observer::none();
    let keys = ListKeysRequest { limit: Some(100), ..Default::default() };
    let retirable = ListRetirableGrantsRequest { retiring_principal: retiring(7), limit: Some(50), ..Default::default() };
    ensure!(!administrator.call(keys.clone(), &quiet)?.keys.is_empty(), "no key is listed");
    ensure!(!administrator.call(retirable.clone(), &quiet)?.grants.is_empty(), "no grant is listed");
    println!("  {:>12.0}  pages of 100 keys a second", per_second(|| administrator.call(keys.clone(), &quiet))?);
    println!("  {:>12.0}  pages of 50 retirable grants a second", per_second(|| administrator.call(retirable.clone(), &quiet))?);
    Ok(())
}

fn heavy_key(administrator: &LocalKmsClient) -> Result<String> {
    let mut statements: Vec<String> = (1..STATEMENTS)
        .map(|number| {
            format!(
                r#"{{"Sid":"User {number}","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111122223333:user/user-{number}"}},"Resource":"*",
                "Action":["kms:Encrypt","kms:GenerateDataKey*","kms:Decrypt"],"Condition":{{"StringEquals":{{"kms:EncryptionContext:tenant":"42"}}}}}}"#
            )
        })
        .collect();
    statements
        .insert(0, r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}"#.into());
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    let key = administrator.call(CreateKeyRequest { policy: Some(policy), ..Default::default() }, &Observer::none())?.key_metadata.arn;
    for number in 0..GRANTS {
        administrator.call(grant(&key, format!("arn:aws:iam::111122223333:role/service-{number}"), None), &Observer::none())?;
    }
    Ok(key)
}

fn load(administrator: &LocalKmsClient, keys: usize) -> Result<()> {
    for number in 0..keys {
        let key = administrator.call(CreateKeyRequest::default(), &Observer::none())?.key_metadata.arn;
        for grantee_number in 0..GRANTS_OF_OTHERS {
            let grantee =
                format!("arn:aws:iam::111122223333:role/service-{}", number.saturating_mul(7).saturating_add(grantee_number) % 5000);
            // Every other grant can be retired by somebody else.
            let retiring = (grantee_number % 2 == 0).then(|| retiring(number % 1000));
            administrator.call(grant(&key, grantee, retiring), &Observer::none())?;
        }
    }
    Ok(())
}

fn grant(key: &str, grantee: String, retiring_principal: Option<String>) -> CreateGrantRequest {
    CreateGrantRequest {
        key_id: key.into(),
        grantee_principal: grantee,
        retiring_principal,
        operations: vec!["Decrypt".into(), "GenerateDataKey".into()],
        ..Default::default()
    }
}

fn retiring(number: usize) -> String {
    format!("arn:aws:iam::111122223333:role/team-{number}")
}

/// Runs for a second of this thread's time, after a tenth to warm up: what else the machine does then counts less.
fn per_second<T>(mut call: impl FnMut() -> T) -> Result<f64> {
    let mut run = |time: Duration| -> Result<f64> {
        let (start, mut count) = (on_processor()?, 0_u32);
        loop {
            // The clock is read rarely, so that it is not what is measured.
            for _ in 0..20 {
                black_box(call());
            }
            count = count.saturating_add(20);
            let passed = on_processor()?.saturating_sub(start);
            if passed >= time {
                return Ok(f64::from(count) / passed.as_secs_f64());
            }
        }
    };
    run(Duration::from_millis(100))?;
    run(Duration::from_secs(1))
}

/// For how long this thread was on a processor.
fn on_processor() -> Result<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").context("this platform does not tell the time of a thread")?;
    let nanoseconds = text.split_whitespace().next().context("/proc/thread-self/schedstat is empty")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}

/// Kilobytes of this process in memory, now (`VmRSS`) or at most so far (`VmHWM`).
fn resident(what: &str) -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").context("this platform does not tell the memory of a process")?;
    let line = status.lines().find_map(|line| line.strip_prefix(what)).context("no such line in /proc/self/status")?;
    line.split_whitespace().find_map(|word| word.parse().ok()).context("no number in /proc/self/status")
}

const STATEMENTS: usize = 20;
const GRANTS: usize = 1000;
const OTHERS: usize = 100_000;
const GRANTS_OF_OTHERS: usize = 10;
const MAX_KB: u64 = 512 * 1024;
