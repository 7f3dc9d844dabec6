//! Makes the header of a message. Between its steps keys are derived and the tag is made, here or elsewhere.

use waxseal_base::codec::Writer;
use waxseal_base::env::Env;
use waxseal_base::event::{Kind, PublicBytes};
use waxseal_base::observer::Observer;
use waxseal_base::reason;

use super::HeaderReader;
use crate::error::Error;
use crate::key_schedule::Commitment;
use crate::materials::EncryptionMaterials;
use crate::message::{Content, Header, HeaderTag, MessageId};
use crate::primitives::{IV_LEN, TAG_LEN};
use crate::signature::Signer;
use crate::suite::Suite;

/// Bytes of the longest header that is read, less room for its tag.
const LONGEST: usize = HeaderReader::MAX_LEN - (IV_LEN + TAG_LEN);

/// A header without commitment. The message has its id, so its keys can be derived.
pub(super) struct HeaderToCommit {
    materials: EncryptionMaterials,
    message_id: MessageId,
    frame_length: u32,
}

/// A header without its tag.
pub(super) struct HeaderToSeal {
    header: Header,
    /// The header's bytes, and after them the pairs of the encryption context that it does not store.
    covered: Vec<u8>,
    len_without_tag: usize,
    signer: Option<Signer>,
}

/// A header that is complete, and signed if the message is.
pub(super) struct SealedHeader {
    pub(super) header: Header,
    pub(super) bytes: Vec<u8>,
    pub(super) signer: Option<Signer>,
}

impl HeaderToCommit {
    pub(super) fn new(materials: EncryptionMaterials, frame_length: u32, env: &Env, observer: &Observer) -> Result<Self, Error> {
        let message_id = MessageId::make(materials.suite.message_version(), env)?;
        observer.emit(|_| Kind::RandomDrawn { purpose: "message id".into(), len: message_id.as_bytes().len() });
        Ok(Self { materials, message_id, frame_length })
    }

    pub(super) fn suite(&self) -> Suite {
        self.materials.suite
    }

    pub(super) fn message_id(&self) -> &MessageId {
        &self.message_id
    }

    /// None where the suite has no commitment.
    pub(super) fn commit(self, commitment: Option<Commitment>) -> Result<HeaderToSeal, Error> {
        let EncryptionMaterials { suite, encrypted_data_keys, stored, not_stored, signer } = self.materials;
        let content = Content::Framed { frame_length: self.frame_length };
        let header = Header { suite, message_id: self.message_id, encryption_context: stored, encrypted_data_keys, content, commitment };
        let mut writer = Writer::new();
        header.write(&mut writer)?;
        let mut covered = writer.finish();
        let len_without_tag = covered.len();
        if len_without_tag > LONGEST {
            let text = reason!(
                "the header would have {len_without_tag} bytes, and none is read of more than {LONGEST}; wrap the data key less often"
            );
            return Err(Error::invalid_input(text));
        }
        covered.extend_from_slice(&not_stored.to_canonical_bytes()?);
        Ok(HeaderToSeal { header, covered, len_without_tag, signer })
    }
}

impl HeaderToSeal {
    pub(super) fn additional_data(&self) -> &[u8] {
        &self.covered
    }

    pub(super) fn sealed(self, tag: &HeaderTag, observer: &Observer) -> SealedHeader {
        let Self { header, covered, len_without_tag, mut signer } = self;
        let mut writer = Writer::new();
        writer.bytes(covered.get(..len_without_tag).unwrap_or_default());
        tag.write(header.suite, &mut writer);
        let bytes = writer.finish();
        observer.emit(|_| Kind::HeaderSealed { header: PublicBytes::copy_of(&bytes) });
        if let Some(signer) = &mut signer {
            signer.update(&bytes);
        }
        SealedHeader { header, bytes, signer }
    }
}
