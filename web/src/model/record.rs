//! Runs a lesson for real: the SDK against the engine, in the page, every event written down. Each lesson and each change has its acts;
//! what comes of them is up to the SDK and the engine.

mod changes;

use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use waxseal::message::Header;
use waxseal::{Client, DecryptOptions, EncryptOptions, KmsKeyring, RawAesKeyring};
use waxseal_base::env::Env;
use waxseal_base::event::{Actor, Kind};
use waxseal_base::observer::{Observer, Trace};
use waxseal_kms::LocalKmsClient;
use waxseal_kms_api::calls::GenerateDataKeyRequest;
use waxseal_kms_api::encryption_context::EncryptionContext;
use zeroize::Zeroizing;

use super::act::{Act, ActKind};
use super::change::{Change, Fix};
use super::document::Document;
use super::lesson::Lesson;
use super::people::{Person, Place};
use super::recording::{Holder, Recording, Script, cut};
use super::steps::{GET_OBJECT, PUT_OBJECT};
use super::store::{ObjectStore, operation};
use super::world::World;

/// Runs a script and records it. The text of an error is for the learner; it means a fault of this page.
pub async fn record(script: Script, env: Env) -> Result<Recording, String> {
    let mut run = Run::new(script, env)?;
    run.prepare().await?;
    let holders_before = run.holders().await?;
    run.change().await?;
    let holders = run.holders().await?;
    let key_policy = run.world.key_policy();
    for kind in run.plan() {
        breathe().await;
        run.act(kind).await?;
    }
    run.finish(holders_before, holders, key_policy)
}

/// A run under way.
struct Run {
    script: Script,
    env: Env,
    world: World,
    store: ObjectStore,
    trace: Arc<Trace>,
    observer: Observer,
    acts: Vec<Act>,
    messages: Vec<Option<Rc<[u8]>>>,
    decrypted: Option<Rc<[u8]>>,
    /// What dry runs ask about in a lesson in which nothing is stored yet.
    probe: Vec<u8>,
}

impl Run {
    fn new(script: Script, env: Env) -> Result<Self, String> {
        let trace = Trace::new();
        let observer = Observer::danger_reveal_secrets(&env, trace.clone()).map_err(text)?;
        let world = World::new(&env)?;
        let request = GenerateDataKeyRequest {
            key_id: world.key_arn().into(),
            key_spec: Some("AES_256".into()),
            encryption_context: context(&script.document),
            ..GenerateDataKeyRequest::default()
        };
        let probe = world.asked_by(Person::Dana)?.call(request, &Observer::none()).map_err(text)?.ciphertext_blob.0;
        Ok(Self {
            script,
            env,
            world,
            store: ObjectStore::default(),
            trace,
            observer,
            acts: Vec::new(),
            messages: Vec::new(),
            decrypted: None,
            probe,
        })
    }

    /// What happened before the lesson: unobserved, but for real.
    async fn prepare(&mut self) -> Result<(), String> {
        if self.script.lesson != Lesson::Read {
            return Ok(());
        }
        let kms = self.world.asked_through_store(Person::Bob)?;
        let document = self.script.document.clone();
        let message = self.encrypt(&kms, &document, &Observer::none()).await.map_err(text)?;
        self.store.write(&document.name, message, &Observer::none());
        if self.plan().contains(&ActKind::ClientSide) {
            breathe().await;
            let message = self.encrypt(&self.world.asked_by(Person::Bob)?, &document, &Observer::none()).await.map_err(text)?;
            self.store.write(&sealed_name(&document), message, &Observer::none());
        }
        Ok(())
    }

    /// The acts that the script asks for: a whole lesson, or after a change the one that the change is about.
    fn plan(&self) -> Vec<ActKind> {
        let Script { lesson, change, fixes, .. } = &self.script;
        let whom = fixes.iter().find_map(|fix| match fix {
            Fix::AllowInPolicy(person) | Fix::GiveGrant(person) => Some(*person),
            Fix::RemoveDeny | Fix::EnableKey => None,
        });
        match (lesson, change, whom) {
            (Lesson::Upload, ..) => vec![ActKind::Upload],
            (Lesson::Read, _, Some(Person::Eve)) | (Lesson::Read, Some(Change::StealDiskAsEve), _) => vec![ActKind::Thief],
            (Lesson::Read, _, Some(Person::Alice)) => vec![ActKind::Colleague],
            (Lesson::Read, None, None) => vec![ActKind::Read, ActKind::Thief, ActKind::Colleague, ActKind::ClientSide],
            (Lesson::Read, ..) => vec![ActKind::Read],
        }
    }

