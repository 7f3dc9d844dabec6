//! The one way every request goes: validate → resolve the key → authorize → check the key's state → execute → record. An operation can not
//! leave out a step, for it is only asked for its part of each.

use std::collections::BTreeSet;

use waxseal_base::event::{Kind, Verified};
use waxseal_base::observer::Observer;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::calls::Response;
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Scope;
use waxseal_policy::{Decision, Document};

use crate::alias_record::alias_arn;
use crate::audit::AuditRecord;
use crate::authorization::Question;
use crate::engine::{Engine, Outcome, RequestContext};
use crate::grants::{grant_of_token, sources_of};
use crate::last_usage;
use crate::managed_key;
use crate::operations::{On, Operate, Permission, Target};
use crate::refusals::{dry_run, internal, unknown_grant_token};
use crate::resolve;
use crate::scene::{LoadedKey, Scene, UNWRITTEN};
use crate::store::Store;
use crate::usage;

/// Takes a request through all steps.
pub(crate) fn run(engine: &Engine, call: &RequestContext, request: &dyn Operate, store: &dyn Store, observer: Observer) -> Outcome {
    announce(call, request, &observer);
    let mut scene = Scene::new(engine, call, store, &observer);
    let result = scene.walk(request);
    let about = scene.about(request);
    let Scene { now, decision, mut changes, notes, .. } = scene;
    let mut outcome = conclude(engine, call, request, &about, now, result, observer);
    if outcome.response.is_ok() {
        match last_usage::changes(engine, notes, request.operation(), now, &outcome.audit) {
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
        self.add_managed_keys()?;
        let response = request.act(self)?;
        if last_usage::is_use(request.operation()) {
            self.notes = last_usage::find_notes(self, request.operation())?;
        }
        Ok(response)
    }

    /// Makes the AWS managed keys that this request brought about.
    fn add_managed_keys(&mut self) -> Result<(), Fault> {
        if let Some(key) = self.key.take_if(|key| key.version == UNWRITTEN) {
            self.key = Some(managed_key::write(self, key)?);
        }
        if let Some(other_key) = self.other_key.take_if(|key| key.version == UNWRITTEN) {
            let is_same = |key: &&LoadedKey| key.record.id == other_key.record.id;
            self.other_key = match self.key.as_ref().filter(is_same) {
                Some(key) => Some(key.clone()),
                None => Some(managed_key::write(self, other_key)?),
            };
        }
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
        let permissions = request.permissions();
        let is_told = self.observer.is_listening() || self.call.is_explained;
        // What gave the permissions on two keys has to fit together.
        let is_read = is_told || permissions.iter().any(|permission| matches!(permission.on, On::OtherKey));
        let mut sources: Option<BTreeSet<_>> = None;
        for permission in permissions {
            if matches!(permission.on, On::OtherKey) && self.other_key.is_none() {
                continue; // there is nothing that it could protect
            }
            let question = self.question(self.call, request, &permission)?;
            // Most requests are allowed, and nobody reads why.
            if !is_read && question.is_allowed() {
                continue;
            }
            let mut decision = question.decide();
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
        let scope = match permission.on {
            On::Alias(_) | On::NewReplica(_) => Scope::IdentityPolicy,
            On::Key | On::OtherKey => request.operation().scope(),
        };
        Question::of(self, call, Some(request), permission, scope, self.key_of(permission), alias)
    }

    pub(crate) fn key_of(&self, permission: &Permission<'_>) -> Option<&LoadedKey> {
        match permission.on {
            On::Key => self.key.as_ref(),
            On::OtherKey => self.other_key.as_ref(),
            On::Alias(_) | On::NewReplica(_) => None,
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
            usage::check(request.operation(), record)?;
        }
        Ok(())
    }

    /// Whether the caller could still replace a policy once it is the key's: directly, or because it leaves that to the caller's account.
    pub(crate) fn could_replace(&self, request: &dyn Operate, key_arn: &Arn, policy: &Document) -> Result<bool, Fault> {
        let on = if key_arn.region == self.region { On::Key } else { On::NewReplica(&key_arn.region) };
        let permission = Permission::new("kms:PutKeyPolicy", on);
        let key = self.key_of(&permission);
        let question = Question::of(self, self.call, Some(request), &permission, Scope::OwnAccount, key, None)?;
        Ok(question.instead(key_arn, policy).is_allowed())
    }
}

fn announcement(decision: &Decision, action: &str) -> Kind {
    let (action, reason, decided_by) = (action.to_owned(), decision.because.clone(), decision.decided_by.clone());
    match decision.is_allowed() {
        true => Kind::Authorized { action, reason, decided_by },
        false => Kind::Denied { action, verdict: decision.verdict, reason, decided_by },
    }
}
