//! Small random worlds for tests: a key with policy and grants, and people of two accounts with everything that gives to them and limits them.

use proptest::prelude::*;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::calls::GrantConstraints;
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::operation::Scope;

use crate::{Caller, Context, Document, Documents, Grant, GrantChange, GrantIndex, Grants, Request};

pub(crate) const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
pub(crate) const PEOPLE: [&str; 6] = [
    "arn:aws:iam::111122223333:user/bob",
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:iam::111122223333:root",
    "arn:aws:sts::111122223333:assumed-role/App/s1",
    "arn:aws:sts::111122223333:assumed-role/App/s2",
    "arn:aws:iam::444455556666:user/eve",
];

/// A key, and who there is.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) key: Arn,
    pub(crate) key_policy: Document,
    pub(crate) grants: GrantIndex,
    pub(crate) people: Vec<Person>,
    pub(crate) question: Question,
}

/// A caller with what is attached to it. Sessions of a role have the same, and an account has one organization.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) caller: Caller,
    pub(crate) context: Context,
    attached: Attached,
    organization: Vec<Vec<Document>>,
}

#[derive(Clone, Debug)]
struct Attached {
    identity: Vec<Document>,
    boundary: Option<Document>,
    session: Vec<Document>,
}

/// What all of them ask.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) action: &'static str,
    pub(crate) encryption_context: EncryptionContext,
    operations: Vec<String>,
}

impl World {
    pub(crate) fn request<'a>(&'a self, person: &'a Person) -> Request<'a> {
        let question = &self.question;
        Request {
            caller: &person.caller,
            action: question.action,
            resource: Some(&self.key),
            scope: if question.action == "kms:DisableKey" { Scope::OwnAccount } else { Scope::AnyAccount },
            context: &person.context,
            encryption_context: Some(&question.encryption_context),
            grant_change: match question.action {
                "kms:CreateGrant" => Some(GrantChange::Creates { operations: &question.operations, constraints: None }),
                "kms:RetireGrant" => Some(GrantChange::Retires { grant_id: "g1" }),
                _ => None,
            },
        }
    }

    pub(crate) fn documents<'a>(&'a self, person: &'a Person, grants: Grants<'a>) -> Documents<'a> {
        Documents {
            key_policy: Some(&self.key_policy),
            identity_policies: &person.attached.identity,
            permissions_boundary: person.attached.boundary.as_ref(),
            session_policies: &person.attached.session,
            service_control_policies: &person.organization,
            grants,
            unseen_grants: &[],
        }
    }
}

pub(crate) fn any_world() -> impl Strategy<Value = World> {
    let attached = prop::collection::vec(any_attached(), PEOPLE.len());
    let organizations = prop::collection::vec(any_organization(), 2);
    (any_key_policy(), any_grants(), attached, organizations, any_question()).prop_map(
        |(key_policy, grants, attached, organizations, question)| {
            let person = |(index, text): (usize, &&str)| {
                let caller = Caller::parse(text).unwrap();
                let mut context: Context = [("aws:PrincipalArn", caller.principal_arn())].into_iter().collect();
                for (key, value) in question.encryption_context.iter() {
                    context.insert(format!("kms:EncryptionContext:{key}"), value);
                    context.insert("kms:EncryptionContextKeys", key);
                }
                // The second session has what the first one has, from their role.
                let mut attached: Attached = attached[if index == 4 { 3 } else { index }].clone();
                if caller.is_root() {
                    attached = Attached { identity: Vec::new(), boundary: None, session: Vec::new() };
                }
                if !text.contains("assumed-role") {
                    attached.session = Vec::new();
                }
                let organization = organizations[usize::from(caller.account() != Some("111122223333"))].clone();
                Person { caller, context, attached, organization }
            };
            let people = PEOPLE.iter().enumerate().map(person).collect();
            World { key: KEY.parse().unwrap(), key_policy, grants: GrantIndex::new(grants), people, question }
        },
    )
}

fn any_attached() -> impl Strategy<Value = Attached> {
    let boundary = prop::option::weighted(0.3, any_policy());
    (prop::collection::vec(any_policy(), 0..2), boundary, prop::collection::vec(any_policy(), 0..2))
        .prop_map(|(identity, boundary, session)| Attached { identity, boundary, session })
}

fn any_organization() -> impl Strategy<Value = Vec<Vec<Document>>> {
    prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(prop::collection::vec(any_policy(), 0..3), 1..3)]
}

