//! An engine that has seen everything before, and that nobody listens to, decides as one that sees it for the first time and explains
//! it; and who can is whoever is let in.

use std::sync::Arc;

use proptest::prelude::*;
use waxseal_base::observer::{Observer, Trace};
use waxseal_kms::{About, LocalKms, MemoryStore};
use waxseal_kms_api::calls::{
    CreateGrantRequest, CreateKeyRequest, GrantConstraints, ListGrantsRequest, PutKeyPolicyRequest, RevokeGrantRequest,
};
use waxseal_kms_api::fault::Fault;
use waxseal_policy::{Caller, Document};

use crate::support::{encrypt, env, kms_over};

/// One step of the world's history.
#[derive(Clone, Debug)]
enum Step {
    KeyPolicy(Vec<usize>),
    IdentityPolicy(usize, Option<usize>),
    Boundary(usize, Option<usize>),
    Organization(Vec<Vec<usize>>),
    Grant(usize, bool),
    Revoke,
    Ask { who: usize, session: Option<usize> },
}

const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/App/s1";
const ROLE: &str = "arn:aws:iam::111122223333:role/App";
const WHO: [&str; 4] =
    ["arn:aws:iam::111122223333:user/bob", SESSION, "arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:user/eve"];
const KEY_STATEMENTS: [&str; 6] = [
    r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}"#,
    r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/bob"},"Action":"kms:Encrypt","Resource":"*"}"#,
    r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/App"},"Action":"kms:Enc*","Resource":"*"}"#,
    r#"{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"kms:Encrypt","Resource":"*"}"#,
    r#"{"Effect":"Deny","Principal":"*","Action":"kms:Encrypt","Resource":"*","Condition":{"StringEquals":{"kms:EncryptionContext:tenant":"43"}}}"#,
    r#"{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:user/bob"},"Action":"kms:Encrypt","Resource":"*"}"#,
];
const IDENTITY_STATEMENTS: [&str; 4] = [
    r#"{"Effect":"Allow","Action":"kms:*","Resource":"*"}"#,
    r#"{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}"#,
    r#"{"Effect":"Deny","Action":"kms:Encrypt","Resource":"*"}"#,
    r#"{"Effect":"Allow","Action":"kms:Encrypt","Resource":"*","Condition":{"StringEquals":{"kms:EncryptionContext:tenant":"42"}}}"#,
];

fn step() -> impl Strategy<Value = Step> {
    let statement = || 0..IDENTITY_STATEMENTS.len();
    let levels = prop::collection::vec(prop::collection::vec(statement(), 1..3), 0..3);
    prop_oneof![
        1 => prop::collection::vec(0..KEY_STATEMENTS.len(), 1..5).prop_map(Step::KeyPolicy),
        2 => (0..WHO.len(), prop::option::of(statement())).prop_map(|(who, policy)| Step::IdentityPolicy(who, policy)),
        1 => (0..WHO.len(), prop::option::of(statement())).prop_map(|(who, policy)| Step::Boundary(who, policy)),
        1 => levels.prop_map(Step::Organization),
        2 => (0..WHO.len(), any::<bool>()).prop_map(|(who, fits)| Step::Grant(who, fits)),
        1 => Just(Step::Revoke),
        6 => (0..WHO.len(), prop::option::of(statement())).prop_map(|(who, session)| Step::Ask { who, session }),
    ]
}

fn policy(statements: impl IntoIterator<Item = &'static str>) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.into_iter().collect::<Vec<_>>().join(","))
}

struct World {
    store: Arc<MemoryStore>,
    seasoned: LocalKms,
    key: String,
}