    async fn act(&mut self, kind: ActKind) -> Result<(), String> {
        let begin = self.trace.events().len();
        match kind {
            ActKind::Change => {}
            ActKind::Upload => self.upload().await?,
            ActKind::Read => self.read_through_store(Person::Bob).await?,
            ActKind::Colleague => self.read_through_store(Person::Alice).await?,
            ActKind::Thief => self.steal().await?,
            ActKind::ClientSide => self.read_alone().await?,
        }
        self.end_act(kind, begin);
        Ok(())
    }

    fn end_act(&mut self, kind: ActKind, begin: usize) {
        let range = begin..self.trace.events().len();
        if !range.is_empty() {
            let document = &self.script.document;
            let name = if kind == ActKind::ClientSide { sealed_name(document) } else { document.name.clone() };
            self.messages.push(self.store.take(&name).ok());
            self.acts.push(act(kind, range, self.script.change));
        }
    }

    /// The store encrypts for Bob and writes the message. A refusal is in the trace.
    async fn upload(&mut self) -> Result<(), String> {
        let kms = self.world.asked_through_store(Person::Bob)?;
        let document = self.script.document.clone();
        let (observer, len) = (self.observer.clone(), document.len());
        let this = &mut *self;
        let work = async |observer: &Observer| {
            let message = this.encrypt(&kms, &document, &observer.acting_as(Actor::Caller)).await?;
            this.store.write(&document.name, message, observer);
            Ok(())
        };
        let _told = operation(&observer, PUT_OBJECT, Some(len), work, |()| None).await;
        Ok(())
    }

    /// The store reads the message and decrypts it on a person's behalf.
    async fn read_through_store(&mut self, person: Person) -> Result<(), String> {
        let kms = self.world.asked_through_store(person)?;
        let name = self.script.document.name.clone();
        let work = async |observer: &Observer| {
            let message = self.store.read(&name, person, observer).map_err(|reason| waxseal::Error::Internal { reason })?;
            self.decrypt(&kms, &message, &observer.acting_as(Actor::Caller)).await
        };
        let result = operation(&self.observer, GET_OBJECT, None, work, |plaintext| Some(plaintext.len())).await;
        if let (Ok(plaintext), Person::Bob) = (result, person) {
            self.decrypted = Some(plaintext.into());
        }
        Ok(())
    }

    /// Eve has the disk: she tries a key of her own, then asks the KMS.
    async fn steal(&mut self) -> Result<(), String> {
        let name = self.script.document.name.clone();
        let observer = self.observer.nested();
        observer.acting_as(Actor::Store).emit(|_| Kind::OperationStarted { operation: "CopyDisk".into(), input_len: None });
        let message = self.store.steal(&name, &observer)?;
        let own_key = Zeroizing::new(self.env.random_array::<32>().map_err(text)?.to_vec());
        let own_keyring = RawAesKeyring::new("eve", "a key of her own", own_key).map_err(text)?;
        let alone = Client::new(self.env.clone(), Arc::new(own_keyring));
        let _told = alone.decrypt(&message, &DecryptOptions::default(), &observer).await;
        let _told = self.decrypt(&self.world.asked_by(Person::Eve)?, &message, &observer).await;
        Ok(())
    }

    /// Bob's own machine decrypts what the store hands out as it is.
    async fn read_alone(&mut self) -> Result<(), String> {
        let name = sealed_name(&self.script.document);
        let work =
            async |observer: &Observer| self.store.read(&name, Person::Bob, observer).map_err(|reason| waxseal::Error::Internal { reason });
        let message = operation(&self.observer, GET_OBJECT, None, work, |message| Some(message.len())).await.map_err(text)?;
        if let Ok(plaintext) = self.decrypt(&self.world.asked_by(Person::Bob)?, &message, &self.observer).await {
            self.decrypted = Some(plaintext.into());
        }
        Ok(())
    }

    async fn encrypt(&self, kms: &LocalKmsClient, document: &Document, observer: &Observer) -> Result<Vec<u8>, waxseal::Error> {
        let client = self.client(kms)?.with_frame_length(frame_length(document.len()))?;
        client.encrypt(&document.bytes, &EncryptOptions { encryption_context: context(document), ..Default::default() }, observer).await
    }

