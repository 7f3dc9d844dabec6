//! An embedded KMS: the engine with a store, asked by callers that the application vouches for.

mod accounts;
mod error;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub use error::LocalKmsError;
use waxseal_base::env::Env;
use waxseal_base::observer::Observer;
use waxseal_base::threading::BoxFuture;
use waxseal_base::time::Timestamp;
use waxseal_kms_api::calls::{
    Call, DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest, GenerateDataKeyResponse, Request,
    Response,
};
use waxseal_kms_api::encryption_context::EncryptionContext;
use waxseal_kms_api::fault::Fault;
use waxseal_kms_api::kms::{Kms, KmsError};
use waxseal_policy::{Caller, Context, Decision, Document, Holder};
use zeroize::Zeroizing;

use crate::audit::{AuditFilter, AuditRecord};
use crate::engine::{Answer, Engine, EngineConfig, RequestContext};
use crate::explanation::{About, Explanation};
use crate::ids::is_region;
use crate::record::Record;
use crate::refusals::internal;
use crate::store::{MemoryStore, Store, ids_from};
use crate::view::{self, KeyView};

/// A KMS in this process. Cheap to clone; all clones are one KMS.
#[derive(Clone)]
pub struct LocalKms(Arc<Inner>);

struct Inner {
    engine: Engine,
    store: Arc<dyn Store>,
    administrator: Caller,
}

/// Which KMS to make.
pub struct LocalKmsOptions {
    /// The account of its administrator, 12 digits. Callers of other accounts have keys and policies of their own.
    pub account: String,
    /// The region of calls that name none, such as `us-east-1`.
    pub region: String,
    /// Such as `aws`.
    pub partition: String,
    /// 32 random bytes; drawn if there are none. Records of an older KMS need the root key they were written under.
    pub root_key: Option<Zeroizing<Vec<u8>>>,
}

impl Default for LocalKmsOptions {
    fn default() -> Self {
        Self { account: "111122223333".into(), region: "us-east-1".into(), partition: "aws".into(), root_key: None }
    }
}

impl fmt::Debug for LocalKmsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKmsOptions").field("account", &self.account).field("region", &self.region).finish_non_exhaustive()
    }
}

impl LocalKms {
    /// A KMS in memory, without keys.
    pub fn new(options: LocalKmsOptions, env: Env) -> Result<Self, LocalKmsError> {
        Self::with_store(options, env, Arc::new(MemoryStore::new()))
    }

    /// A KMS over a store, with whatever keys are in it.
    pub fn with_store(options: LocalKmsOptions, env: Env, store: Arc<dyn Store>) -> Result<Self, LocalKmsError> {
        let LocalKmsOptions { account, region, partition, root_key } = options;
        let administrator = Caller::parse(&format!("arn:{partition}:iam::{account}:root"))?;
        if !is_region(&region) {
            return Err(LocalKmsError::Region { region });
        }
        let root_key = match root_key {
            Some(root_key) => root_key,
            None => {
                let mut bytes = Zeroizing::new(vec![0; 32]);
                env.fill(&mut bytes)?;
                bytes
            }
        };
        let engine = Engine::new(EngineConfig { partition, region, root_key }, env)?;
        Ok(Self(Arc::new(Inner { engine, store, administrator })))
    }

    /// The same KMS, asked by that caller.
    pub fn as_caller(&self, caller: Caller) -> LocalKmsClient {
        self.in_context(RequestContext::in_process(caller))
    }

    /// The same KMS, asked as a host has verified it.
    pub fn in_context(&self, call: RequestContext) -> LocalKmsClient {
        LocalKmsClient { kms: self.clone(), call }
    }

    /// The same KMS, asked by the account's root user.
    pub fn administrator(&self) -> LocalKmsClient {
        self.as_caller(self.0.administrator.clone())
    }

    /// Does whatever falls due by that time, in the order of time, and returns the lines of the audit log. Every call does so for the time at
    /// which it is made; this is for whoever does not want to wait for one. With a [`VirtualClock`](waxseal_base::env::VirtualClock), move that
    /// first.
    pub fn advance_to(&self, time: Timestamp, observer: &Observer) -> Result<Vec<AuditRecord>, Fault> {
        self.0.engine.advance_to(time, self.0.store.as_ref(), observer)
    }

    /// The audit log, oldest first, each line once.
    pub fn audit(&self) -> Result<Vec<AuditRecord>, LocalKmsError> {
        self.audit_where(&AuditFilter::default())
    }

    /// Those lines of the audit log, or of an account's, oldest first.
    pub fn audit_where(&self, filter: &AuditFilter) -> Result<Vec<AuditRecord>, LocalKmsError> {
        Ok(filter.of(self.0.store.as_ref())?)
    }

    /// Who of those whom the records name can do that, such as `kms:Decrypt`, with reasons: see [`Engine::who_can`]. A bare key id or alias name is
    /// one of the administrator's account.
    pub fn who_can(&self, action: &str, about: About<'_>, encryption_context: &EncryptionContext) -> Result<Vec<Holder>, Fault> {
        let call = RequestContext::in_process(self.0.administrator.clone());
        self.0.engine.who_can(&call, action, about, encryption_context, self.0.store.as_ref())
    }

