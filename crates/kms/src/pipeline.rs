//! The one way every request goes: validate → resolve the key → authorize → check the key's state → execute → record. An operation can not
//! leave out a step, for it is only asked for its part of each.

use std::collections::BTreeSet;

use waxseal_base::event::{Kind, NamedBy, Verified};
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::calls::Response;
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Scope;
use waxseal_policy::{self as policy, Decision, Document, Documents};

use crate::account_record::AccountRecord;
use crate::alias_record::{AliasRecord, alias_arn};
use crate::audit::AuditRecord;
use crate::conditions;
use crate::engine::{Engine, Outcome, RequestContext};
use crate::grants::{GrantRecord, grant_of_token, sources_of};
use crate::key_record::KeyRecord;
use crate::managed_key;
use crate::operations::{On, Operate, Permission, Target};
use crate::record::{Body, Record};
use crate::refusals::{dry_run, failed, internal, unknown_grant_token};
use crate::resolve;
use crate::store::{Change, Store, ids_from};
use crate::usage::{self, Note};

/// Takes a request through all steps.
pub(crate) fn run(engine: &Engine, call: &RequestContext, request: &dyn Operate, store: &dyn Store, observer: Observer) -> Outcome {
    announce(call, request, &observer);
    let mut scene = Scene {
        engine,
        call,
        store,
        observer: &observer,
        region: engine.region_of(call),
        now: engine.env.now(),
        key: None,
        other_key: None,
        decision: None,
        changes: Vec::new(),
        notes: Vec::new(),
    };
    let result = scene.walk(request);
    let about = scene.about(request);
    let Scene { now, decision, mut changes, notes, .. } = scene;
    let mut outcome = conclude(engine, call, request, &about, now, result, observer);
    if outcome.response.is_ok() {
        match usage::changes(engine, notes, request.operation(), now, &outcome.audit) {
            Ok(noted) => changes.extend(noted),
            Err(fault) => outcome = conclude(engine, call, request, &about, now, Err(fault), outcome.observer),
        }
    }
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
    /// Where the use of the keys is to be noted.
    notes: Vec<Note>,
}

/// A key, as the request found it.
#[derive(Clone)]
pub(crate) struct LoadedKey {
    pub(crate) record: KeyRecord,
    /// [`UNWRITTEN`] for a key that this request brings about.
    pub(crate) version: u64,
    pub(crate) named_by: NamedBy,
    /// The alias by which the request named it, `alias/…`.
    pub(crate) alias: Option<String>,
}

