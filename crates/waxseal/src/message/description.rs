//! What can be seen of a message without any key, also of one that is broken: everything up to where it is no message any more.

use waxseal_base::codec::{Field, FieldList, Part, Reader};
use waxseal_base::reason;

use super::{Content, Footer, FrameHead, Header, HeaderTag, MessageError, Undescribed};

/// A message, looked at and not verified: anybody may have written it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Described {
    /// What the header says, if it could be read.
    pub header: Option<Header>,
    /// Bytes of the header with its tag.
    pub header_len: Option<usize>,
    /// How many frames there are, the last one too; 1 where the body is one piece.
    pub frame_count: u32,
    /// Bytes of plaintext in these frames.
    pub plaintext_len: u64,
    /// The fields, which touch; joined, their ranges are the message, or as much of it as could be read.
    pub fields: Vec<Field>,
    /// What stands in the wrong place, or why the rest could not be read: the first of that.
    pub problem: Option<MessageError>,
}

/// Looks at a message. Of its frames, the fields of the first `max_frames` are told one by one, and those of the others as one: a message of short
/// frames would otherwise have a description many times as long as itself.
pub fn describe(message: &[u8], max_frames: u32) -> Described {
    let (mut described, mut list) = (Described::default(), FieldList::new());
    if let Err(problem) = described.read(message, max_frames, &mut list) {
        described.problem.get_or_insert(problem);
    }
    described.fields = list.finish();
    described
}

impl Described {
    pub(super) fn read(&mut self, message: &[u8], max_frames: u32, list: &mut FieldList) -> Result<(), MessageError> {
        let mut reader = Reader::new("message", message);
        let header = self.header.insert(Header::scan(&mut reader, None, list)?);
        let (suite, content) = (header.suite, header.content);
        HeaderTag::scan(suite, &mut reader, list)?;
        self.header_len = Some(reader.position());
        self.read_frames(&mut reader, content, max_frames, list)?;
        if suite.signature().is_some() {
            Footer::scan(&mut reader, list)?;
        }
        Ok(reader.finish()?)
    }

    fn read_frames(
        &mut self,
        reader: &mut Reader<'_>,
        content: Content,
        max_frames: u32,
        list: &mut FieldList,
    ) -> Result<(), MessageError> {
        loop {
            let is_told = self.frame_count < max_frames;
            let frame = if is_told { FrameHead::scan(reader, content, list)? } else { FrameHead::scan(reader, content, &mut Undescribed)? };
            let expected = self.frame_count.saturating_add(1);
            if frame.sequence != expected {
                let problem = reader.invalid(reason!("frame {} stands where frame {expected} belongs", frame.sequence));
                self.problem.get_or_insert(problem.into());
            }
            self.frame_count = expected;
            self.plaintext_len = self.plaintext_len.saturating_add(frame.content_len);
            if frame.piece.is_final() {
                if !is_told {
                    let first = max_frames.saturating_add(1);
                    list.push(reader, Part::Ciphertext, format!("frames {first} to {expected}"), "not told one by one");
                }
                return Ok(());
            }
        }
    }
}
