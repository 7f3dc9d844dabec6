//! The one way every request goes: validate → resolve the key → authorize → check the key's state → execute → record. An operation can not
//! leave out a step, for it is only asked for its part of each.

use waxseal_base::event::{Kind, NamedBy, Verified};
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::calls::Response;
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Scope;
use waxseal_policy::{self as policy, Decision, Document, Documents};

use crate::account_record::AccountRecord;
use crate::audit::AuditRecord;
use crate::conditions;
use crate::engine::{Engine, Outcome, RequestContext};
use crate::grants::grant_of_token;
use crate::key_record::KeyRecord;
use crate::operations::{Operate, Target};
use crate::record::Record;
use crate::refusals::{dry_run, failed, internal};
use crate::resolve;
use crate::store::{Change, Store};

/// Takes a request through all steps.
pub(crate) fn run(engine: &Engine, call: &RequestContext, request: &dyn Operate, store: &dyn Store, observer: Observer) -> Outcome {
    announce(call, request, &observer);
    let mut scene =
        Scene { engine, call, store, observer: &observer, now: engine.env.now(), key: None, decision: None, changes: Vec::new() };
    let result = scene.walk(request);
    let key = scene.key.as_ref().map(|key| key.record.arn());
    let Scene { now, decision, changes, .. } = scene;
    let outcome = conclude(engine, call, request, key.as_ref(), now, result, observer);
    // A refusal changes nothing, whatever had been prepared.
    let changes = if outcome.response.is_ok() { changes } else { Vec::new() };
    Outcome { decision, changes, ..outcome }
}

/// Refuses a request whose outcome could not be written.
pub(crate) fn abandon(engine: &Engine, call: &RequestContext, request: &dyn Operate, observer: Observer, reason: &str) -> Outcome {
    announce(call, request, &observer);
    let outcome = conclude(engine, call, request, None, engine.env.now(), Err(internal(reason)), observer);
    Outcome { is_recorded: false, ..outcome }
}

fn announce(call: &RequestContext, request: &dyn Operate, observer: &Observer) {
    observer.emit(|_| Kind::OperationStarted { operation: request.operation().name().into(), input_len: request.input_len() });
    observer.emit(|_| Kind::RequestVerified {
        principal: call.caller.arn().into(),
        via_service: call.via_service.clone(),
        scheme: call.scheme.clone(),
    });
}

/// Writes the audit record. A call that can not be recorded is refused.
fn conclude(
    engine: &Engine,
    call: &RequestContext,
    request: &dyn Operate,
    key: Option<&Arn>,
    now: Timestamp,
    result: Result<Response, Fault>,
    observer: Observer,
) -> Outcome {
    let (response, audit) = match AuditRecord::of(engine, call, request, key, now, &result) {
        Ok(audit) => (result.map_err(|fault| fault.with_request_id(&audit.request_id)), audit),
        Err(fault) => {
            let refused = Err(fault);
            let audit = AuditRecord::without_ids(engine, call, request, key, now, &refused);
            (refused, audit)
        }
    };
    Outcome { response, decision: None, changes: Vec::new(), audit, observer, is_recorded: true }
}

/// What an operation can see and do while it executes.
pub(crate) struct Scene<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) call: &'a RequestContext,
    pub(crate) store: &'a dyn Store,
    pub(crate) observer: &'a Observer,
    /// The time at which the request began; the same for all its parts.
    pub(crate) now: Timestamp,
    key: Option<LoadedKey>,
    decision: Option<Decision>,
    changes: Vec<Change>,
}

struct LoadedKey {
    record: KeyRecord,
    version: u64,
}