/// The version of a record that is not written yet.
pub(crate) const UNWRITTEN: u64 = 0;

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
        self.add_managed_keys()?;
        let response = request.act(self)?;
        if usage::is_use(request.operation()) {
            self.notes = usage::find_notes(self, request.operation())?;
        }
        Ok(response)
    }

    /// Makes the AWS managed keys that this request brought about.
    fn add_managed_keys(&mut self) -> Result<(), Fault> {
        let (mut key, mut other_key) = (self.key.take(), self.other_key.take());
        if let Some(key) = key.as_mut().filter(|key| key.version == UNWRITTEN) {
            managed_key::write(self, key)?;
        }
        if let Some(other_key) = other_key.as_mut().filter(|key| key.version == UNWRITTEN) {
            match &key {
                Some(key) if key.record.id == other_key.record.id => *other_key = key.clone(),
                _ => managed_key::write(self, other_key)?,
            }
        }
        (self.key, self.other_key) = (key, other_key);
        Ok(())
    }

    fn resolve(&mut self, request: &dyn Operate) -> Result<(), Fault> {
        self.key = self.find(&request.target())?;
        self.other_key = self.find(&request.other_target())?;
        Ok(())
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
            id.is_some_and(|id| key.record.counting_grants(self.engine, self.now).any(|grant| grant.id == id))
        };
        let is_known = |token: &String| self.keys().any(|key| names_a_grant(key, token));
        if tokens.iter().all(is_known) { Ok(()) } else { Err(unknown_grant_token()) }
    }

    /// The keys that the request is about.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &LoadedKey> {
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
            On::Key | On::OtherKey | On::NewReplica(_) => None,
        }
    }

    fn authorize(&mut self, request: &dyn Operate) -> Result<(), Fault> {
        let mut sources: Option<BTreeSet<_>> = None;
        for permission in request.permissions() {
            if matches!(permission.on, On::OtherKey) && self.other_key.is_none() {
                continue; // there is nothing that it could protect
            }
            let alias = self.alias_of(&permission);
            let scope = match permission.on {
                On::Alias(_) | On::NewReplica(_) => Scope::IdentityPolicy,
                On::Key | On::OtherKey => request.operation().scope(),
            };
            let mut decision = self.decide(request, &permission, scope, None)?;
            // Grants that together give what an operation on two keys needs have to be for the same source.
            let given = self.key_of(&permission).and_then(|key| sources_of(&decision, &key.record));
            if let (Some(earlier), Some(given)) = (&sources, &given)
                && given.is_disjoint(earlier)
            {
                decision = decision.refused("the grants on both keys allow it, but not for the same SourceArn");
            }
            sources = given;
            for finding in &decision.findings {
                self.observer.emit(|_| Kind::StatementEvaluated { finding: finding.clone() });
            }
            self.observer.emit(|_| announcement(&decision, permission.action));
            let resource = alias.or_else(|| self.key_of(&permission).map(|key| key.record.arn()));
            let resource = resource.map_or("*".into(), |arn| arn.to_string());
            let denied = (!decision.is_allowed()).then(|| decision.access_denied_message(&self.call.caller, permission.action, &resource));
            self.decision = Some(decision);
            if let Some(message) = denied {
                return Err(Fault::new(FaultCode::AccessDeniedException, message));
            }
        }
        Ok(())
    }

    fn key_of(&self, permission: &Permission<'_>) -> Option<&LoadedKey> {
        match permission.on {
            On::Key => self.key.as_ref(),
            On::OtherKey => self.other_key.as_ref(),
            On::Alias(_) | On::NewReplica(_) => None,
        }
    }

    /// What the policies say. With `instead`, as if that were the key's policy and the caller's account allowed everything.
    fn decide(
        &self,
        request: &dyn Operate,
        permission: &Permission<'_>,
        scope: Scope,
        instead: Option<(&Arn, &Document)>,
    ) -> Result<Decision, Fault> {
        let found = self.key_of(permission);
        let context = conditions::of(self, found, request, permission);
        let key = found.map(|found| &found.record);
        let counting = key.iter().flat_map(|key| key.counting_grants(self.engine, self.now));
        let grants: Vec<_> = counting.map(GrantRecord::to_policy).collect();
        let unseen = key.map(|key| key.unseen_grants(self.engine, self.now, request.grant_tokens())).unwrap_or_default();
        let own_policy = key.map(|key| Document::key_policy(&key.policy));
        let own_arn = key.map(KeyRecord::arn).or_else(|| self.alias_of(permission));
        let asked = policy::Request {
            caller: &self.call.caller,
            action: permission.action,
            resource: instead.map(|(arn, _)| arn).or(own_arn.as_ref()),
            scope,
            context: &context,
            encryption_context: permission.encryption_context,
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
                unseen_grants: &unseen,
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
        let on = if key_arn.region == self.region { On::Key } else { On::NewReplica(&key_arn.region) };
        let decision = self.decide(request, &Permission::new("kms:PutKeyPolicy", on), Scope::OwnAccount, Some((key_arn, policy)))?;
        Ok(decision.is_allowed())
    }

    /// The key that the request is about.
    pub(crate) fn key(&self) -> Result<&KeyRecord, Fault> {
        self.key.as_ref().map(|key| &key.record).ok_or_else(|| internal("the operation has no key"))
    }

    /// The second key that the request is about.
    pub(crate) fn other_key(&self) -> Result<&KeyRecord, Fault> {
        self.other_key.as_ref().map(|key| &key.record).ok_or_else(|| internal("the operation has no second key"))
    }

    /// Writes the key's record anew; once a request.
    pub(crate) fn replace_key(&mut self, record: &KeyRecord) -> Result<(), Fault> {
        let version = self.key.as_ref().map(|key| key.version).ok_or_else(|| internal("the operation has no key"))?;
        self.write(KeyRecord::record_id(&record.region, &record.id), record, Some(version))
    }

    /// Writes the second key's record anew; it must not be the first key.
    pub(crate) fn replace_other_key(&mut self, record: &KeyRecord) -> Result<(), Fault> {
        let version = self.other_key.as_ref().map(|key| key.version).ok_or_else(|| internal("the operation has no second key"))?;
        self.write(KeyRecord::record_id(&record.region, &record.id), record, Some(version))
    }

    /// Writes the record of a key that was not there.
    pub(crate) fn add_key(&mut self, record: KeyRecord) -> Result<(), Fault> {
        self.write(KeyRecord::record_id(&record.region, &record.id), &record, None)?;
        self.key = Some(LoadedKey { record, version: 1, named_by: NamedBy::Id, alias: None });
        Ok(())
    }

    /// Writes the record of a second key that was not there.
    pub(crate) fn add_other_key(&mut self, record: KeyRecord) -> Result<(), Fault> {
        self.write(KeyRecord::record_id(&record.region, &record.id), &record, None)?;
        self.other_key = Some(LoadedKey { record, version: 1, named_by: NamedBy::Id, alias: None });
        Ok(())
    }

    /// The record of an alias, with its version.
    pub(crate) fn alias(&self, arn: &Arn) -> Result<Option<(AliasRecord, u64)>, Fault> {
        self.read(&AliasRecord::record_id(&arn.account, &arn.region, &arn.resource))
    }

    /// Writes the record of an alias; without a version it must not be there yet.
    pub(crate) fn write_alias(&mut self, arn: &Arn, alias: &AliasRecord, expected_version: Option<u64>) -> Result<(), Fault> {
        self.write(AliasRecord::record_id(&arn.account, &arn.region, &arn.resource), alias, expected_version)
    }

    /// Removes the record of an alias.
    pub(crate) fn delete_alias(&mut self, arn: &Arn) -> Result<(), Fault> {
        let (_, expected_version) = self.alias(arn)?.ok_or_else(|| internal("the alias is gone"))?;
        let id = AliasRecord::record_id(&arn.account, &arn.region, &arn.resource);
        self.changes.push(Change::Delete { id, expected_version });
        Ok(())
    }

    /// Writes a record; without a version it must not be there yet.
    pub(crate) fn write<B: Body>(&mut self, id: String, body: &B, expected_version: Option<u64>) -> Result<(), Fault> {
        // A record that this request has written already is written once, as it is in the end.
        let earlier = self.changes.iter_mut().find_map(|change| match change {
            Change::Put { record, .. } if record.id == id => Some(record),
            _ => None,
        });
        let version = earlier.as_ref().map_or_else(|| expected_version.unwrap_or(0).saturating_add(1), |record| record.version);
        let record = Record::seal(id, version, body, &self.engine.root_key).map_err(failed)?;
        match earlier {
            Some(earlier) => *earlier = record,
            None => self.changes.push(Change::Put { record, expected_version }),
        }
        Ok(())
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

    /// The key of that id.
    pub(crate) fn load(&self, key_id: &str, named_by: NamedBy) -> Result<Option<LoadedKey>, Fault> {
        self.load_in(self.region, key_id, named_by)
    }

    /// The key of that id in another region.
    pub(crate) fn load_in(&self, region: &str, key_id: &str, named_by: NamedBy) -> Result<Option<LoadedKey>, Fault> {
        let found = self.read(&KeyRecord::record_id(region, key_id))?;
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

const ALLOW_EVERYTHING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
