//! Policies: every text is a policy or is refused at a place that it has, and a decision is one, with reasons or without.

use std::sync::LazyLock;

use waxseal_base::event::Verdict;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::operation::Scope;
use waxseal_policy::{Ask, Caller, Context, Document, Documents, Grant, GrantIndex, Request, evaluate, explain, verdict, who_can};

/// A text as a key's policy, as an identity policy and as each kind of limit, with a fixed set of requests.
pub fn policy(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let key_policy = Document::key_policy(text);
    let identity_policy = Document::identity_policy(text);
    for document in [&key_policy, &identity_policy] {
        assert_eq!(document.text(), text);
        if let Err(error) = document.policy() {
            assert!(error.line >= 1 && error.column >= 1, "{error}");
            let lines = text.split('\n').count();
            assert!(error.line <= lines, "there is no such line: {error}");
        }
    }
    let is_policy = key_policy.policy().is_ok() || identity_policy.policy().is_ok();
    // Whatever else is in them, texts that are no policy decide alike.
    if !is_policy && text.len() > TINY {
        return;
    }
    for documents in arrangements(&key_policy, &identity_policy) {
        let documents = documents.documents();
        let asks: Vec<Ask<'_>> = FIXED.people.iter().map(|person| Ask { request: FIXED.request(person), documents }).collect();
        let can = who_can(&asks);
        for ask in &asks {
            let decision = evaluate(&ask.request, &documents);
            let indexed = Documents { grants: (&FIXED.index).into(), ..documents };
            assert_eq!(verdict(&ask.request, &documents), decision.verdict, "without reasons: {}", decision.because);
            assert_eq!(verdict(&ask.request, &indexed), decision.verdict, "with grants indexed: {}", decision.because);
            let is_listed = can.iter().any(|holder| holder.principal == ask.request.caller.arn());
            assert_eq!(decision.verdict == Verdict::Allow, is_listed, "who can: {}", decision.because);
            assert!(!decision.because.is_empty());
        }
    }
    if text.len() <= SMALL {
        explain_all(&key_policy, &identity_policy);
    }
}

/// What would help has to help nobody twice, and to be nothing for whom it is allowed.
fn explain_all(key_policy: &Document, identity_policy: &Document) {
    for documents in arrangements(key_policy, identity_policy).into_iter().take(2) {
        let documents = documents.documents();
        let asks: Vec<Ask<'_>> = FIXED.people.iter().map(|person| Ask { request: FIXED.request(person), documents }).collect();
        for (index, ask) in asks.iter().enumerate().take(2) {
            let others: Vec<Ask<'_>> = asks.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, other)| *other).collect();
            let fixes = explain(ask, &others);
            assert!(fixes.is_empty() || verdict(&ask.request, &documents) != Verdict::Allow);
            assert!(fixes.iter().all(|fix| !fix.edits.is_empty()));
        }
    }
}

/// Which of the documents stands where.
struct Arrangement<'a> {
    key_policy: Option<&'a Document>,
    identity: Vec<Document>,
    boundary: Option<&'a Document>,
    session: Vec<Document>,
    organization: Vec<Vec<Document>>,
}

impl Arrangement<'_> {
    fn documents(&self) -> Documents<'_> {
        Documents {
            key_policy: self.key_policy,
            identity_policies: &self.identity,
            permissions_boundary: self.boundary,
            session_policies: &self.session,
            service_control_policies: &self.organization,
            grants: (&FIXED.grants).into(),
            ..Documents::default()
        }
    }
}

fn arrangements<'a>(key_policy: &'a Document, identity_policy: &'a Document) -> [Arrangement<'a>; 3] {
    let nothing = || Arrangement { key_policy: None, identity: Vec::new(), boundary: None, session: Vec::new(), organization: Vec::new() };
    [
        Arrangement { key_policy: Some(key_policy), ..nothing() },
        Arrangement { key_policy: Some(&FIXED.delegating), identity: vec![identity_policy.clone()], ..nothing() },
        Arrangement {
            key_policy: Some(&FIXED.delegating),
            identity: vec![FIXED.everything.clone()],
            boundary: Some(identity_policy),
            session: vec![identity_policy.clone()],
            organization: vec![vec![identity_policy.clone()]],
        },
    ]
}

/// What stays the same, whatever the policy says.
struct Fixed {
    people: Vec<(Caller, Context)>,
    key: Arn,
    encryption_context: EncryptionContext,
    grants: Vec<Grant>,
    index: GrantIndex,
    delegating: Document,
    everything: Document,
}

impl Fixed {
    fn request<'a>(&'a self, (caller, context): &'a (Caller, Context)) -> Request<'a> {
        Request {
            caller,
            action: "kms:Decrypt",
            resource: Some(&self.key),
            scope: Scope::AnyAccount,
            context,
            encryption_context: Some(&self.encryption_context),
            grant_change: None,
        }
    }
}

static FIXED: LazyLock<Fixed> = LazyLock::new(|| {
    let grants = vec![Grant {
        id: "a-grant".into(),
        name: None,
        grantee: "arn:aws:iam::444455556666:role/App".into(),
        retiring: None,
        operations: vec!["Decrypt".into()],
        constraints: None,
        issuing_account: "111122223333".into(),
    }];
    Fixed {
        people: PEOPLE.iter().map(|arn| person(arn)).collect(),
        key: Arn::kms_key("aws", "us-east-1", "111122223333", "1234abcd-12ab-34cd-56ef-1234567890ab"),
        encryption_context: [("tenant", "42"), ("Ünïcode", "*?${}")].into_iter().collect(),
        index: GrantIndex::new(grants.clone()),
        grants,
        delegating: Document::key_policy(
            r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}}"#,
        ),
        everything: Document::identity_policy(r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#),
    }
});

fn person(arn: &str) -> (Caller, Context) {
    let caller = Caller::parse(arn).expect("the people are callers");
    let mut context: Context = [
        ("aws:PrincipalArn", caller.principal_arn().as_str()),
        ("aws:PrincipalAccount", caller.account().unwrap_or_default()),
        ("aws:PrincipalType", caller.principal_type()),
        ("aws:SourceIp", "203.0.113.7"),
        ("aws:SecureTransport", "true"),
        ("aws:CurrentTime", "2026-01-15T12:00:00Z"),
        ("aws:EpochTime", "1768478400"),
        ("kms:CallerAccount", caller.account().unwrap_or_default()),
        ("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT"),
        ("kms:EncryptionContext:tenant", "42"),
        ("kms:EncryptionContext:ünïcode", "*?${}"),
        ("kms:ScheduleKeyDeletionPendingWindowInDays", "7"),
    ]
    .into_iter()
    .collect();
    context.insert_all("kms:EncryptionContextKeys", ["tenant", "Ünïcode"]);
    context.insert_all("aws:username", caller.user_name());
    (caller, context)
}

const PEOPLE: [&str; 5] = [
    "arn:aws:iam::111122223333:user/team/bob",
    "arn:aws:sts::444455556666:assumed-role/App/s1",
    "arn:aws:iam::111122223333:root",
    "arn:aws:sts::111122223333:federated-user/f",
    "logs.us-east-1.amazonaws.com",
];

/// Bytes of a text that is no policy, and is used as one all the same.
const TINY: usize = 40;
/// Bytes of a policy that is small enough for its decisions to be explained many times a second.
const SMALL: usize = 600;