    /// What a reader gives is nothing but the message: what it is bound to is read from its header.
    async fn decrypt(&self, kms: &LocalKmsClient, message: &[u8], observer: &Observer) -> Result<Vec<u8>, waxseal::Error> {
        let decrypted = self.client(kms)?.decrypt(message, &DecryptOptions::default(), observer).await?;
        Ok(decrypted.plaintext)
    }

    fn client(&self, kms: &LocalKmsClient) -> Result<Client, waxseal::Error> {
        Ok(Client::new(self.env.clone(), Arc::new(KmsKeyring::new(Arc::new(kms.clone()), self.world.key_arn())?)))
    }

    /// Who could decrypt the document as things are.
    async fn holders(&self) -> Result<Vec<Holder>, String> {
        let message = self.store.take(&self.script.document.name).ok();
        let header = message.as_ref().and_then(|message| Header::read_from(message).ok());
        let (envelope, context) =
            match header.and_then(|header| Some((header.encrypted_data_keys.into_iter().next()?, header.encryption_context))) {
                Some((key, context)) => (key.ciphertext, context),
                None => (self.probe.clone(), context(&self.script.document)),
            };
        let mut holders = Vec::new();
        for person in Person::ALL {
            holders.push(self.world.holder(person, &envelope, &context)?);
        }
        if let Some(message) = message
            && self.script.change == Some(Change::FlipCiphertextByte)
            && self.decrypt(&self.world.asked_by(Person::Dana)?, &message, &Observer::none()).await.is_err()
        {
            for holder in holders.iter_mut().filter(|holder| holder.can) {
                (holder.can, holder.reason) = (false, "allowed, but a frame no longer fits its tag".into());
            }
        }
        Ok(holders)
    }

    fn finish(self, holders_before: Vec<Holder>, holders: Vec<Holder>, key_policy: String) -> Result<Recording, String> {
        let events = self.trace.events();
        let event_ids: Vec<&str> = events
            .iter()
            .filter_map(|event| match &event.kind {
                Kind::AuditRecorded { event_id } => Some(event_id.as_str()),
                _ => None,
            })
            .collect();
        let audit = self.world.audit(&event_ids)?;
        let (story, detail) = cut(&events, &self.acts);
        Ok(Recording {
            message: self.store.take(&self.script.document.name).ok(),
            frame_length: frame_length(self.script.document.len()),
            keys: self.world.keys()?,
            script: self.script,
            events,
            acts: self.acts,
            story,
            detail,
            messages: self.messages,
            decrypted: self.decrypted,
            audit,
            key_policy,
            holders_before,
            holders,
        })
    }
}

fn act(kind: ActKind, range: Range<usize>, change: Option<Change>) -> Act {
    let (person, works) = match kind {
        ActKind::Change if change.is_some_and(Change::is_tampering) => (Person::Eve, Place::Person),
        ActKind::Change => (Person::Dana, Place::Person),
        ActKind::Upload | ActKind::Read => (Person::Bob, Place::Store),
        ActKind::Colleague => (Person::Alice, Place::Store),
        ActKind::Thief => (Person::Eve, Place::Person),
        ActKind::ClientSide => (Person::Bob, Place::Person),
    };
    Act { kind, title: kind.title().into(), range, person, works }
}

/// What a document's message is bound to: the object's own name, as S3 does it.
fn context(document: &Document) -> EncryptionContext {
    [(CONTEXT_KEY, document.object_arn())].into_iter().collect()
}

/// The name of the copy that Bob encrypted himself.
fn sealed_name(document: &Document) -> String {
    format!("{}.sealed", document.name)
}

/// Small documents get small frames, so that there are some to see; large ones get large frames, so that there are not too many.
fn frame_length(document_len: usize) -> u32 {
    match document_len {
        0..=0x4000 => 1024,
        0x4001..=0x80_0000 => 4096,
        _ => 65_536,
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Lets the page do what it has to do in between, so that a large document does not freeze it.
#[cfg(target_arch = "wasm32")]
async fn breathe() {
    gloo::timers::future::TimeoutFuture::new(0).await;
}

/// Natively nobody waits for the page.
#[cfg(not(target_arch = "wasm32"))]
async fn breathe() {}

const CONTEXT_KEY: &str = "aws:s3:arn";

#[cfg(test)]
pub(super) mod tests;
