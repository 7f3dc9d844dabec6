//! Asking about requests instead of making them: what would help one that is refused, and who can do something. Nothing is done, and nothing
//! recorded.

use waxseal_base::observer::Observer;
use waxseal_kms_api::calls::Request;
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::operation::{Operation, Scope};
use waxseal_policy::{self as policy, Ask, Caller, Decision, Fix, Holder};

use crate::authorization::Question;
use crate::engine::{Engine, RequestContext};
use crate::known_callers::{KnownCallers, known_callers};
use crate::operations::{On, Permission, Target, operate};
use crate::refusals::internal;
use crate::scene::Scene;
use crate::store::Store;
use crate::validation::invalid;

/// What would be decided about a request, and what would help.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The decision about the first permission that is refused, or about the last one if all are given.
    pub decision: Decision,
    /// For a refusal: the smallest changes that would allow it, those with the fewest parts first, each with those that it would let in besides. One
    /// request can need several permissions; the others may still be refused.
    pub fixes: Vec<Fix>,
}

/// What [`Engine::who_can`] asks about.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    /// The key of that id, ARN, alias name or alias ARN.
    Key(&'a str),
    /// The key that made this ciphertext.
    Ciphertext(&'a [u8]),
}

impl Engine {
    /// What would be decided about a request, and what would help. The fault is that of a request which is refused before anything is decided, for
    /// instance because there is no such key.
    pub fn explain(&self, call: &RequestContext, request: &Request, store: &dyn Store) -> Result<Explanation, Fault> {
        let (observer, operation) = (Observer::none(), operate(request));
        let mut scene = Scene::new(self, call, store, &observer);
        scene.prepare(operation)?;
        let mut allowed = None;
        for permission in operation.permissions() {
            let question = scene.question(call, operation, &permission)?;
            let decision = question.decide();
            if decision.is_allowed() {
                allowed = Some(Explanation { decision, fixes: Vec::new() });
                continue;
            }
            let known = known_callers(self, store, scene.key_of(&permission).map(|key| &*key.record))?;
            let calls = calls_of(call, &known);
            let questions = calls.iter().map(|call| scene.question(call, operation, &permission)).collect::<Result<Vec<_>, _>>()?;
            let others: Vec<Ask<'_>> = questions.iter().map(Question::ask).collect();
            let mut fixes = policy::explain(&question.ask(), &others);
            for fix in &mut fixes {
                fix.also_allows = fix.also_allows.drain(..).map(|arn| name_of(&known, arn)).collect();
            }
            return Ok(Explanation { decision, fixes });
        }
        allowed.ok_or_else(|| internal("the operation needs no permission"))
    }

    /// Who of those whom the records name can do that, such as `kms:Decrypt`, with that encryption context, if the request came as `call` did; with
    /// reasons, in the order of their names. A role stands for its sessions. Conditions on anything else that a request says, such as
    /// `kms:GrantOperations`, are taken as if it did not say that.
    pub fn who_can(
        &self,
        call: &RequestContext,
        action: &str,
        about: About<'_>,
        encryption_context: &EncryptionContext,
        store: &dyn Store,
    ) -> Result<Vec<Holder>, Fault> {
        let (action, scope) = action_of(action)?;
        let observer = Observer::none();
        let mut scene = Scene::new(self, call, store, &observer);
        if scope != Scope::IdentityPolicy {
            scene.set_key(&match about {
                About::Key(name) => Target::KeyOrAlias(name),
                About::Ciphertext(blob) => Target::Ciphertext(blob),
            })?;
        }
        let (encryption_context, condition_context) = (Some(encryption_context), Some(encryption_context));
        let permission = Permission { encryption_context, condition_context, ..Permission::new(action, On::Key) };
        let key = scene.key_of(&permission);
        let known = known_callers(self, store, key.map(|key| &*key.record))?;
        let calls = calls_of(call, &known);
        let questions = calls.iter().map(|call| Question::of(&scene, call, None, &permission, scope, key, None));
        let questions = questions.collect::<Result<Vec<_>, _>>()?;
        let asks: Vec<Ask<'_>> = questions.iter().map(Question::ask).collect();
        let holders = policy::who_can(&asks).into_iter();
        Ok(holders.map(|holder| Holder { principal: name_of(&known, holder.principal), ..holder }).collect())
    }
}

/// The same request, made by everybody in turn, outside of any session of the first caller's.
fn calls_of(call: &RequestContext, known: &KnownCallers) -> Vec<RequestContext> {
    let by = |caller: &Caller| {
        let RequestContext { region, via_service, source_arn, source_ip, vouched, .. } = call.clone();
        let user_agent = call.user_agent.clone();
        let secure_transport = call.secure_transport;
        let own = RequestContext::in_process(caller.clone());
        RequestContext { region, via_service, source_arn, source_ip, secure_transport, user_agent, vouched, ..own }
    };
    known.values().map(by).collect()
}

fn name_of(known: &KnownCallers, arn: String) -> String {
    known.iter().find(|(_, caller)| caller.arn() == arn).map_or(arn, |(name, _)| name.clone())
}

/// A permission by its name, with or without `kms:`, and whose policies decide about it.
fn action_of(text: &str) -> Result<(&'static str, Scope), Fault> {
    let wanted = text.strip_prefix("kms:").unwrap_or(text);
    let of_operations = Operation::ALL.iter().filter(|operation| **operation != Operation::ReEncrypt);
    let actions = of_operations.map(|operation| (operation.action(), operation.scope()));
    let of_re_encrypt = ["kms:ReEncryptFrom", "kms:ReEncryptTo"].map(|action| (action, Operation::ReEncrypt.scope()));
    let found = actions.chain(of_re_encrypt).find(|(action, _)| action.strip_prefix("kms:") == Some(wanted));
    found.ok_or_else(|| invalid(format!("`{text}` is not a permission; the form is kms:Decrypt")))
}
