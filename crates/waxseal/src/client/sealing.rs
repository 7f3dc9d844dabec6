//! Writes a message, once its data key is there: derives, then header, then frames, without waiting.

use waxseal_base::codec::Writer;
use waxseal_base::env::Env;
use waxseal_base::event::{Kind, PublicBytes};
use waxseal_base::observer::Observer;
use waxseal_kms_api::encryption_context::EncryptionContext;

use super::{reserve, sealer_for, slice};
use crate::error::Error;
use crate::key_schedule::derive_for_sealing;
use crate::keyring::NewDataKey;
use crate::message::Header;
use crate::plan::{FramePlan, SealingPlanner};
use crate::primitives::TAG_LEN;
use crate::sealer::Sealer;
use crate::suite::Suite;

/// What is known before a message is written.
pub(super) struct Sealing<'a> {
    pub(super) suite: Suite,
    pub(super) env: &'a Env,
    pub(super) frame_length: u32,
    pub(super) context: &'a EncryptionContext,
    pub(super) observer: &'a Observer,
}

impl Sealing<'_> {
    /// Out of line, so that what the ciphers leave on the stack lies where the caller's scrubbing reaches.
    #[inline(never)]
    pub(super) fn run(&self, made: NewDataKey, plaintext: &[u8]) -> Result<Vec<u8>, Error> {
        let Self { suite, env, frame_length, context, observer } = *self;
        let message_id = env.random_array()?;
        observer.emit(|_| Kind::RandomDrawn { purpose: "message id".into(), len: message_id.len() });
        let (message_key, commitment) = derive_for_sealing(suite, made.data_key, &message_id, observer)?;
        let header = Header {
            suite,
            message_id,
            encryption_context: context.clone(),
            encrypted_data_keys: made.encrypted_data_keys,
            frame_length,
            commitment,
        };
        let sealer = sealer_for(&message_key)?;
        let mut writer = Writer::new();
        header.write(&mut writer)?;
        let mut message = writer.finish();
        let tag = sealer.seal_header(&message).map_err(|_| Error::internal("the header could not be sealed"))?;
        message.extend_from_slice(&tag);
        observer.emit(|_| Kind::HeaderSealed { header: PublicBytes::copy_of(&message) });
        let planner = SealingPlanner::new(message_id, frame_length, plaintext.len() as u64)?;
        reserve(&mut message, body_len(&planner, plaintext.len()))?;
        for plan in planner {
            seal_frame(&sealer, &plan, plaintext, &mut message, observer)?;
        }
        Ok(message)
    }
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
        is_final: plan.is_final,
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
