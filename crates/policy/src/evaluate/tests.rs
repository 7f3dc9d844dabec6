use waxseal_kms_api::calls::GrantConstraints;

use super::*;
use crate::grant::Grant;
use crate::grant_index::GrantIndex;
use crate::testing::any_world;
use proptest::prelude::*;
use waxseal_base::event::{FindingOutcome, Source};

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const BOB: &str = "arn:aws:iam::111122223333:user/bob";
const EVE: &str = "arn:aws:iam::444455556666:user/eve";
const ROOT: &str = "arn:aws:iam::111122223333:root";

fn allow(sid: &str, principal: &str, action: &str, condition: &str) -> String {
    format!(
        r#"{{"Sid": "{sid}", "Effect": "Allow", "Principal": {{"AWS": "{principal}"}}, "Action": "{action}", "Resource": "*", "Condition": {condition}}}"#
    )
}

fn deny(principal: &str) -> String {
    allow("", principal, "kms:*", "{}").replace("Allow", "Deny")
}

fn policy(statements: &[String]) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "))
}

fn home(effect: &str) -> Document {
    Document::identity_policy(format!(r#"{{"Statement": {{"Effect": "{effect}", "Action": "kms:*", "Resource": "*"}}}}"#))
}

fn decide(caller: &str, action: &str, scope: Scope, key_policy: &str, identity_policies: &[Document], grants: &[Grant]) -> Decision {
    let caller = Caller::parse(caller).unwrap();
    let resource: Arn = KEY.parse().unwrap();
    let request = Request {
        caller: &caller,
        action,
        resource: if scope == Scope::IdentityPolicy { None } else { Some(&resource) },
        scope,
        context: &Context::new(),
        encryption_context: None,
        grant_change: None,
    };
    evaluate(
        &request,
        &Documents {
            key_policy: Some(&Document::key_policy(key_policy)),
            identity_policies,
            grants: grants.into(),
            ..Documents::default()
        },
    )
}

fn decrypt(caller: &str, key_policy: &str, identity_policies: &[Document], grants: &[Grant]) -> Decision {
    decide(caller, "kms:Decrypt", Scope::AnyAccount, key_policy, identity_policies, grants)
}

fn grant_to(grantee: &str) -> Grant {
    Grant {
        id: "g1".into(),
        name: Some("backup".into()),
        grantee: grantee.into(),
        retiring: None,
        operations: vec!["Decrypt".into()],
        constraints: None,
        issuing_account: "111122223333".into(),
    }
}

fn outcomes(decision: &Decision) -> Vec<FindingOutcome> {
    decision.findings.iter().map(|finding| finding.outcome).collect()
}

#[test]
fn an_allow_names_its_statement() {
    let key_policy =
        policy(&[allow("Admins", "arn:aws:iam::111122223333:user/admin", "kms:*", "{}"), allow("Bob may", BOB, "kms:Decrypt", "{}")]);
    let decision = decrypt(BOB, &key_policy, &[], &[]);
    assert_eq!(decision.because, "statement “Bob may” of the key policy allows it");
    assert_eq!(decision.decided_by.as_ref().unwrap().index, 1);
    assert_eq!(outcomes(&decision), [FindingOutcome::DoesNotMatch, FindingOutcome::Allows]);
    assert_eq!(decision.findings[0].elements.iter().map(|element| element.matched).collect::<Vec<_>>(), [false, true, true]);
}

#[test]
fn delegation_needs_both_and_says_so() {
    let key_policy = policy(&[allow("Enable IAM", ROOT, "kms:*", "{}")]);
    let both = decrypt(BOB, &key_policy, &[home("Allow")], &[]);
    assert_eq!(
        both.because,
        "statement “Enable IAM” of the key policy leaves the decision to account 111122223333, and statement 1 of the caller's identity policy allows it"
    );
    assert_eq!(both.decided_by.as_ref().unwrap().source, Source::IdentityPolicy);
    assert_eq!(outcomes(&both), [FindingOutcome::Delegates, FindingOutcome::Allows]);

    let caller = Caller::parse(BOB).unwrap();
    let one = decrypt(BOB, &key_policy, &[], &[]);
    assert_eq!(outcomes(&one), [FindingOutcome::HasNoEffect]);
    assert!(
        one.because.ends_with("leaves the decision to account 111122223333, and no identity policy there allows it"),
        "{}",
        one.because
    );
    assert!(
        one.access_denied_message(&caller, "kms:Decrypt", KEY).ends_with("because no identity-based policy allows the kms:Decrypt action")
    );

    let other = decrypt(BOB, &policy(&[allow("", EVE, "kms:*", "{}")]), &[home("Allow")], &[]);
    assert_eq!(outcomes(&other), [FindingOutcome::DoesNotMatch, FindingOutcome::HasNoEffect]);
    assert!(other.because.contains("counts only if the key's policy leaves the decision"), "{}", other.because);
    assert_eq!(
        other.access_denied_message(&caller, "kms:Decrypt", KEY),
        format!(
            "User: {BOB} is not authorized to perform: kms:Decrypt on resource: {KEY} because no resource-based policy allows the kms:Decrypt action"
        )
    );
}

#[test]
fn a_deny_wins_and_is_named() {
    let caller = Caller::parse(BOB).unwrap();
    let key_policy = policy(&[allow("", BOB, "kms:*", "{}"), deny(BOB)]);
    let decision = decrypt(BOB, &key_policy, &[], &[grant_to(BOB)]);
    assert_eq!(decision.verdict, Verdict::ExplicitDeny);
    assert_eq!(outcomes(&decision), [FindingOutcome::Allows, FindingOutcome::Denies, FindingOutcome::Allows]);
    assert_eq!(decision.because, "an explicit deny: statement 2 of the key policy denies it, and a deny wins over every allow");
    assert!(decision.access_denied_message(&caller, "kms:Decrypt", KEY).ends_with("with an explicit deny in a resource-based policy"));
    let at_home = decrypt(BOB, &policy(&[allow("", BOB, "kms:*", "{}")]), &[home("Allow"), home("Deny")], &[]);
    assert_eq!(at_home.decided_by.as_ref().unwrap().document, 1);
    assert!(at_home.because.contains("statement 1 of the caller's identity policy 2"), "{}", at_home.because);
    assert!(at_home.access_denied_message(&caller, "kms:Decrypt", KEY).ends_with("with an explicit deny in an identity-based policy"));
}

#[test]
fn a_refusal_tells_what_came_closest() {
    let condition = r#"{"StringEquals": {"kms:EncryptionContext:tenant": "42"}}"#;
    let key_policy = policy(&[allow("Eve", EVE, "kms:*", "{}"), allow("Tenant 42", BOB, "kms:Decrypt", condition)]);
    assert_eq!(
        decrypt(BOB, &key_policy, &[], &[]).because,
        "no statement or grant allows kms:Decrypt; closest: statement “Tenant 42” of the key policy, whose Condition does not match (wanted: StringEquals kms:EncryptionContext:tenant = 42; found: the request has no encryption context)"
    );
    let nothing = decide(BOB, "kms:CreateKey", Scope::IdentityPolicy, &key_policy, &[], &[]);
    assert_eq!(nothing.because, "no identity policy allows kms:CreateKey");
    assert!(nothing.findings.is_empty());
}

#[test]
fn limits_take_away_and_their_findings_say_so() {
    let key_policy = Document::key_policy(policy(&[allow("Enable IAM", ROOT, "kms:*", "{}"), allow("Bob", BOB, "kms:Decrypt", "{}")]));
    let (caller, resource, context) = (Caller::parse(BOB).unwrap(), KEY.parse::<Arn>().unwrap(), Context::new());
    let (open, closed) =
        (home("Allow"), Document::identity_policy(r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#));
    let decide = |boundary: &Document, levels: &[Vec<Document>]| {
        let request = Request {
            caller: &caller,
            action: "kms:Decrypt",
            resource: Some(&resource),
            scope: Scope::AnyAccount,
            context: &context,
            encryption_context: None,
            grant_change: None,
        };
        let documents = Documents {
            key_policy: Some(&key_policy),
            identity_policies: &[home("Allow")],
            permissions_boundary: Some(boundary),
            service_control_policies: levels,
            ..Documents::default()
        };
        evaluate(&request, &documents)
    };
    use FindingOutcome::{Allows, Delegates, DoesNotMatch, HasNoEffect, Permits};
    assert_eq!(outcomes(&decide(&open, &[vec![home("Allow")]])), [Delegates, Allows, Allows, Permits, Permits]);
    // The statement that names Bob stays, beyond the boundary.
    let named = decide(&closed, &[]);
    assert_eq!((named.verdict, outcomes(&named)), (Verdict::Allow, vec![HasNoEffect, Allows, HasNoEffect, DoesNotMatch]));
    assert_eq!(named.decided_by.as_ref().map(|id| (id.source, id.index)), Some((Source::KeyPolicy, 1)));
    let outside = decide(&open, &[vec![home("Allow")], vec![closed.clone()]]);
    assert_eq!(outcomes(&outside), [HasNoEffect, HasNoEffect, HasNoEffect, Permits, Permits, DoesNotMatch]);
    assert_eq!((outside.verdict, outside.decided_by), (Verdict::ImplicitDeny, None));
}

#[test]
fn grants_allow_directly_or_by_their_account() {
    let nobody = policy(&[allow("", EVE, "kms:PutKeyPolicy", "{}")]);
    assert_eq!(decrypt(BOB, &nobody, &[], &[grant_to(BOB)]).because, "grant “backup” allows it");
    assert_eq!(decrypt(EVE, &nobody, &[], &[grant_to(EVE)]).verdict, Verdict::Allow);
    assert_eq!(decrypt(EVE, &nobody, &[], &[grant_to("arn:aws:iam::444455556666:root")]).verdict, Verdict::ImplicitDeny);
    let delegated = decrypt(EVE, &nobody, &[home("Allow")], &[grant_to("arn:aws:iam::444455556666:root")]);
    assert_eq!(delegated.verdict, Verdict::Allow);
    assert!(delegated.because.starts_with("grant “backup” leaves the decision to account 444455556666"), "{}", delegated.because);
}

#[test]
fn other_accounts_are_kept_to_their_operations() {
    let key_policy = policy(&[allow("", "*", "kms:*", "{}")]);
    let decision = decide(EVE, "kms:DisableKey", Scope::OwnAccount, &key_policy, &[home("Allow")], &[]);
    assert_eq!(decision.verdict, Verdict::ImplicitDeny);
    assert_eq!(outcomes(&decision), [FindingOutcome::HasNoEffect, FindingOutcome::HasNoEffect]);
    assert!(decision.because.contains("works only for callers of the key's own account 111122223333"), "{}", decision.because);
    assert_eq!(decide(BOB, "kms:DisableKey", Scope::OwnAccount, &key_policy, &[], &[]).verdict, Verdict::Allow);
}

#[test]
fn the_root_user_needs_the_key_policy_but_no_policy_at_home() {
    let nobody = policy(&[allow("", EVE, "kms:*", "{}")]);
    assert_eq!(decrypt(ROOT, &nobody, &[], &[]).verdict, Verdict::ImplicitDeny);
    let keyless = decide(ROOT, "kms:CreateKey", Scope::IdentityPolicy, &nobody, &[], &[]);
    assert_eq!((keyless.verdict, keyless.decided_by), (Verdict::Allow, None));
    let foreign = policy(&[allow("Partner", "444455556666", "kms:*", "{}")]);
    let partner = decrypt("arn:aws:iam::444455556666:root", &foreign, &[], &[]);
    assert_eq!(partner.because, "statement “Partner” of the key policy allows it to account 444455556666, whose root user asks");
}

#[test]
fn an_unreadable_policy_denies_with_its_error() {
    let decision = decrypt(BOB, "{\"Statement\": []}", &[home("Allow")], &[grant_to(BOB)]);
    assert_eq!((decision.verdict, decision.findings.len()), (Verdict::ImplicitDeny, 3));
    assert_eq!(
        decision.because,
        "the key policy can not be read, so nothing is allowed: line 1, column 15, Statement: the policy has no statement"
    );
    let at_home = decrypt(BOB, &policy(&[allow("", BOB, "kms:*", "{}")]), &[Document::identity_policy("?")], &[]);
    assert_eq!(at_home.verdict, Verdict::ImplicitDeny);
    assert!(at_home.because.starts_with("the caller's identity policy can not be read"), "{}", at_home.because);
}

fn any_json() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "Version",
        "2012-10-17",
        "Statement",
        "Effect",
        "Allow",
        "Deny",
        "Principal",
        "NotPrincipal",
        "AWS",
        "*",
        ROOT,
        BOB,
        "Action",
        "kms:*",
        "Resource",
        "Condition",
        "StringLike",
        "IpAddress",
        "DateLessThan",
        "kms:ViaService",
        "${aws:username}",
        "${",
        "1.2.3.4/8",
        "é",
        "",
    ])
    .prop_map(|word| format!("\"{word}\""));
    let leaf = prop_oneof![words.clone(), Just("null".to_owned()), Just("true".to_owned()), Just("-1e9".to_owned())];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec((words.clone(), inner), 0..6).prop_map(|members| format!(
                "{{{}}}",
                members.iter().map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join(", ")
            )),
        ]
    })
}

