//! The engine: answers a request from the records it is shown, and says what has to be written before the answer may go out. It keeps
//! its root key, and copies of records that it finds again by their stamps.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use waxseal_base::env::Env;
use waxseal_base::event::{Actor, Kind, OperationResult};
use waxseal_base::observer::Observer;
use waxseal_base::secret::scrub_stack;
use waxseal_kms_api::calls::{Request, Response};
use waxseal_kms_api::fault::Fault;
use waxseal_policy::{Caller, Context, Decision, Document};
use zeroize::Zeroizing;

use crate::audit::AuditRecord;
use crate::cache::{Cache, Opened};
use crate::operations::{self, output_len};
use crate::pipeline;
use crate::record::Record;
use crate::refusals::Internal;
use crate::root_key::RootKey;
use crate::store::{Change, Store};

/// A KMS in all regions of a partition: each request is made in one.
pub struct Engine {
    pub(crate) partition: String,
    pub(crate) region: String,
    pub(crate) root_key: RootKey,
    pub(crate) env: Env,
    cache: Cache,
}

/// Which KMS an engine is.
pub struct EngineConfig {
    /// Such as `aws`.
    pub partition: String,
    /// The region of requests that name none, such as `us-east-1`.
    pub region: String,
    /// 32 random bytes. Whoever has them and the records has every key.
    pub root_key: Zeroizing<Vec<u8>>,
}

impl Engine {
    /// An engine over the records that were, or will be, written under this root key.
    pub fn new(config: EngineConfig, env: Env) -> Result<Self, InvalidRootKey> {
        let len = config.root_key.len();
        let root_key = RootKey::new(config.root_key).ok_or(InvalidRootKey { len })?;
        Ok(Self { partition: config.partition, region: config.region, root_key, env, cache: Cache::default() })
    }

    /// Answers a request. Nothing is written: the host commits [`Outcome::changes`] with the audit record, all or nothing, and only then lets
    /// [`Outcome::answer`] go. If a version does not match, it drops the outcome and calls again: the randomness will be fresh.
    ///
    /// Refusals are answers too, so this does not fail.
    pub fn handle(&self, call: &RequestContext, request: &Request, store: &dyn Store, observer: &Observer) -> Outcome {
        let observer = observer.nested().acting_as(Actor::Kms);
        let outcome = pipeline::run(self, call, operations::operate(request), store, observer);
        scrub_stack();
        outcome
    }

    /// What a record holds, with its version: as it was understood before, if it is still the same.
    pub(crate) fn opened<T: Opened>(&self, store: &dyn Store, id: &str) -> Result<Option<(Arc<T>, u64)>, Internal> {
        let Some(stamp) = store.stamp(id)? else { return Ok(None) };
        if let Some(opened) = self.cache.find(id, stamp) {
            return Ok(Some((opened, stamp.version)));
        }
        let Some(record) = store.read(id)? else { return Ok(None) };
        let body = record.open(&self.root_key)?;
        Ok(Some((self.keep::<T>(&record, body), record.version)))
    }

    /// Keeps what is in a record, which was verified or has just been sealed.
    pub(crate) fn keep<T: Opened>(&self, record: &Record, body: T::Body) -> Arc<T> {
        let opened = Arc::new(T::open(body));
        self.cache.keep(record.id.clone(), record.stamp(), &opened, record.len());
        opened
    }

    /// Lets go of what is kept of a record that is to go.
    pub(crate) fn forget(&self, id: &str) {
        self.cache.forget(id);
    }

    /// The region in which a request is made.
    pub(crate) fn region_of<'a>(&'a self, call: &'a RequestContext) -> &'a str {
        call.region.as_deref().unwrap_or(&self.region)
    }

    /// The outcome of a request that could not be committed: a fault that may be tried again, and nothing to write.
    pub(crate) fn give_up(&self, call: &RequestContext, request: &Request, observer: &Observer, reason: &str) -> Outcome {
        let observer = observer.nested().acting_as(Actor::Kms);
        pipeline::abandon(self, call, operations::operate(request), observer, reason)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("partition", &self.partition).field("region", &self.region).finish_non_exhaustive()
    }
}

/// A root key that is not 32 bytes long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidRootKey {
    /// Its length in bytes.
    pub len: usize,
}

impl fmt::Display for InvalidRootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a root key has 32 bytes, this one has {}", self.len)
    }
}

impl std::error::Error for InvalidRootKey {}