    /// What may be shown of every key, oldest first.
    pub fn keys(&self) -> Result<Vec<KeyView>, LocalKmsError> {
        view::keys(&self.0.engine, self.0.store.as_ref())
    }

    /// What may be shown of the key of that id or ARN.
    pub fn key(&self, key_id: &str) -> Result<Option<KeyView>, LocalKmsError> {
        Ok(self.keys()?.into_iter().find(|key| key.id == key_id || key.arn == key_id))
    }

    /// All records as they are at rest: what a thief of the disk gets.
    pub fn records(&self) -> Result<Vec<Record>, LocalKmsError> {
        let store = self.0.store.as_ref();
        let records = ids_from(store, "", String::new()).map(|id| store.read(&id?));
        Ok(records.filter_map(Result::transpose).collect::<Result<_, _>>()?)
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }
}

impl fmt::Debug for LocalKms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKms").field("engine", &self.0.engine).field("administrator", &self.0.administrator).finish_non_exhaustive()
    }
}

/// A local KMS, asked by one caller.
#[derive(Clone, Debug)]
pub struct LocalKmsClient {
    kms: LocalKms,
    call: RequestContext,
}

impl LocalKmsClient {
    /// The same caller, for whom that AWS service asks, such as `s3.us-east-1.amazonaws.com`: `kms:ViaService`.
    #[must_use]
    pub fn via(mut self, service: &str) -> Self {
        self.call.via_service = Some(service.into());
        self
    }

    /// The same caller, in another region of this KMS.
    pub fn in_region(mut self, region: &str) -> Result<Self, LocalKmsError> {
        if !is_region(region) {
            return Err(LocalKmsError::Region { region: region.into() });
        }
        self.call.region = Some(region.into());
        Ok(self)
    }

    /// The same caller, from that network address: `aws:SourceIp`.
    #[must_use]
    pub fn from_address(mut self, source_ip: &str) -> Self {
        self.call.source_ip = Some(source_ip.into());
        self
    }

    /// The same caller, for whom a service asks on behalf of that resource: `aws:SourceArn`.
    #[must_use]
    pub fn for_resource(mut self, source_arn: &str) -> Self {
        self.call.source_arn = Some(source_arn.into());
        self
    }

    /// The same caller, in a session that was started with these labels and these policies, within which it has to stay: `aws:PrincipalTag/…`.
    #[must_use]
    pub fn in_session(mut self, tags: BTreeMap<String, String>, policies: Vec<Document>) -> Self {
        (self.call.session_tags, self.call.session_policies) = (tags, policies);
        self
    }

    /// The same caller, about whose request the application says this: condition keys such as `aws:MultiFactorAuthPresent`.
    #[must_use]
    pub fn vouched(mut self, known: Context) -> Self {
        self.call.vouched = known;
        self
    }

    /// Who asks.
    pub fn caller(&self) -> &Caller {
        &self.call.caller
    }

    /// The KMS that is asked.
    pub fn kms(&self) -> &LocalKms {
        &self.kms
    }

    /// Asks.
    pub fn call<C: Call>(&self, request: C, observer: &Observer) -> Result<C::Response, Fault> {
        self.answer(&request.into(), observer).response.and_then(expect::<C>)
    }

    /// Asks, and is told why: the decision, none if the request did not come that far, and the line of the audit log. What a caller of a real
    /// KMS is not told.
    pub fn call_explained<C: Call>(&self, request: C, observer: &Observer) -> (Result<C::Response, Fault>, Option<Decision>, AuditRecord) {
        let inner = &self.kms.0;
        let call = RequestContext { is_explained: true, ..self.call.clone() };
        let Answer { response, decision, audit } = inner.engine.serve(&call, &request.into(), inner.store.as_ref(), observer);
        (response.and_then(expect::<C>), decision, audit)
    }

    /// What would be decided about a request, and what would help, without making it: see [`Engine::explain`].
    pub fn explain(&self, request: &Request) -> Result<Explanation, Fault> {
        let inner = &self.kms.0;
        inner.engine.explain(&self.call, request, inner.store.as_ref())
    }

    /// Asks with a request of any operation.
    pub fn answer(&self, request: &Request, observer: &Observer) -> Answer {
        let inner = &self.kms.0;
        inner.engine.serve(&self.call, request, inner.store.as_ref(), observer)
    }
}

fn expect<C: Call>(response: Response) -> Result<C::Response, Fault> {
    response.try_into().map_err(|_| internal(format!("the answer to {} is one of another operation", C::OPERATION)))
}

impl Kms for LocalKmsClient {
    fn generate_data_key<'a>(
        &'a self,
        request: GenerateDataKeyRequest,
        observer: &'a Observer,
    ) -> BoxFuture<'a, Result<GenerateDataKeyResponse, KmsError>> {
        Box::pin(async move { Ok(self.call(request, observer)?) })
    }

    fn encrypt<'a>(&'a self, request: EncryptRequest, observer: &'a Observer) -> BoxFuture<'a, Result<EncryptResponse, KmsError>> {
        Box::pin(async move { Ok(self.call(request, observer)?) })
    }

    fn decrypt<'a>(&'a self, request: DecryptRequest, observer: &'a Observer) -> BoxFuture<'a, Result<DecryptResponse, KmsError>> {
        Box::pin(async move { Ok(self.call(request, observer)?) })
    }
}