fn any_statement() -> impl Strategy<Value = String> {
    let effect = prop::sample::select(vec!["Allow", "Deny"]);
    let principal = prop::sample::select(vec!["*", ROOT, BOB, EVE, "444455556666"]);
    let action = prop::sample::select(vec!["*", "kms:Decrypt", "kms:*crypt", "kms:CreateGrant"]);
    let condition = prop::sample::select(vec![
        "{}",
        r#"{"Null": {"kms:ViaService": "true"}}"#,
        r#"{"StringNotEquals": {"kms:ViaService": "x"}}"#,
        r#"{"Bool": {"aws:SecureTransport": true}}"#,
    ]);
    (effect, principal, action, condition)
        .prop_map(|(effect, principal, action, condition)| allow("", principal, action, condition).replace("Allow", effect))
}

#[test]
fn not_principal_spares_nobody_with_a_boundary() {
    let spared = allow("", "x", "kms:*", "{}")
        .replace("Allow", "Deny")
        .replace("Principal\": {\"AWS\": \"x\"}", &format!("NotPrincipal\": {{\"AWS\": [\"{BOB}\", \"{ROOT}\"]}}"));
    let key_policy = Document::key_policy(policy(&[allow("", BOB, "kms:*", "{}"), spared]));
    let (caller, resource, context) = (Caller::parse(BOB).unwrap(), KEY.parse::<Arn>().unwrap(), Context::new());
    let request = Request {
        caller: &caller,
        action: "kms:Decrypt",
        resource: Some(&resource),
        scope: Scope::AnyAccount,
        context: &context,
        encryption_context: None,
        grant_change: None,
    };
    let free = Documents { key_policy: Some(&key_policy), ..Documents::default() };
    assert_eq!(evaluate(&request, &free).verdict, Verdict::Allow);
    let bounded = Documents { permissions_boundary: Some(&home("Allow")), ..free };
    assert_eq!(evaluate(&request, &bounded).verdict, Verdict::ExplicitDeny);
}