impl World {
    fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let seasoned = kms_over(store.clone(), 1);
        let key = seasoned.administrator().call(CreateKeyRequest::default(), &Observer::none()).unwrap().key_metadata.arn;
        Self { store, seasoned, key }
    }

    fn ask(&self, kms: &LocalKms, who: usize, session: Option<usize>, observer: &Observer) -> Result<(), Fault> {
        let policies = session.map(|statement| Document::identity_policy(policy([IDENTITY_STATEMENTS[statement]])));
        let client = kms.as_caller(Caller::parse(WHO[who]).unwrap()).in_session([].into(), policies.into_iter().collect());
        client.call(encrypt(&self.key, b"x"), observer).map(|_| ()).map_err(|fault| Fault { request_id: None, ..fault })
    }

    /// Who can, of those who ask here.
    fn holders(&self) -> Vec<&'static str> {
        let context = [("tenant", "42")].into_iter().collect();
        let found = self.seasoned.who_can("kms:Encrypt", About::Key(&self.key), &context).unwrap();
        let is_one = |who: &&str| found.iter().any(|holder| holder.principal == *who || holder.principal == who.replace(SESSION, ROLE));
        WHO.into_iter().filter(|who| is_one(who)).collect()
    }

    /// Who is let in when asking.
    fn allowed(&self) -> Vec<&'static str> {
        let asks = |(who, _): &(usize, &str)| self.ask(&self.seasoned, *who, None, &Observer::none()).is_ok();
        WHO.into_iter().enumerate().filter(asks).map(|(_, arn)| arn).collect()
    }

    fn change(&self, step: &Step) {
        let (kms, quiet) = (&self.seasoned, Observer::none());
        let identity = |statement: &usize| policy([IDENTITY_STATEMENTS[*statement]]);
        // The changes are about what others may do: whether they come through is not asked.
        match step {
            Step::KeyPolicy(statements) => {
                let policy = policy(statements.iter().map(|&statement| KEY_STATEMENTS[statement]));
                let bypass_policy_lockout_safety_check = Some(true);
                let key_id = self.key.clone();
                let request = PutKeyPolicyRequest { key_id, policy, bypass_policy_lockout_safety_check, ..Default::default() };
                let _ = kms.administrator().call(request, &quiet);
            }
            Step::IdentityPolicy(who, Some(statement)) => kms.put_identity_policy(WHO[*who], "p", &identity(statement)).unwrap(),
            Step::IdentityPolicy(who, None) => drop(kms.delete_identity_policy(WHO[*who], "p").unwrap()),
            Step::Boundary(who, Some(statement)) => kms.put_permissions_boundary(WHO[*who], &identity(statement)).unwrap(),
            Step::Boundary(who, None) => drop(kms.delete_permissions_boundary(WHO[*who]).unwrap()),
            Step::Organization(levels) => {
                let levels: Vec<Vec<String>> = levels.iter().map(|level| level.iter().map(identity).collect()).collect();
                kms.put_service_control_policies("111122223333", &levels).unwrap();
            }
            Step::Grant(who, fits) => {
                let tenant = if *fits { "42" } else { "43" };
                let pairs = [("tenant", tenant)].into_iter().collect();
                let constraints = GrantConstraints { encryption_context_subset: Some(pairs), ..GrantConstraints::default() };
                let _ = kms.administrator().call(
                    CreateGrantRequest {
                        key_id: self.key.clone(),
                        grantee_principal: WHO[*who].into(),
                        operations: vec!["Encrypt".into()],
                        constraints: Some(constraints),
                        ..Default::default()
                    },
                    &quiet,
                );
            }
            Step::Revoke => {
                let listed = kms.administrator().call(ListGrantsRequest { key_id: self.key.clone(), ..Default::default() }, &quiet);
                if let Some(grant) = listed.ok().and_then(|listed| listed.grants.into_iter().next()) {
                    let request = RevokeGrantRequest { key_id: self.key.clone(), grant_id: grant.grant_id, ..Default::default() };
                    let _ = kms.administrator().call(request, &quiet);
                }
            }
            Step::Ask { .. } => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_seasoned_quiet_engine_decides_as_a_fresh_observed_one(steps in prop::collection::vec(step(), 1..24)) {
        let world = World::new();
        for step in &steps {
            world.change(step);
            let Step::Ask { who, session } = step else { continue };
            let (fresh, observer) = (kms_over(world.store.clone(), 2), Observer::new(&env(9), Trace::new()).unwrap());
            let quietly = world.ask(&world.seasoned, *who, *session, &Observer::none());
            prop_assert_eq!(&quietly, &world.ask(&fresh, *who, *session, &observer));
            prop_assert_eq!(&quietly, &world.ask(&world.seasoned, *who, *session, &observer));
            prop_assert_eq!(world.holders(), world.allowed());
        }
    }
}
