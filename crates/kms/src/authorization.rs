//! One permission that a request needs, with everything that decides about it.

use std::sync::{Arc, LazyLock};

use waxseal_base::event::Verdict;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::Scope;
use waxseal_policy::{self as policy, Ask, Context, Decision, Document, Documents, Grant, GrantChange, Grants, Request};

use crate::account_record::{Account, AccountRecord, Principal};
use crate::conditions;
use crate::engine::{Engine, RequestContext};
use crate::key_record::Key;
use crate::operations::{Operate, Permission};
use crate::refusals::failed;
use crate::scene::{LoadedKey, Scene};
use crate::store::Store;

/// May this caller do that?
pub(crate) struct Question<'a> {
    call: &'a RequestContext,
    action: &'a str,
    scope: Scope,
    /// The key, or the alias that only identity policies decide about.
    resource: Option<Arn>,
    context: Context,
    encryption_context: Option<&'a EncryptionContext>,
    grant_change: Option<GrantChange<'a>>,
    key_policy: Option<Document>,
    /// Whose grants count.
    key: Option<Arc<Key>>,
    /// Those grants of the key that count, where not all do.
    counting_grants: Option<Vec<Grant>>,
    /// Ids of grants that are too new to be seen everywhere.
    unseen_grants: Vec<String>,
    home: Home,
    session_policies: &'a [Document],
}

/// What decides about a caller in its own account.
#[derive(Clone, Default)]
pub(crate) struct Home {
    pub(crate) account: Option<Arc<Account>>,
    pub(crate) principal: Option<Arc<Principal>>,
}

impl Home {
    /// What is attached to a caller, and to its account.
    pub(crate) fn of(engine: &Engine, store: &dyn Store, call: &RequestContext) -> Result<Self, Fault> {
        let Some(account) = call.caller.account() else { return Ok(Self::default()) };
        let account = account_of(engine, store, account)?;
        let principal = account.as_ref().and_then(|account| account.principal(&call.caller)).map(Arc::clone);
        Ok(Self { account, principal })
    }
}

/// The account of that id, if anything is known about it.
pub(crate) fn account_of(engine: &Engine, store: &dyn Store, account: &str) -> Result<Option<Arc<Account>>, Fault> {
    let found = engine.opened(store, &AccountRecord::record_id(account)).map_err(failed)?;
    Ok(found.map(|(account, _)| account))
}

impl<'a> Question<'a> {
    /// Whether `call` may have that permission for the key, or for the alias that is given instead. Without a request, for any that needs it.
    pub(crate) fn of(
        scene: &Scene<'_>,
        call: &'a RequestContext,
        request: Option<&'a dyn Operate>,
        permission: &Permission<'a>,
        scope: Scope,
        key: Option<&LoadedKey>,
        alias: Option<Arn>,
    ) -> Result<Self, Fault> {
        let home = Home::of(scene.engine, scene.store, call)?;
        let mut context = conditions::of(scene, call, &home, key, permission)?;
        if let Some(request) = request {
            request.add_conditions(scene, &mut context);
        }
        conditions::add_vouched(&mut context, call);
        let record = key.map(|key| &key.record);
        let tokens = request.map_or(&[][..], |request| request.grant_tokens());
        Ok(Self {
            call,
            action: permission.action,
            scope,
            resource: key.map(|key| key.record.arn()).or(alias),
            context,
            encryption_context: permission.encryption_context,
            grant_change: request.and_then(|request| request.grant_change()),
            key_policy: key.map(|key| key.record.policy().clone()),
            key: record.map(Arc::clone),
            counting_grants: record.and_then(|record| record.counting_if_not_all(scene.engine, scene.now)),
            unseen_grants: record.map(|record| record.unseen_grants(scene.engine, scene.now, tokens)).unwrap_or_default(),
            home,
            session_policies: &call.session_policies,
        })
    }

    /// The same, as if that were the policy of that key, and the caller's account allowed everything and limited nothing.
    pub(crate) fn instead(self, key: &Arn, policy: &Document) -> Self {
        let home = Home { account: None, principal: Some(Arc::clone(&ALLOWED_EVERYTHING)) };
        Self {
            resource: Some(key.clone()),
            key_policy: Some(policy.clone()),
            key: None,
            counting_grants: None,
            home,
            session_policies: &[],
            ..self
        }
    }

    /// As the policy language has it.
    pub(crate) fn ask(&self) -> Ask<'_> {
        let Home { account, principal } = &self.home;
        Ask {
            request: Request {
                caller: &self.call.caller,
                action: self.action,
                resource: self.resource.as_ref(),
                scope: self.scope,
                context: &self.context,
                encryption_context: self.encryption_context,
                grant_change: self.grant_change,
            },
            documents: Documents {
                key_policy: self.key_policy.as_ref(),
                identity_policies: principal.as_ref().map_or(&[], |principal| &principal.policies),
                permissions_boundary: principal.as_ref().and_then(|principal| principal.boundary.as_ref()),
                session_policies: self.session_policies,
                service_control_policies: account.as_ref().map_or(&[], |account| &account.service_control_policies),
                grants: match (&self.counting_grants, &self.key) {
                    (Some(counting), _) => counting.into(),
                    (None, Some(key)) => key.grants().into(),
                    (None, None) => Grants::default(),
                },
                unseen_grants: &self.unseen_grants,
            },
        }
    }

    /// Whether it is allowed.
    pub(crate) fn is_allowed(&self) -> bool {
        let Ask { request, documents } = self.ask();
        policy::verdict(&request, &documents) == Verdict::Allow
    }

    /// Whether it is allowed, and why.
    pub(crate) fn decide(&self) -> Decision {
        let Ask { request, documents } = self.ask();
        policy::evaluate(&request, &documents)
    }

    /// What it is about, as a refusal names it.
    pub(crate) fn resource(&self) -> String {
        self.resource.as_ref().map_or("*".into(), ToString::to_string)
    }
}

static ALLOWED_EVERYTHING: LazyLock<Arc<Principal>> = LazyLock::new(|| {
    let everything = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    Arc::new(Principal { policies: vec![Document::identity_policy(everything)], ..Principal::default() })
});
