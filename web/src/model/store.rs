//! The object store of the page. It really keeps the messages it is given, and says in the trace what it does. It keeps them in waxseal's
//! format, which is the AWS Encryption SDK's.

use std::collections::BTreeMap;
use std::rc::Rc;

use waxseal::message::Header;
use waxseal_base::event::{Actor, Kind, OperationResult, StoredPart};
use waxseal_base::observer::Observer;

use super::people::Person;

/// A bucket of messages by name.
#[derive(Debug, Default)]
pub(super) struct ObjectStore {
    objects: BTreeMap<String, Rc<[u8]>>,
}

impl ObjectStore {
    /// Writes a message to the disk.
    pub(super) fn write(&mut self, name: &str, message: Vec<u8>, observer: &Observer) {
        let parts = parts(&message);
        self.objects.insert(name.into(), message.into());
        observer.acting_as(Actor::Store).emit(|_| Kind::MessageStored { name: name.into(), parts });
    }

    /// Reads a message from the disk for a person: the bucket's own permission, apart from any key.
    pub(super) fn read(&self, name: &str, person: Person, observer: &Observer) -> Result<Rc<[u8]>, String> {
        if !READERS.contains(&person) {
            return Err(format!("{} may not read the bucket", person.name()));
        }
        let message = self.take(name)?;
        let parts = parts(&message);
        observer.acting_as(Actor::Store).emit(|_| Kind::MessageLoaded { name: name.into(), parts });
        Ok(message)
    }

    /// Reads the disk past the bucket's permissions, as somebody does who carries it away.
    pub(super) fn steal(&self, name: &str, observer: &Observer) -> Result<Rc<[u8]>, String> {
        let message = self.take(name)?;
        let parts = parts(&message);
        observer.acting_as(Actor::Store).emit(|_| Kind::MessageLoaded { name: name.into(), parts });
        Ok(message)
    }

    /// What lies under a name.
    pub(super) fn take(&self, name: &str) -> Result<Rc<[u8]>, String> {
        self.objects.get(name).cloned().ok_or_else(|| format!("there is no object `{name}`"))
    }
}

/// Tells the beginning and the end of an operation of the store, and returns what was done in between.
pub(super) async fn operation<T>(
    observer: &Observer,
    name: &str,
    input_len: Option<usize>,
    work: impl AsyncFnOnce(&Observer) -> Result<T, waxseal::Error>,
    output_len: impl FnOnce(&T) -> Option<usize>,
) -> Result<T, waxseal::Error> {
    let observer = observer.nested().acting_as(Actor::Store);
    observer.emit(|_| Kind::OperationStarted { operation: name.into(), input_len });
    let result = work(&observer).await;
    observer.emit(|_| Kind::OperationFinished {
        operation: name.into(),
        result: match &result {
            Ok(done) => OperationResult::Succeeded { output_len: output_len(done) },
            Err(error) => OperationResult::Failed { code: error.code().into(), message: error.to_string() },
        },
    });
    result
}

fn parts(message: &[u8]) -> Vec<StoredPart> {
    let envelopes = Header::read_from(message).map_or(0, |header| header.encrypted_data_keys.iter().map(|key| key.ciphertext.len()).sum());
    vec![
        StoredPart { label: "ciphertext".into(), len: message.len().saturating_sub(envelopes) },
        StoredPart { label: "encrypted data key".into(), len: envelopes },
    ]
}

/// Who may read the bucket.
const READERS: [Person; 2] = [Person::Bob, Person::Alice];
