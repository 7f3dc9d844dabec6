//! The one way every request goes: validate → resolve the key → authorize → check the key's state → execute → record. An operation can not
//! leave out a step, for it is only asked for its part of each.

use std::sync::Arc;

use waxseal_base::event::{Kind, NamedBy, Verified};
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::calls::Response;
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Scope;
use waxseal_policy::{Decision, Document};

use crate::alias_record::{AliasRecord, alias_arn};
use crate::audit::AuditRecord;
use crate::authorization::Question;
use crate::engine::{Engine, Outcome, RequestContext};
use crate::grants::grant_of_token;
use crate::index;
use crate::key_record::{Key, KeyRecord};
use crate::operations::{On, Operate, Permission, Target};
use crate::record::{Body, Record};
use crate::refusals::{dry_run, failed, internal, unknown_grant_token};
use crate::resolve;
use crate::store::{Change, Store, ids_from};

/// Takes a request through all steps.
pub(crate) fn run(engine: &Engine, call: &RequestContext, request: &dyn Operate, store: &dyn Store, observer: Observer) -> Outcome {
    announce(call, request, &observer);
    let mut scene = Scene::new(engine, call, store, &observer);
    let result = scene.walk(request);
    let about = scene.about(request);
    let Scene { now, decision, changes, .. } = scene;
    let outcome = conclude(engine, call, request, &about, now, result, observer);
    // A refusal changes nothing, whatever had been prepared.
    let changes = if outcome.response.is_ok() { changes } else { Vec::new() };
    Outcome { decision, changes, ..outcome }
}

