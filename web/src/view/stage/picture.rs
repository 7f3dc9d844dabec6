//! From the model's stage to what is drawn: where each thing is and how it looks. Pure, like the stage: the same stage is the same picture.
//! A thing that is not there yet waits, unseen, where it will come from; so it is born in its place, and going back puts it back.

use waxseal_base::event::Verified;

use crate::model::act::ActKind;
use crate::model::people::{Place, Thing};
use crate::model::stage::{CardKind, Commitment, Header, Light, Scene, Stage};
use crate::model::steps::GET_OBJECT;

use super::art::Sheet;
use super::layout::{Layout, Pose};

/// A thing at a pose, visible or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Put {
    /// Where.
    pub pose: Pose,
    /// Whether it is seen.
    pub is_shown: bool,
}

/// The stage, measured.
pub struct Picture<'a> {
    /// What is shown.
    pub stage: &'a Stage,
    /// Whether the data key's own bytes are gone though a key derived from it is still there; told apart at detail depth only.
    pub is_own_copy_wiped: bool,
    /// What the check was about that failed where the work is done.
    pub failed: Option<Verified>,
    /// The act it belongs to.
    pub scene: &'a Scene,
    /// Where everything is.
    pub layout: &'a Layout,
}

impl Picture<'_> {
    fn at_work(&self, places: &[Place]) -> bool {
        places.contains(&self.stage.works)
    }

    /// Whether a data key is made in this act, not unwrapped.
    pub fn is_upload(&self) -> bool {
        self.scene.kind == ActKind::Upload
    }

    /// Whether the document is back with the person, who let the store work.
    fn is_delivered(&self) -> bool {
        !self.is_upload() && self.stage.works != Place::Person && self.stage.document == [Place::Person]
    }

    /// Whether the document or its message is being worked on.
    pub fn has_work(&self) -> bool {
        self.at_work(&self.stage.message) || self.at_work(&self.stage.document) || self.stage.header != Header::Absent
    }

    /// Whether the work is readable: the whole document in the clear.
    pub fn is_plaintext(&self) -> bool {
        self.at_work(&self.stage.document) && !(self.is_upload() && self.stage.header != Header::Absent)
    }

    /// The person's own copy.
    pub fn own_copy(&self) -> Put {
        let is_shown = self.is_upload() && self.stage.works != Place::Person && self.stage.document.contains(&Place::Person);
        Put { pose: self.layout.with_person, is_shown }
    }

    /// The document or message that moves.
    pub fn work(&self) -> Put {
        let pose = match () {
            () if self.is_delivered() => self.layout.with_person,
            () if self.has_work() => self.layout.work,
            () if self.stage.disk.ciphertext => self.layout.disk_message,
            () => self.layout.with_person,
        };
        Put { pose, is_shown: self.is_delivered() || self.has_work() || self.stage.disk.ciphertext }
    }

    /// What stays on the disk while a copy of it is worked on.
    pub fn kept_message(&self) -> Put {
        let is_shown = self.stage.disk.ciphertext && self.work().pose != self.layout.disk_message;
        Put { pose: self.layout.disk_message, is_shown }
    }

    /// How the moving sheet looks.
    pub fn sheet(&self) -> Sheet {
        let drawn = self.stage.frames.total.clamp(1, MOST_FRAMES);
        let scaled = |count: u32| scaled(count, self.stage.frames.total, drawn);
        let is_kept = !self.has_work() && self.stage.disk.ciphertext;
        let is_paper = self.is_delivered() || self.is_plaintext();
        let header = match self.stage.header {
            _ if is_kept => Some(true),
            _ if is_paper => None,
            Header::Absent => None,
            Header::Unchecked => Some(false),
            Header::Sealed | Header::Verified => Some(true),
        };
        let sealed = match () {
            () if is_paper => 0,
            () if is_kept => drawn,
            () if self.is_upload() => scaled(self.stage.frames.sealed),
            () => drawn - scaled(self.stage.frames.opened),
        };
        let broken = self.stage.frames.broken;
        Sheet {
            frames: drawn as usize,
            sealed: sealed as usize,
            sealed_at_end: !self.is_upload(),
            is_cut: header.is_some(),
            header,
            broken_frame: broken.map(|frame| scaled(frame).saturating_sub(1) as usize),
            is_header_broken: matches!(self.failed, Some(Verified::Header | Verified::MessageFormat | Verified::EncryptionContext)),
        }
    }

    /// The message as it lies on the disk.
    pub fn kept_sheet(&self) -> Sheet {
        let drawn = self.stage.frames.total.clamp(1, MOST_FRAMES) as usize;
        Sheet {
            frames: drawn,
            sealed: drawn,
            sealed_at_end: true,
            is_cut: true,
            header: Some(true),
            broken_frame: None,
            is_header_broken: false,
        }
    }

    /// The data key inside the KMS: it comes out of the dice, or out of the envelope.
    pub fn key_in_kms(&self) -> (Put, bool) {
        let key = self.stage.data_keys.last();
        let light = key.map_or(Light::Absent, |key| key.in_kms);
        let has_left = key.is_some_and(|key| key.at_work != Light::Absent);
        let is_shown = light == Light::Lit || (light == Light::Wiped && !has_left);
        let pose = if light == Light::Absent { self.key_source() } else { self.layout.kms_key };
        (Put { pose, is_shown }, light == Light::Wiped)
    }

    fn key_source(&self) -> Pose {
        if self.is_upload() { self.layout.kms_dice } else { self.layout.kms_envelope }
    }

    /// The data key with the one who works.
    pub fn key_at_work(&self) -> (Put, bool) {
        let light = self.stage.data_keys.last().map_or(Light::Absent, |key| key.at_work);
        let pose = if light == Light::Absent { self.layout.kms_key } else { self.layout.key };
        (Put { pose, is_shown: light != Light::Absent }, light == Light::Wiped || self.is_own_copy_wiped)
    }

    /// The envelope that moves, and whether it is sealed.
    pub fn envelope(&self) -> (Put, bool) {
        let places = &self.stage.envelopes;
        let waits = self.is_upload() && self.stage.data_keys.last().is_some_and(|key| key.in_kms == Light::Lit);
        let (pose, is_shown) = match () {
            () if self.at_work(places) => (self.layout.envelope, true),
            () if places.contains(&Place::Kms) => (self.layout.kms_envelope, true),
            () if self.stage.disk.envelope => (self.layout.disk_envelope, true),
            () => (self.layout.kms_envelope, waits),
        };
        (Put { pose, is_shown }, !places.is_empty() || self.stage.disk.envelope)
    }

    /// The envelope that went to the KMS with a request, and whether it is still sealed.
    pub fn sent_envelope(&self) -> (Put, bool) {
        let is_shown = self.at_work(&self.stage.envelopes) && self.stage.envelopes.contains(&Place::Kms);
        let pose = match &self.stage.card {
            _ if !is_shown => self.layout.envelope,
            Some(card) if card.at == Place::Kms => self.layout.kms_envelope,
            _ => self.under_the_card(),
        };
        let is_open = self.stage.data_keys.last().is_some_and(|key| key.in_kms != Light::Absent);
        (Put { pose, is_shown }, !is_open)
    }

    fn under_the_card(&self) -> Pose {
        let gate = self.layout.card_gate;
        if self.layout.is_tall { Pose { x: gate.x + 104.0, scale: 0.46, ..gate } } else { Pose { y: gate.y + 52.0, scale: 0.7, ..gate } }
    }

    /// The envelope that stays on the disk.
    pub fn kept_envelope(&self) -> Put {
        let is_shown = self.stage.disk.envelope && self.envelope().0.pose != self.layout.disk_envelope;
        Put { pose: self.layout.disk_envelope, is_shown }
    }

    /// The request, the answer or the refusal.
    pub fn card(&self) -> Put {
        let Some(card) = &self.stage.card else { return Put { pose: self.layout.card_out, is_shown: false } };
        match card.kind {
            CardKind::Request if self.is_for_the_store() => Put { pose: self.layout.card_store, is_shown: self.stage.message.is_empty() },
            CardKind::Request => {
                Put { pose: self.layout.card_gate, is_shown: self.stage.gate.stamp.is_none() || self.stage.failure.is_some() }
            }
            CardKind::Answer => Put { pose: self.layout.card_out, is_shown: !self.layout.is_tall && self.has_just_arrived() },
            CardKind::Refusal => Put { pose: self.layout.card_out, is_shown: true },
        }
    }

    /// Whether the card is for the store itself, not for the KMS.
    pub fn is_for_the_store(&self) -> bool {
        self.stage.card.as_ref().is_some_and(|card| card.operation == GET_OBJECT)
    }

    /// Whether the KMS's answer is there and nothing has been done with it yet.
    pub fn has_just_arrived(&self) -> bool {
        let is_answer = self.stage.card.as_ref().is_some_and(|card| card.kind == CardKind::Answer);
        let key = self.stage.data_keys.last();
        is_answer && self.stage.failure.is_none() && key.is_some_and(|key| key.at_work == Light::Lit && !key.split)
    }

    /// The gate's class.
    pub fn gate(&self) -> &'static str {
        match &self.stage.gate.stamp {
            Some(stamp) if stamp.allowed => "gate-allow",
            Some(_) => "gate-deny",
            None if self.stage.gate.principal.is_some() => "gate-busy",
            None => "gate-idle",
        }
    }

    /// Where it stopped.
    pub fn marker(&self) -> Option<Pose> {
        let failure = self.stage.failure.as_ref()?;
        let beside = |pose: Pose, x: f32, y: f32| Pose { x: pose.x + x, y: pose.y + y, scale: if self.layout.is_tall { 0.7 } else { 0.9 } };
        let is_denied = self.stage.gate.stamp.as_ref().is_some_and(|stamp| !stamp.allowed);
        let layout = self.layout;
        let step = if layout.is_tall { 0.72 } else { 1.0 };
        Some(match failure.place {
            Place::Kms if is_denied => beside(layout.gate, 0.0, 0.0),
            Place::Kms if self.stage.kms_key.state.is_some() && !self.stage.kms_key.usable => {
                beside(layout.hexagon, 46.0 * step, -40.0 * step)
            }
            Place::Kms => beside(layout.kms_envelope, 40.0 * step, -22.0 * step),
            _ if self.failed == Some(Verified::EncryptedDataKey) => beside(layout.envelope, 40.0 * step, -26.0 * step),
            _ if self.stage.commitment == Commitment::Differs => beside(layout.key, 40.0 * step, -26.0 * step),
            _ if self.sheet().broken_frame.is_some() => {
                let sheet = self.sheet();
                let (count, index) = (sheet.frames as f32, sheet.broken_frame.unwrap_or_default() as f32);
                let middle = (index - (count - 1.0) / 2.0) * (104.0 / count + 4.0);
                beside(layout.work, 42.0 * step, middle * step)
            }
            _ if self.has_work() => beside(layout.work, 42.0 * step, -(66.0 + (self.sheet().frames as f32 - 1.0) * 2.0) * step),
            Place::Disk => beside(layout.disk_message, 30.0, -20.0),
            _ => beside(layout.badge, 24.0, -20.0),
        })
    }

    /// Whether a field of the Bytes tab points to one of these things.
    pub fn is_lit(hovered: Option<Thing>, things: &[Thing]) -> bool {
        hovered.is_some_and(|thing| things.contains(&thing))
    }
}

/// `count` of `total` on a scale of `drawn`: nothing is nothing, all is all, and a part is at least one.
fn scaled(count: u32, total: u32, drawn: u32) -> u32 {
    let product = u64::from(count.min(total)) * u64::from(drawn);
    u32::try_from(product.div_ceil(u64::from(total.max(1)))).unwrap_or(drawn)
}

/// More frames than this are not told apart on the stage.
const MOST_FRAMES: u32 = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_scale_down_without_losing_the_ends() {
        assert_eq!([0, 1, 3, 6].map(|count| scaled(count, 6, 6)), [0, 1, 3, 6]);
        assert_eq!([0, 1, 640, 1279, 1280, 9999].map(|count| scaled(count, 1280, 6)), [0, 1, 3, 6, 6, 6]);
        assert_eq!(scaled(1, 1, 1), 1);
    }
}
