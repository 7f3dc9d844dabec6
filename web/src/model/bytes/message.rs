//! A message field by field. Of many frames only some are listed: the first, the last, and those that the step is about.

use std::rc::Rc;

use waxseal::message::{self, Header};
use waxseal_base::codec::{Field, Part, Writer};

use super::{ByteField, ByteRow, ByteView, Look};
use crate::model::people::Thing;

/// The view of a message. Of its frames those of these numbers are listed, and the encryption context only if it is to be shown.
pub(super) fn view(bytes: Rc<[u8]>, frames: &[u32], shows_context: bool) -> Option<ByteView> {
    let mut rows = rows(message::fields(&bytes).ok()?, frames);
    if !shows_context {
        fold_context(&mut rows);
    }
    let note = "The header, then the frames. Where it says ciphertext, the document is, and nobody can tell without the key.";
    Some(ByteView { title: "message".into(), note: note.into(), bytes, rows, derivation: None })
}

/// The bytes of a message's header, with its tag.
pub(super) fn header_of(bytes: &[u8]) -> Option<&[u8]> {
    let mut writer = Writer::new();
    Header::read_from(bytes).ok()?.write(&mut writer).ok()?;
    bytes.get(..writer.len() + TAG_LEN)
}

fn rows(fields: Vec<Field>, frames: &[u32]) -> Vec<ByteRow> {
    let last = fields.iter().filter_map(|field| frame_of(&field.label)).max().unwrap_or(0);
    let is_shown = |number: u32| number == 1 || number == last || frames.contains(&number) || last <= FEW;
    let mut rows: Vec<ByteRow> = Vec::new();
    let mut hidden: Option<(u32, u32)> = None;
    for field in fields {
        let number = frame_of(&field.label).unwrap_or(if field.label == FINAL_MARK { last } else { 0 });
        if number == 0 || is_shown(number) {
            hidden = None;
            rows.push(ByteRow::Field(byte_field(field)));
            continue;
        }
        let first = hidden.map_or(number, |(first, _)| first);
        let label = if first == number { format!("frame {number}") } else { format!("frames {first} to {number}") };
        match rows.last_mut() {
            Some(ByteRow::Gap { range, label: old }) if hidden.is_some() => {
                range.end = field.range.end;
                *old = label;
            }
            _ => rows.push(ByteRow::Gap { range: field.range, label }),
        }
        hidden = Some((first, number));
    }
    rows
}

/// Makes one row of the fields of the encryption context.
fn fold_context(rows: &mut Vec<ByteRow>) {
    let is_context = |row: &ByteRow| match row {
        ByteRow::Field(field) => field.look == Look::Part(Part::EncryptionContext) || field.label == CONTEXT_LENGTH,
        ByteRow::Gap { .. } => false,
    };
    let Some(first) = rows.iter().position(is_context) else { return };
    let count = rows.iter().skip(first).take_while(|row| is_context(row)).count();
    let folded: Vec<ByteRow> = rows.drain(first..first + count).collect();
    let (Some(ByteRow::Field(head)), Some(ByteRow::Field(tail))) = (folded.first(), folded.last()) else { return };
    let label = "what the message is bound to: see Detail".into();
    rows.insert(first, ByteRow::Gap { range: head.range.start..tail.range.end, label });
}

/// A field with its look and its thing on the stage.
pub(super) fn byte_field(field: Field) -> ByteField {
    let Field { range, label, note, part } = field;
    let of_frame = frame_of(&label).is_some() || label == FINAL_MARK;
    let thing = match part {
        Part::EncryptedDataKey => Thing::EncryptedDataKey,
        Part::EncryptionContext => Thing::EncryptionContext,
        Part::Commitment => Thing::Commitment,
        _ if of_frame => Thing::Frames,
        _ => Thing::Header,
    };
    ByteField { range, label, note, look: Look::Part(part), thing: Some(thing) }
}

/// The number in a label such as `frame 7: iv` or `final frame 9: tag`.
fn frame_of(label: &str) -> Option<u32> {
    let rest = label.strip_prefix("final ").unwrap_or(label).strip_prefix("frame ")?;
    rest.split_once(':')?.0.parse().ok()
}

/// So many frames are all listed.
const FEW: u32 = 6;
const CONTEXT_LENGTH: &str = "encryption context length";
const FINAL_MARK: &str = "final frame mark";
const TAG_LEN: usize = 16;