#[test]
fn indexed_grants_keep_their_order() {
    let grants: Vec<Grant> = (0..5).map(|id| Grant { id: format!("g{id}"), ..grant_to(if id % 2 == 0 { BOB } else { EVE }) }).collect();
    let index = GrantIndex::new(grants.clone());
    assert_eq!(index.grants(), grants);
    let nobody = policy(&[allow("", EVE, "kms:PutKeyPolicy", "{}")]);
    let listed = decrypt(BOB, &nobody, &[], &grants);
    assert_eq!(listed.findings.len(), 6);
    assert_eq!(listed.decided_by.as_ref().unwrap().grant_id.as_deref(), Some("g0"));
}

#[test]
fn a_grant_that_is_not_seen_yet_counts_for_its_token_only() {
    let nobody = Document::key_policy(policy(&[allow("", EVE, "kms:PutKeyPolicy", "{}")]));
    let grants = vec![Grant { retiring: Some(BOB.into()), ..grant_to(BOB) }];
    let (caller, key) = (Caller::parse(BOB).unwrap(), KEY.parse().unwrap());
    let decide = |action, unseen: &[String]| {
        let request = Request {
            caller: &caller,
            action,
            resource: Some(&key),
            scope: Scope::AnyAccount,
            context: &Context::new(),
            encryption_context: None,
            grant_change: Some(GrantChange::Retires { grant_id: "g1" }),
        };
        let documents = Documents { key_policy: Some(&nobody), grants: (&grants).into(), unseen_grants: unseen, ..Documents::default() };
        evaluate(&request, &documents)
    };
    let unseen = ["g1".to_owned()];
    assert!(decide("kms:Decrypt", &[]).is_allowed() && decide("kms:RetireGrant", &unseen).is_allowed());
    let refused = decide("kms:Decrypt", &unseen);
    assert_eq!(
        refused.because,
        "no statement or grant allows kms:Decrypt; closest: grant “backup”, which is not yet visible: give its grant token"
    );
    assert_eq!(decide("kms:Encrypt", &unseen).because.find("token"), None, "a token would not help");
}

