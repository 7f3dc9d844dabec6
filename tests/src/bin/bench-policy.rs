//! How many decisions a second: a key policy of 20 statements and 1,000 grants on the key, without findings and with them.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::operation::Scope;
use waxseal_policy::{Caller, Context, Document, Documents, Grant, GrantIndex, Grants, Request, evaluate, verdict};

fn main() -> Result<()> {
    let key_policy = Document::key_policy(policy());
    let grants: Vec<Grant> = (0..GRANTS).map(grant).collect();
    let index = GrantIndex::new(grants.clone());
    let home = [Document::identity_policy(r#"{"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}"#)];
    let key: Arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab".parse()?;
    let encryption_context: EncryptionContext = [("tenant", "42")].into_iter().collect();

    println!("decisions a second, a policy of {STATEMENTS} statements and {GRANTS} grants on the key:");
    for (what, caller, allowed) in [
        ("allowed by a grant", "arn:aws:sts::111122223333:assumed-role/service-700/s1", true),
        ("allowed by the last statement", "arn:aws:iam::111122223333:user/user-19", true),
        ("denied, for nothing allows", "arn:aws:iam::444455556666:user/eve", false),
    ] {
        let caller = Caller::parse(caller)?;
        let context = context_of(&caller);
        let request = Request {
            caller: &caller,
            action: "kms:Decrypt",
            resource: Some(&key),
            scope: Scope::AnyAccount,
            context: &context,
            encryption_context: Some(&encryption_context),
            grant_change: None,
        };
        let documents = |grants| Documents { key_policy: Some(&key_policy), identity_policies: &home, grants, ..Documents::default() };
        let (indexed, listed) = (documents(Grants::Indexed(&index)), documents(Grants::Listed(&grants)));
        ensure!(evaluate(&request, &indexed).is_allowed() == allowed, "the benchmark decides something else than it says");
        println!("  {what}");
        println!("    {:>12.0}  verdict alone, grants indexed", per_second(|| verdict(black_box(&request), &indexed)));
        println!("    {:>12.0}  verdict alone, grants listed", per_second(|| verdict(black_box(&request), &listed)));
        println!("    {:>12.0}  with all findings", per_second(|| evaluate(black_box(&request), &indexed)));
    }
    Ok(())
}

/// Runs for a second, after a tenth to warm up.
fn per_second<T>(mut decide: impl FnMut() -> T) -> f64 {
    let mut run = |time: Duration| {
        let (start, mut count) = (Instant::now(), 0_u32);
        while start.elapsed() < time {
            // The clock is read rarely, so that it is not what is measured.
            for _ in 0..50 {
                black_box(decide());
            }
            count = count.saturating_add(50);
        }
        f64::from(count) / start.elapsed().as_secs_f64()
    };
    run(Duration::from_millis(100));
    run(Duration::from_secs(1))
}

/// One statement per user, all under a condition, and one that denies.
fn policy() -> String {
    let mut statements: Vec<String> = (1..STATEMENTS)
        .map(|number| {
            format!(
                r#"{{"Sid": "User {number}", "Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::111122223333:user/user-{number}"}},
                "Action": ["kms:Encrypt", "kms:GenerateDataKey*", "kms:Decrypt"], "Resource": "*",
                "Condition": {{"StringEquals": {{"kms:EncryptionContext:tenant": "42"}}}}}}"#
            )
        })
        .collect();
    statements.insert(
        0,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#.into(),
    );
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "))
}

fn grant(number: usize) -> Grant {
    Grant {
        id: format!("grant-{number}"),
        name: None,
        grantee: format!("arn:aws:iam::111122223333:role/service-{number}"),
        retiring: None,
        operations: vec!["Decrypt".into(), "GenerateDataKey".into()],
        constraints: None,
        issuing_account: "111122223333".into(),
    }
}

/// What an engine knows about such a request.
fn context_of(caller: &Caller) -> Context {
    [
        ("aws:PrincipalArn", caller.principal_arn().as_str()),
        ("aws:PrincipalAccount", caller.account().unwrap_or_default()),
        ("aws:PrincipalType", caller.principal_type()),
        ("aws:SourceIp", "203.0.113.7"),
        ("aws:SecureTransport", "true"),
        ("aws:CurrentTime", "2026-01-15T12:00:00Z"),
        ("kms:CallerAccount", caller.account().unwrap_or_default()),
        ("kms:KeySpec", "SYMMETRIC_DEFAULT"),
        ("kms:KeyUsage", "ENCRYPT_DECRYPT"),
        ("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT"),
        ("kms:EncryptionContext:tenant", "42"),
        ("kms:EncryptionContextKeys", "tenant"),
    ]
    .into_iter()
    .collect()
}

const STATEMENTS: usize = 20;
const GRANTS: usize = 1000;
