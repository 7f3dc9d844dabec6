//! Where the frames of a body lie. All but the last are equally long, so a frame is found by its number alone, and the length of a body tells
//! how many there are.

use waxseal_base::reason;

use crate::error::Error;
use crate::message::{Content, Piece};
use crate::primitives::TAG_LEN;

/// The arithmetic of one frame length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameLayout {
    /// Bytes of plaintext in every frame but the last, at least 1.
    frame_length: u64,
}

/// What the length of a body tells, if nobody altered it: the last frame's tag, which covers number and length, is what proves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyShape {
    /// How many frames there are, which is the number of the last one.
    pub frames: u32,
    /// Bytes of plaintext in all of them.
    pub plaintext_len: u64,
}

impl FrameLayout {
    /// Of that frame length, at least 1.
    pub fn new(frame_length: u32) -> Result<Self, Error> {
        match frame_length {
            0 => Err(Error::invalid_input("the frame length is 0; give one of at least 1 byte")),
            _ => Ok(Self { frame_length: frame_length.into() }),
        }
    }

    /// Of a message; none if its body is not framed.
    pub fn of(content: Content) -> Option<Self> {
        Self::new(content.frame_length()?).ok()
    }

    /// How many frames a plaintext of that length gets, at least one. More than 4,294,967,295 are refused.
    pub fn frames_for(self, plaintext_len: u64) -> Result<u32, Error> {
        let frames = plaintext_len.div_ceil(self.frame_length).max(1);
        u32::try_from(frames).map_err(|_| too_many_frames(self.frame_length))
    }

    /// Bytes of the body of such a plaintext: everything between the header's tag and the footer.
    pub fn body_len_for(self, plaintext_len: u64) -> Result<u64, Error> {
        let full = self.frames_for(plaintext_len)?.saturating_sub(1);
        let last = plaintext_len.saturating_sub(u64::from(full).saturating_mul(self.frame_length));
        Ok(self.offset_of(full.saturating_add(1)).saturating_add(LAST_FRAME_OVERHEAD).saturating_add(last))
    }

    /// Where the frame of that number starts, in bytes from the end of the header's tag.
    pub fn offset_of(self, sequence: u32) -> u64 {
        u64::from(sequence).saturating_sub(1).saturating_mul(self.full_frame_len())
    }

    /// Bytes of plaintext in every frame but the last.
    pub fn frame_length(self) -> u64 {
        self.frame_length
    }

    /// Where the plaintext of the frame of that number starts, in bytes from the start of the plaintext.
    pub fn plaintext_offset_of(self, sequence: u32) -> u64 {
        u64::from(sequence).saturating_sub(1).saturating_mul(self.frame_length)
    }

    /// The number of the frame that the byte at that offset of the plaintext is in; none beyond the greatest number.
    pub fn sequence_at(self, plaintext_offset: u64) -> Option<u32> {
        let before = plaintext_offset.checked_div(self.frame_length)?;
        u32::try_from(before.saturating_add(1)).ok()
    }

    /// What a body of that length consists of; none if a body of whole frames can not be so long.
    pub fn shape_of(self, body_len: u64) -> Option<BodyShape> {
        let rest = body_len.checked_sub(LAST_FRAME_OVERHEAD)?;
        let full = rest.checked_div(self.full_frame_len())?;
        let last = rest.checked_rem(self.full_frame_len()).filter(|last| *last <= self.frame_length)?;
        let frames = u32::try_from(full.checked_add(1)?).ok()?;
        Some(BodyShape { frames, plaintext_len: full.checked_mul(self.frame_length)?.checked_add(last)? })
    }

    /// Head, ciphertext and tag.
    fn full_frame_len(self) -> u64 {
        self.frame_length.saturating_add((Piece::Frame.head_len().saturating_add(TAG_LEN)) as u64)
    }
}

pub(super) fn too_many_frames(frame_length: impl Into<u64>) -> Error {
    let frame_length: u64 = frame_length.into();
    Error::invalid_input(reason!("a message has at most 4294967295 frames, here of {frame_length} bytes; give a greater frame length"))
}

/// Head and tag of the last frame.
const LAST_FRAME_OVERHEAD: u64 = (Piece::FinalFrame.head_len() + TAG_LEN) as u64;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn layout(frame_length: u32) -> FrameLayout {
        FrameLayout::new(frame_length).unwrap()
    }

    #[test]
    fn bodies_are_as_long_as_their_frames() {
        assert_eq!(layout(4).body_len_for(0).unwrap(), 40);
        assert_eq!(layout(4).body_len_for(4).unwrap(), 44);
        assert_eq!(layout(4).body_len_for(9).unwrap(), 2 * (16 + 4 + 16) + 41);
        assert_eq!(layout(4).offset_of(1), 0);
        assert_eq!(layout(4).offset_of(3), 72);
        assert_eq!((layout(4).plaintext_offset_of(1), layout(4).plaintext_offset_of(3)), (0, 8));
        assert_eq!([0, 3, 4].map(|offset| layout(4).sequence_at(offset)), [Some(1), Some(1), Some(2)]);
        assert_eq!(layout(1).sequence_at(u64::from(u32::MAX)), None);
    }

    #[test]
    fn an_empty_last_frame_after_full_ones_has_a_shape() {
        assert_eq!(layout(4).shape_of(36 + 40), Some(BodyShape { frames: 2, plaintext_len: 4 }));
    }

    #[test]
    fn lengths_that_no_body_has() {
        for body_len in [0, 39, 45, 75, u64::MAX] {
            assert_eq!(layout(4).shape_of(body_len), None, "{body_len}");
        }
        assert!(FrameLayout::new(0).is_err() && FrameLayout::of(Content::Unframed).is_none());
        assert!(layout(1).frames_for(u64::from(u32::MAX)).is_ok());
        assert!(layout(1).frames_for(u64::from(u32::MAX) + 1).unwrap_err().to_string().contains("at most 4294967295 frames"));
    }

    proptest! {
        #[test]
        fn a_body_tells_its_plaintexts_length(frame_length in 1u32.., plaintext_len in 0u64..1 << 40) {
            let layout = layout(frame_length);
            let Ok(frames) = layout.frames_for(plaintext_len) else { return Ok(()) };
            let shape = layout.shape_of(layout.body_len_for(plaintext_len).unwrap());
            prop_assert_eq!(shape, Some(BodyShape { frames, plaintext_len }));
            if plaintext_len > 0 {
                prop_assert_eq!(layout.sequence_at(plaintext_len - 1), Some(frames));
            }
        }
    }
}