proptest! {
    #[test]
    fn the_verdict_is_the_same_with_and_without_findings_and_index(world in any_world()) {
        for person in &world.people {
            let request = world.request(person);
            let (listed, indexed) = (world.documents(person, world.grants.grants().into()), world.documents(person, (&world.grants).into()));
            let half: Vec<String> = world.grants.grants().iter().step_by(2).map(|grant| grant.id.clone()).collect();
            for unseen_grants in [&[], &half[..]] {
                let (listed, indexed) = (Documents { unseen_grants, ..listed }, Documents { unseen_grants, ..indexed });
                let decision = evaluate(&request, &listed);
                prop_assert_eq!(&decision, &evaluate(&request, &indexed));
                prop_assert_eq!(decision.verdict, verdict(&request, &listed));
                prop_assert_eq!(decision.verdict, verdict(&request, &indexed));
            }
        }
    }

    #[test]
    fn any_json_is_read_or_refused_without_panic(text in any_json()) {
        let decision = decrypt(BOB, &text, &[Document::identity_policy(text.as_str())], &[]);
        prop_assert!(!decision.because.is_empty());
    }

    #[test]
    fn any_text_is_refused_without_panic(text in ".{0,80}") {
        prop_assert!(!decrypt(BOB, &text, &[], &[grant_to(BOB)]).is_allowed());
    }

    #[test]
    fn a_deny_for_the_caller_always_wins(mut statements in prop::collection::vec(any_statement(), 0..5), at in 0..5_usize) {
        statements.insert(at.min(statements.len()), deny(ROOT));
        let decision = decrypt(BOB, &policy(&statements), &[home("Allow")], &[grant_to(BOB)]);
        prop_assert_eq!(decision.verdict, Verdict::ExplicitDeny);
    }

    #[test]
    fn another_allow_never_takes_away(statements in prop::collection::vec(any_statement(), 1..5), more in any_statement(), at_home in any::<bool>(), eve in any::<bool>()) {
        let caller = if eve { EVE } else { BOB };
        let at_home = if at_home { vec![home("Allow")] } else { Vec::new() };
        let before = decrypt(caller, &policy(&statements), &at_home, &[]);
        let extended: Vec<String> = statements.into_iter().chain([more.replace("Deny", "Allow")]).collect();
        let after = decrypt(caller, &policy(&extended), &at_home, &[]);
        prop_assert!(!before.is_allowed() || after.is_allowed());
        prop_assert!(after.verdict != Verdict::ExplicitDeny || before.verdict == Verdict::ExplicitDeny);
        prop_assert_eq!(after.is_allowed(), after.decided_by.is_some() && after.verdict == Verdict::Allow);
    }
}