fn any_key_policy() -> impl Strategy<Value = Document> {
    let principals = [PEOPLE.as_slice(), &["*", "arn:aws:iam::111122223333:role/team/App", "444455556666"]].concat();
    let principal = prop_oneof![
        8 => prop::sample::select(principals).prop_map(|text| format!(r#""Principal": {{"AWS": "{text}"}}"#)),
        1 => Just(r#""NotPrincipal": {"AWS": ["arn:aws:iam::111122223333:user/bob", "111122223333"]}"#.to_owned()),
    ];
    prop_oneof![
        20 => prop::collection::vec((principal, any_rest()), 1..5)
            .prop_map(|statements| {
                let statements = statements.iter().map(|(principal, rest)| {
                    let rest = if principal.starts_with("\"Not") { rest.replace("\"Allow\"", "\"Deny\"") } else { rest.clone() };
                    format!("{{{principal}, {rest}}}")
                });
                Document::key_policy(policy(statements))
            }),
        1 => Just(Document::key_policy("{")),
    ]
}

fn any_policy() -> impl Strategy<Value = Document> {
    prop_oneof![
        20 => prop::collection::vec(any_rest(), 1..3)
            .prop_map(|statements| Document::identity_policy(policy(statements.iter().map(|rest| format!("{{{rest}}}"))))),
        1 => Just(Document::identity_policy("{")),
    ]
}

fn policy(statements: impl Iterator<Item = String>) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.collect::<Vec<_>>().join(", "))
}

/// A statement without its principal; mostly an Allow.
fn any_rest() -> impl Strategy<Value = String> {
    let effect = prop_oneof![5 => Just("Allow"), 1 => Just("Deny")];
    let action = prop::sample::select(vec!["*", "kms:Decrypt", "KMS:d*", "kms:Encrypt", "kms:*Grant"]);
    let resource = prop_oneof![6 => Just("*"), 1 => Just("arn:aws:kms:*:111122223333:key/1234*"), 1 => Just("arn:aws:s3:::x")];
    let condition = prop_oneof![
        4 => Just("{}"),
        1 => Just(r#"{"StringEquals": {"kms:EncryptionContext:tenant": "42"}}"#),
        1 => Just(r#"{"StringEquals": {"kms:EncryptionContext:tenant": ["42", "43"], "kms:EncryptionContext:app": "x"}}"#),
        1 => Just(r#"{"StringNotEquals": {"kms:EncryptionContext:tenant": "42"}}"#),
        1 => Just(r#"{"StringLike": {"aws:PrincipalArn": "*:user/?ob"}}"#),
        1 => Just(r#"{"Null": {"kms:ViaService": "false"}}"#),
    ];
    (effect, action, resource, condition).prop_map(|(effect, action, resource, condition)| {
        format!(r#""Effect": "{effect}", "Action": "{action}", "Resource": "{resource}", "Condition": {condition}"#)
    })
}

fn any_grants() -> impl Strategy<Value = Vec<Grant>> {
    let grantees = [PEOPLE.as_slice(), &["arn:aws:iam::111122223333:role/App", "111122223333", "nobody"]].concat();
    let operations = prop::sample::subsequence(vec!["Decrypt", "Encrypt", "CreateGrant", "RetireGrant"], 1..4);
    let retiring = prop::option::of(prop::sample::select(PEOPLE.to_vec()));
    let constraints = prop::option::of((any_context(), any::<bool>()));
    let grant =
        (prop::sample::select(grantees), operations, retiring, constraints).prop_map(|(grantee, operations, retiring, constraints)| {
            Grant {
                id: String::new(),
                name: None,
                grantee: grantee.into(),
                retiring: retiring.map(Into::into),
                operations: operations.into_iter().map(Into::into).collect(),
                constraints: constraints.map(|(pairs, equals)| match equals {
                    true => GrantConstraints { encryption_context_equals: Some(pairs), ..GrantConstraints::default() },
                    false => GrantConstraints { encryption_context_subset: Some(pairs), ..GrantConstraints::default() },
                }),
                issuing_account: "111122223333".into(),
            }
        });
    prop::collection::vec(grant, 0..4)
        .prop_map(|grants| (0..).zip(grants).map(|(number, grant)| Grant { id: format!("g{number}"), ..grant }).collect())
}

fn any_question() -> impl Strategy<Value = Question> {
    let action = prop_oneof![
        6 => Just("kms:Decrypt"),
        1 => Just("kms:CreateGrant"),
        1 => Just("kms:RetireGrant"),
        1 => Just("kms:DisableKey"),
    ];
    let operations = prop::sample::subsequence(vec!["Decrypt".to_owned(), "Encrypt".to_owned()], 1..3);
    (action, any_context(), operations).prop_map(|(action, encryption_context, operations)| Question {
        action,
        encryption_context: if action == "kms:Decrypt" { encryption_context } else { EncryptionContext::new() },
        operations,
    })
}

fn any_context() -> impl Strategy<Value = EncryptionContext> {
    let pairs = vec![("tenant", "42"), ("app", "x"), ("Other", "1")];
    prop_oneof![
        3 => prop::sample::subsequence(pairs, 0..3).prop_map(|pairs| pairs.into_iter().collect()),
        1 => Just([("tenant", "43")].into_iter().collect()),
    ]
}