/// Who asks and how the request came. The host has verified it.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// Who asks.
    pub caller: Caller,
    /// The access key that it asks with, for the audit.
    pub access_key_id: Option<String>,
    /// The policies that its session was started with, of an identity policy's form: what it may do is also within these. None: not limited.
    pub session_policies: Vec<Document>,
    /// The labels that its session was started with: `aws:PrincipalTag/…`, before those of its user or role.
    pub session_tags: BTreeMap<String, String>,
    /// The region in which it is made; none: the engine's own.
    pub region: Option<String>,
    /// How the caller was known: `in-process` for one that the embedding application vouches for.
    pub scheme: String,
    /// The service that asks on the caller's behalf, such as `s3.us-east-1.amazonaws.com`: `kms:ViaService`.
    pub via_service: Option<String>,
    /// The resource for which that service asks: `aws:SourceArn`.
    pub source_arn: Option<String>,
    /// The network address it came from: `aws:SourceIp`.
    pub source_ip: Option<String>,
    /// Whether nobody on the way could read it: `aws:SecureTransport`.
    pub secure_transport: bool,
    /// What the client calls itself, for the audit.
    pub user_agent: Option<String>,
    /// Further condition keys that only the host can know, such as `aws:SourceVpc`, `aws:MultiFactorAuthPresent` or `aws:TokenIssueTime`. One that
    /// the engine knows itself is left out.
    pub vouched: Context,
    /// Whether somebody will read why it was allowed. Why it was refused is always told.
    pub is_explained: bool,
}

impl RequestContext {
    /// A caller that the embedding application vouches for.
    pub fn in_process(caller: Caller) -> Self {
        Self {
            caller,
            access_key_id: None,
            session_policies: Vec::new(),
            session_tags: BTreeMap::new(),
            region: None,
            scheme: "in-process".into(),
            via_service: None,
            source_arn: None,
            source_ip: None,
            secure_transport: true,
            user_agent: None,
            vouched: Context::new(),
            is_explained: false,
        }
    }
}

/// What the engine makes of a request, or of something that fell due by itself: that has no response, `Outcome<()>`.
#[derive(Debug)]
#[must_use = "the changes have to be committed before the response goes out"]
pub struct Outcome<R = Result<Response, Fault>> {
    /// The answer, for after the commit.
    pub response: R,
    /// Why it was refused, or, if [somebody will read it](RequestContext::is_explained) or listens, allowed; none if it did not come that far.
    pub decision: Option<Decision>,
    /// What has to be written: all of it or nothing.
    pub changes: Vec<Change>,
    /// The line for the audit log; written with the changes.
    pub audit: AuditRecord,
    pub(crate) observer: Observer,
    /// Whether the audit record is written with the changes; not where the store can not be written.
    pub(crate) is_recorded: bool,
}

/// What goes out after the commit.
#[derive(Debug)]
pub struct Answer {
    /// What the caller gets.
    pub response: Result<Response, Fault>,
    /// Why it was refused, or, if [somebody will read it](RequestContext::is_explained) or listens, allowed; for hosts that may show it.
    pub decision: Option<Decision>,
    /// The line of the audit log.
    pub audit: AuditRecord,
}

impl Outcome {
    /// Lets the response go. The host has committed.
    pub fn answer(self) -> Answer {
        let Self { response, decision, audit, observer, is_recorded, .. } = self;
        if is_recorded {
            observer.emit(|_| Kind::AuditRecorded { event_id: audit.event_id.clone() });
        }
        let operation = || audit.event_name.clone();
        observer.emit(|_| Kind::KmsResponseSent { operation: operation(), result: result_of(&response) });
        observer.emit(|_| Kind::OperationFinished { operation: operation(), result: result_of(&response) });
        Answer { response, decision, audit }
    }
}

impl Outcome<()> {
    /// Tells that it is done. The host has committed.
    pub fn finish(self) -> AuditRecord {
        let Self { audit, observer, .. } = self;
        observer.emit(|_| Kind::AuditRecorded { event_id: audit.event_id.clone() });
        let result = OperationResult::Succeeded { output_len: None };
        observer.emit(|_| Kind::OperationFinished { operation: audit.event_name.clone(), result });
        audit
    }
}

fn result_of(response: &Result<Response, Fault>) -> OperationResult {
    match response {
        Ok(response) => OperationResult::Succeeded { output_len: output_len(response) },
        Err(fault) => OperationResult::Failed { code: fault.code.name().into(), message: fault.message.clone().unwrap_or_default() },
    }
}