impl Scene<'_> {
    fn walk(&mut self, request: &dyn Operate) -> Result<Response, Fault> {
        request.validate()?;
        self.resolve(request)?;
        self.check_grant_tokens(request.grant_tokens())?;
        self.authorize(request)?;
        self.check_state(request)?;
        if request.is_dry_run() {
            request.rehearse(self)?;
            return Err(dry_run());
        }
        request.act(self)
    }

    fn resolve(&mut self, request: &dyn Operate) -> Result<(), Fault> {
        let found = match request.target() {
            Target::NoKey => return Ok(()),
            Target::Key(key_id) => resolve::by_name(self, key_id),
            Target::Ciphertext(blob) => resolve::by_ciphertext(self, blob),
        };
        let (record, version, named_by) = found.inspect_err(|fault| {
            if fault.code == FaultCode::InvalidCiphertextException {
                self.fail_verification(Verified::EncryptedDataKey);
            }
        })?;
        self.observer.emit(|_| Kind::KeyResolved { named_by, key_arn: record.arn().to_string() });
        self.key = Some(LoadedKey { record, version });
        Ok(())
    }

    fn check_grant_tokens(&self, tokens: &[String]) -> Result<(), Fault> {
        let Some(LoadedKey { record, .. }) = &self.key else { return Ok(()) };
        let is_known = |token: &String| {
            let id = grant_of_token(&self.engine.root_key, &record.id, token);
            id.is_some_and(|id| record.grants.iter().any(|grant| grant.id == id))
        };
        match tokens.iter().all(is_known) {
            true => Ok(()),
            false => Err(Fault::new(FaultCode::InvalidGrantTokenException, "The grant token is not one of a grant on this key.")),
        }
    }

    fn authorize(&mut self, request: &dyn Operate) -> Result<(), Fault> {
        let operation = request.operation();
        for action in std::iter::once(operation.action()).chain(request.further_actions().iter().copied()) {
            let decision = self.decide(request, action, operation.scope(), None)?;
            for finding in &decision.findings {
                self.observer.emit(|_| Kind::StatementEvaluated { finding: finding.clone() });
            }
            self.observer.emit(|_| announcement(&decision, action));
            let resource = self.key.as_ref().map_or("*".into(), |key| key.record.arn().to_string());
            let denied = (!decision.is_allowed()).then(|| decision.access_denied_message(&self.call.caller, action, &resource));
            self.decision = Some(decision);
            if let Some(message) = denied {
                return Err(Fault::new(FaultCode::AccessDeniedException, message));
            }
        }
        Ok(())
    }

    /// What the policies say. With `instead`, as if that were the key's policy and the caller's account allowed everything.
    fn decide(&self, request: &dyn Operate, action: &str, scope: Scope, instead: Option<(&Arn, &Document)>) -> Result<Decision, Fault> {
        let key = self.key.as_ref().map(|key| &key.record);
        let context = conditions::of(self, key, request);
        let grants: Vec<_> = key.iter().flat_map(|key| &key.grants).map(|grant| grant.to_policy()).collect();
        let own_policy = key.map(|key| Document::key_policy(&key.policy));
        let own_arn = key.map(KeyRecord::arn);
        let asked = policy::Request {
            caller: &self.call.caller,
            action,
            resource: instead.map(|(arn, _)| arn).or(own_arn.as_ref()),
            scope,
            context: &context,
            encryption_context: request.encryption_context(),
            grant_change: request.grant_change(),
        };
        let identity_policies = match instead {
            None => self.identity_policies()?,
            Some(_) => vec![Document::identity_policy(ALLOW_EVERYTHING)],
        };
        let documents = match instead {
            None => Documents {
                key_policy: own_policy.as_ref(),
                identity_policies: &identity_policies,
                grants: (&grants).into(),
                ..Documents::default()
            },
            Some((_, policy)) => Documents { key_policy: Some(policy), identity_policies: &identity_policies, ..Documents::default() },
        };
        Ok(policy::evaluate(&asked, &documents))
    }

    fn identity_policies(&self) -> Result<Vec<Document>, Fault> {
        let Some(account) = self.call.caller.account() else { return Ok(Vec::new()) };
        let stored = self.store.read(&AccountRecord::record_id(account)).map_err(failed)?;
        let record: Option<AccountRecord> = stored.map(|record| record.open(&self.engine.root_key)).transpose().map_err(failed)?;
        Ok(record.map(|record| record.policies_of(&self.call.caller)).unwrap_or_default())
    }

    fn check_state(&self, request: &dyn Operate) -> Result<(), Fault> {
        let Some(LoadedKey { record, .. }) = &self.key else { return Ok(()) };
        let checked = record.state.check(request.operation(), record);
        self.observer.emit(|_| Kind::KeyStateChecked { state: record.state.name().into(), allowed: checked.is_ok() });
        checked.inspect_err(|_| self.fail_verification(Verified::KeyState))
    }

    /// Whether the caller could still replace a policy once it is the key's: directly, or because it leaves that to the caller's account.
    pub(crate) fn could_replace(&self, request: &dyn Operate, key_arn: &Arn, policy: &Document) -> Result<bool, Fault> {
        let decision = self.decide(request, "kms:PutKeyPolicy", Scope::OwnAccount, Some((key_arn, policy)))?;
        Ok(decision.is_allowed())
    }

    /// The key that the request is about.
    pub(crate) fn key(&self) -> Result<&KeyRecord, Fault> {
        self.key.as_ref().map(|key| &key.record).ok_or_else(|| internal("the operation has no key"))
    }

    /// Writes the key's record anew.
    pub(crate) fn replace_key(&mut self, record: &KeyRecord) -> Result<(), Fault> {
        let version = self.key.as_ref().map(|key| key.version).ok_or_else(|| internal("the operation has no key"))?;
        self.write_key(record, Some(version))
    }

    /// Writes the record of a key that was not there.
    pub(crate) fn add_key(&mut self, record: KeyRecord) -> Result<(), Fault> {
        self.write_key(&record, None)?;
        self.key = Some(LoadedKey { record, version: 1 });
        Ok(())
    }

    fn write_key(&mut self, record: &KeyRecord, expected_version: Option<u64>) -> Result<(), Fault> {
        let version = expected_version.unwrap_or(0).saturating_add(1);
        let sealed = Record::seal(KeyRecord::record_id(&record.id), version, record, &self.engine.root_key).map_err(failed)?;
        self.changes.push(Change::Put { record: sealed, expected_version });
        Ok(())
    }

    /// Tells that the request stops here.
    pub(crate) fn fail_verification(&self, what: Verified) {
        self.observer.emit(|_| Kind::VerificationFailed { what });
    }

    /// The key's record of that id with its version.
    pub(crate) fn load(&self, key_id: &str, named_by: NamedBy) -> Result<Option<(KeyRecord, u64, NamedBy)>, Fault> {
        let Some(stored) = self.store.read(&KeyRecord::record_id(key_id)).map_err(failed)? else { return Ok(None) };
        let record = stored.open(&self.engine.root_key).map_err(failed)?;
        Ok(Some((record, stored.version, named_by)))
    }
}

fn announcement(decision: &Decision, action: &str) -> Kind {
    let (action, reason, decided_by) = (action.to_owned(), decision.because.clone(), decision.decided_by.clone());
    match decision.is_allowed() {
        true => Kind::Authorized { action, reason, decided_by },
        false => Kind::Denied { action, verdict: decision.verdict, reason, decided_by },
    }
}

const ALLOW_EVERYTHING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