/// Refuses a request whose outcome could not be written.
pub(crate) fn abandon(engine: &Engine, call: &RequestContext, request: &dyn Operate, observer: Observer, reason: &str) -> Outcome {
    announce(call, request, &observer);
    let outcome = conclude(engine, call, request, &[], engine.env.now(), Err(internal(reason)), observer);
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
    about: &[Arn],
    now: Timestamp,
    result: Result<Response, Fault>,
    observer: Observer,
) -> Outcome {
    let (response, audit) = match AuditRecord::of(engine, call, request, about, now, &result) {
        Ok(audit) => (result.map_err(|fault| fault.with_request_id(&audit.request_id)), audit),
        Err(fault) => {
            let refused = Err(fault);
            let audit = AuditRecord::without_ids(engine, call, request, about, now, &refused);
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
    /// The region in which the request is made.
    pub(crate) region: &'a str,
    /// The time at which the request began; the same for all its parts.
    pub(crate) now: Timestamp,
    key: Option<LoadedKey>,
    other_key: Option<LoadedKey>,
    decision: Option<Decision>,
    changes: Vec<Change>,
}

/// A key, as the request found it.
pub(crate) struct LoadedKey {
    pub(crate) record: Arc<Key>,
    pub(crate) version: u64,
    pub(crate) named_by: NamedBy,
    /// The alias by which the request named it, `alias/…`.
    pub(crate) alias: Option<String>,
}

impl<'a> Scene<'a> {
    /// Before anything is known.
    pub(crate) fn new(engine: &'a Engine, call: &'a RequestContext, store: &'a dyn Store, observer: &'a Observer) -> Self {
        Scene {
            engine,
            call,
            store,
            observer,
            region: engine.region_of(call),
            now: engine.env.now(),
            key: None,
            other_key: None,
            decision: None,
            changes: Vec::new(),
        }
    }
}

impl Scene<'_> {
    /// All that comes before the policies are asked.
    pub(crate) fn prepare(&mut self, request: &dyn Operate) -> Result<(), Fault> {
        request.validate()?;
        self.set_key(&request.target())?;
        self.other_key = self.find(&request.other_target())?;
        self.check_grant_tokens(request.grant_tokens())
    }

    /// Makes that key the one which it is about.
    pub(crate) fn set_key(&mut self, target: &Target<'_>) -> Result<(), Fault> {
        self.key = self.find(target)?;
        Ok(())
    }

    fn walk(&mut self, request: &dyn Operate) -> Result<Response, Fault> {
        self.prepare(request)?;
        self.authorize(request)?;
        self.check_state(request)?;
        if request.is_dry_run() {
            request.rehearse(self)?;
            return Err(dry_run());
        }
        request.act(self)
    }

    fn find(&self, target: &Target<'_>) -> Result<Option<LoadedKey>, Fault> {
        let found = resolve::resolve(self, target).inspect_err(|fault| {
            if fault.code == FaultCode::InvalidCiphertextException {
                self.fail_verification(Verified::EncryptedDataKey);
            }
        })?;
        if let Some(LoadedKey { record, named_by, .. }) = &found {
            self.observer.emit(|_| Kind::KeyResolved { named_by: *named_by, key_arn: record.arn().to_string() });
        }
        Ok(found)
    }

    fn check_grant_tokens(&self, tokens: &[String]) -> Result<(), Fault> {
        if self.key.is_none() {
            return Ok(());
        }
        let names_a_grant = |key: &LoadedKey, token: &str| {
            let id = grant_of_token(&self.engine.root_key, &key.record.id, token);
            id.is_some_and(|id| key.record.grants.iter().any(|grant| grant.id == id))
        };
        let is_known = |token: &String| self.keys().any(|key| names_a_grant(key, token));
        if tokens.iter().all(is_known) { Ok(()) } else { Err(unknown_grant_token()) }
    }

    fn keys(&self) -> impl Iterator<Item = &LoadedKey> {
        self.key.iter().chain(&self.other_key)
    }

    /// What the request turned out to be about: keys, each once, and the alias.
    fn about(&self, request: &dyn Operate) -> Vec<Arn> {
        let mut about: Vec<Arn> = self.keys().map(|key| key.record.arn()).collect();
        about.extend(request.permissions().iter().filter_map(|permission| self.alias_of(permission)));
        about.dedup();
        about
    }

    fn alias_of(&self, permission: &Permission<'_>) -> Option<Arn> {
        match permission.on {
            On::Alias(name) => Some(alias_arn(self.engine, self.region, self.call.caller.account().unwrap_or_default(), name)),
            On::Key | On::OtherKey => None,
        }
    }

    fn authorize(&mut self, request: &dyn Operate) -> Result<(), Fault> {
        let is_told = self.observer.is_listening() || self.call.is_explained;
        for permission in request.permissions() {
            let question = self.question(self.call, request, &permission)?;
            // Most requests are allowed, and nobody reads why.
            if !is_told && question.is_allowed() {
                continue;
            }
            let decision = question.decide();
            for finding in &decision.findings {
                self.observer.emit(|_| Kind::StatementEvaluated { finding: finding.clone() });
            }
            self.observer.emit(|_| announcement(&decision, permission.action));
            let message = decision.access_denied_message(&self.call.caller, permission.action, &question.resource());
            let is_allowed = decision.is_allowed();
            self.decision = Some(decision);
            if !is_allowed {
                return Err(Fault::new(FaultCode::AccessDeniedException, message));
            }
        }
        Ok(())
    }

    /// Whether `call` may have one of the permissions that a request needs.
    pub(crate) fn question<'b>(
        &self,
        call: &'b RequestContext,
        request: &'b dyn Operate,
        permission: &Permission<'b>,
    ) -> Result<Question<'b>, Fault> {
        let alias = self.alias_of(permission);
        let scope = if alias.is_some() { Scope::IdentityPolicy } else { request.operation().scope() };
        Question::of(self, call, Some(request), permission, scope, self.key_of(permission), alias)
    }

    pub(crate) fn key_of(&self, permission: &Permission<'_>) -> Option<&LoadedKey> {
        match permission.on {
            On::Key => self.key.as_ref(),
            On::OtherKey => self.other_key.as_ref(),
            On::Alias(_) => None,
        }
    }

    fn check_state(&self, request: &dyn Operate) -> Result<(), Fault> {
        let is_used = |target: Target<'_>| !matches!(target, Target::Alias(_));
        let key = self.key.iter().filter(|_| is_used(request.target()));
        let other_key = self.other_key.iter().filter(|_| is_used(request.other_target()));
        for LoadedKey { record, .. } in key.chain(other_key) {
            let checked = record.state.check(request.operation(), record);
            self.observer.emit(|_| Kind::KeyStateChecked { state: record.state.name().into(), allowed: checked.is_ok() });
            checked.inspect_err(|_| self.fail_verification(Verified::KeyState))?;
        }
        Ok(())
    }

    /// Whether the caller could still replace a policy once it is the key's: directly, or because it leaves that to the caller's account.
    pub(crate) fn could_replace(&self, request: &dyn Operate, key_arn: &Arn, policy: &Document) -> Result<bool, Fault> {
        let permission = Permission::new("kms:PutKeyPolicy", On::Key);
        let key = self.key_of(&permission);
        let question = Question::of(self, self.call, Some(request), &permission, Scope::OwnAccount, key, None)?;
        Ok(question.instead(key_arn, policy).is_allowed())
    }

    /// The key that the request is about.
    pub(crate) fn key(&self) -> Result<&KeyRecord, Fault> {
        self.key.as_ref().map(|key| &**key.record).ok_or_else(|| internal("the operation has no key"))
    }

    /// The second key that the request is about.
    pub(crate) fn other_key(&self) -> Result<&KeyRecord, Fault> {
        self.other_key.as_ref().map(|key| &**key.record).ok_or_else(|| internal("the operation has no second key"))
    }

    /// Writes the key's record anew; once a request.
    pub(crate) fn replace_key(&mut self, record: &KeyRecord) -> Result<(), Fault> {
        let key = self.key.as_ref().ok_or_else(|| internal("the operation has no key"))?;
        let (before, version) = (Arc::clone(&key.record), key.version);
        self.write_key(Some((&before, version)), record).map(|_| ())
    }

    /// Writes the second key's record anew; it must not be the first key.
    pub(crate) fn replace_other_key(&mut self, record: &KeyRecord) -> Result<(), Fault> {
        let key = self.other_key.as_ref().ok_or_else(|| internal("the operation has no second key"))?;
        let (before, version) = (Arc::clone(&key.record), key.version);
        self.write_key(Some((&before, version)), record).map(|_| ())
    }

    /// Writes the record of a key that was not there.
    pub(crate) fn add_key(&mut self, record: KeyRecord) -> Result<(), Fault> {
        let record = self.write_key(None, &record)?;
        self.key = Some(LoadedKey { record, version: 1, named_by: NamedBy::Id, alias: None });
        Ok(())
    }

    /// Writes a key's record and what it is listed under, in place of the record of that version.
    fn write_key(&mut self, before: Option<(&KeyRecord, u64)>, record: &KeyRecord) -> Result<Arc<Key>, Fault> {
        let expected_version = before.map(|(_, version)| version);
        let sealed = self.write(KeyRecord::record_id(&record.region, &record.id), record, expected_version)?;
        self.changes.extend(index::changes(before.map(|(record, _)| record), Some(record)));
        // Whoever comes next finds it by this stamp, if it is committed.
        Ok(self.engine.keep(&sealed, record.clone()))
    }

    /// The record of an alias, with its version.
    pub(crate) fn alias(&self, arn: &Arn) -> Result<Option<(AliasRecord, u64)>, Fault> {
        self.read(&AliasRecord::record_id(&arn.account, &arn.region, &arn.resource))
    }

    /// Writes the record of an alias; without a version it must not be there yet.
    pub(crate) fn write_alias(&mut self, arn: &Arn, alias: &AliasRecord, expected_version: Option<u64>) -> Result<(), Fault> {
        self.write(AliasRecord::record_id(&arn.account, &arn.region, &arn.resource), alias, expected_version).map(|_| ())
    }

    /// Removes the record of an alias.
    pub(crate) fn delete_alias(&mut self, arn: &Arn) -> Result<(), Fault> {
        let (_, expected_version) = self.alias(arn)?.ok_or_else(|| internal("the alias is gone"))?;
        let id = AliasRecord::record_id(&arn.account, &arn.region, &arn.resource);
        self.changes.push(Change::Delete { id, expected_version });
        Ok(())
    }

    fn write<B: Body>(&mut self, id: String, body: &B, expected_version: Option<u64>) -> Result<Record, Fault> {
        let version = expected_version.unwrap_or(0).saturating_add(1);
        let record = Record::seal(id, version, body, &self.engine.root_key).map_err(failed)?;
        self.changes.push(Change::Put { record: record.clone(), expected_version });
        Ok(record)
    }

    /// Tells that the request stops here.
    pub(crate) fn fail_verification(&self, what: Verified) {
        self.observer.emit(|_| Kind::VerificationFailed { what });
    }

    /// The body of a record, with its version.
    pub(crate) fn read<B: Body>(&self, id: &str) -> Result<Option<(B, u64)>, Fault> {
        let Some(stored) = self.store.read(id).map_err(failed)? else { return Ok(None) };
        Ok(Some((stored.open(&self.engine.root_key).map_err(failed)?, stored.version)))
    }

    /// The bodies of the records whose ids begin with `prefix` and are not before `from`, in the order of their ids.
    pub(crate) fn list<'b, B: Body>(&'b self, prefix: &'b str, from: String) -> impl Iterator<Item = Result<B, Fault>> + 'b {
        ids_from(self.store, prefix, from).filter_map(|id| match id.map_err(failed).and_then(|id| self.read(&id)) {
            Ok(found) => found.map(|(body, _)| Ok(body)),
            Err(fault) => Some(Err(fault)),
        })
    }

    /// The keys that are listed under what those entries begin with, from the one of that id on, in the order of their ids.
    pub(crate) fn keys_under<'b>(&'b self, prefix: &'b str, from: &str) -> impl Iterator<Item = Result<KeyRecord, Fault>> + 'b {
        ids_from(self.store, prefix, format!("{prefix}{from}")).filter_map(move |entry| {
            let key = entry
                .map_err(failed)
                .and_then(|entry| self.read(&KeyRecord::record_id(self.region, entry.strip_prefix(prefix).unwrap_or_default())));
            key.map(|found| found.map(|(record, _)| record)).transpose()
        })
    }

    /// The key of that id.
    pub(crate) fn load(&self, key_id: &str, named_by: NamedBy) -> Result<Option<LoadedKey>, Fault> {
        let found = self.engine.opened(self.store, &KeyRecord::record_id(self.region, key_id)).map_err(failed)?;
        Ok(found.map(|(record, version)| LoadedKey { record, version, named_by, alias: None }))
    }
}

fn announcement(decision: &Decision, action: &str) -> Kind {
    let (action, reason, decided_by) = (action.to_owned(), decision.because.clone(), decision.decided_by.clone());
    match decision.is_allowed() {
        true => Kind::Authorized { action, reason, decided_by },
        false => Kind::Denied { action, verdict: decision.verdict, reason, decided_by },
    }
}