#[test]
fn findings_stay_small_whatever_the_request_brings_along() {
    let caller = Caller::parse(EVE).unwrap();
    let resource: Arn = KEY.parse().unwrap();
    let pairs: EncryptionContext =
        (0..3000).map(|index| (format!("key {index}"), "v".repeat(9))).chain([("k".into(), "v".repeat(9999))]).collect();
    let mut context: Context = pairs.iter().map(|(key, value)| (format!("kms:EncryptionContext:{key}"), value)).collect();
    context.insert_all("kms:EncryptionContextKeys", pairs.iter().map(|(key, _)| key));
    let condition = |key: &str| format!(r#"{{"StringEquals": {{"{key}": "{}"}}}}"#, "w".repeat(9999));
    let statements = ["kms:EncryptionContext:k", "kms:EncryptionContextKeys"].map(|key| allow("", BOB, "*", &condition(key)));
    let constraints =
        GrantConstraints { encryption_context_subset: Some([("k", "v")].into_iter().collect()), ..GrantConstraints::default() };
    let grants = vec![Grant { constraints: Some(constraints), ..grant_to(BOB) }; 100];
    let request = Request {
        caller: &caller,
        action: "kms:Decrypt",
        resource: Some(&resource),
        scope: Scope::AnyAccount,
        context: &context,
        encryption_context: Some(&pairs),
        grant_change: None,
    };
    let key_policy = Document::key_policy(policy(&statements));
    assert!(key_policy.policy().is_ok());
    let decision = evaluate(&request, &Documents { key_policy: Some(&key_policy), grants: (&grants).into(), ..Documents::default() });
    for element in decision.findings.iter().flat_map(|finding| &finding.elements) {
        assert!(element.wanted.len() < 500 && element.found.len() < 3000, "{} {}", element.wanted.len(), element.found.len());
    }
    let shown: Vec<&str> = decision.findings.iter().flat_map(|finding| &finding.elements).map(|element| element.found.as_str()).collect();
    assert!(shown.iter().any(|found| found.ends_with("and 2995 more")), "{shown:?}");
    assert!(shown.contains(&format!("{}…", "v".repeat(400)).as_str()), "{shown:?}");
}
