//! Writes a message, once its materials are there: derives, then header, then frames, then the footer, without waiting.

use waxseal_base::codec::Writer;
use waxseal_base::env::Env;
use waxseal_base::event::{Kind, PublicBytes};
use waxseal_base::observer::Observer;
use waxseal_kms_api::encryption_context::EncryptionContext;

use super::{reserve, sealer_for, slice};
use crate::error::Error;
use crate::key_schedule::derive_for_sealing;
use crate::materials::EncryptionMaterials;
use crate::message::{Content, Footer, Header, MessageId};
use crate::plan::{FramePlan, SealingPlanner};
use crate::primitives::TAG_LEN;
use crate::sealer::{BuiltInSealer, Sealer};
use crate::signature::Signer;

/// What is known before a message is written.
pub(super) struct Sealing<'a> {
    pub(super) env: &'a Env,
    pub(super) frame_length: u32,
    pub(super) observer: &'a Observer,
}

impl Sealing<'_> {
    /// Out of line, so that what the ciphers leave on the stack lies where the caller's scrubbing reaches.
    #[inline(never)]
    pub(super) fn run(&self, materials: EncryptionMaterials, plaintext: &[u8]) -> Result<Vec<u8>, Error> {
        let Self { env, frame_length, observer } = *self;
        let EncryptionMaterials { suite, data_key, encrypted_data_keys, stored, not_stored, signer } = materials;
        let message_id = MessageId::make(suite.message_version(), env)?;
        observer.emit(|_| Kind::RandomDrawn { purpose: "message id".into(), len: message_id.as_bytes().len() });
        let (message_key, commitment) = derive_for_sealing(suite, data_key, &message_id, observer)?;
        let content = Content::Framed { frame_length };
        let header = Header { suite, message_id, encryption_context: stored, encrypted_data_keys, content, commitment };
        let sealer = sealer_for(&message_key)?;
        let mut message = seal_header(&sealer, &header, &not_stored)?;
        observer.emit(|_| Kind::HeaderSealed { header: PublicBytes::copy_of(&message) });
        let planner = SealingPlanner::new(message_id, frame_length, plaintext.len() as u64)?;
        reserve(&mut message, body_len(&planner, plaintext.len()))?;
        for plan in planner {
            seal_frame(&sealer, &plan, plaintext, &mut message, observer)?;
        }
        match signer {
            Some(signer) => sign(&signer, message, observer),
            None => Ok(message),
        }
    }
}

/// The header with its tag.
fn seal_header(sealer: &BuiltInSealer, header: &Header, not_stored: &EncryptionContext) -> Result<Vec<u8>, Error> {
    let mut writer = Writer::new();
    header.write(&mut writer)?;
    let bytes = writer.finish();
    let tag = sealer.seal_header(&bytes, &not_stored.to_canonical_bytes()?);
    let mut writer = Writer::new();
    writer.bytes(&bytes);
    tag.map_err(|_| Error::internal("the header could not be sealed"))?.write(header.suite, &mut writer);
    Ok(writer.finish())
}

/// The message with its footer.
fn sign(signer: &Signer, message: Vec<u8>, observer: &Observer) -> Result<Vec<u8>, Error> {
    let signature = signer.sign(&message).map_err(|_| Error::internal("the message could not be signed"))?;
    observer.emit(|_| Kind::MessageSigned { signature: PublicBytes::copy_of(&signature) });
    let mut footer = Writer::new();
    Footer { signature }.write(&mut footer)?;
    let mut message = message;
    message.extend_from_slice(&footer.finish());
    Ok(message)
}

fn seal_frame(sealer: &impl Sealer, plan: &FramePlan, plaintext: &[u8], message: &mut Vec<u8>, observer: &Observer) -> Result<(), Error> {
    let broken = || Error::internal(format!("frame {} could not be sealed", plan.sequence));
    let mut head = Writer::new();
    plan.head().write(&mut head);
    message.extend_from_slice(&head.finish());
    let start = message.len();
    message.extend_from_slice(slice(plaintext, plan).ok_or_else(broken)?);
    let tag = sealer.seal(plan, message.get_mut(start..).ok_or_else(broken)?).map_err(|_| broken())?;
    message.extend_from_slice(&tag);
    observer.emit(|_| Kind::FrameSealed {
        sequence: plan.sequence,
        is_final: plan.piece.is_final(),
        plaintext_len: usize::try_from(plan.len()).unwrap_or(usize::MAX),
        iv: PublicBytes::copy_of(&plan.iv),
        tag: PublicBytes::copy_of(&tag),
    });
    Ok(())
}

fn body_len(planner: &SealingPlanner, plaintext_len: usize) -> usize {
    let per_frame = 16usize.saturating_add(TAG_LEN);
    let frames = usize::try_from(planner.frames()).unwrap_or(usize::MAX);
    frames.saturating_mul(per_frame).saturating_add(8).saturating_add(plaintext_len)
}
