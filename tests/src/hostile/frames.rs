//! Bodies by somebody who has the message's key: a message opens if its frames are those of one, and what is released are the frames before the first
//! that is not.

use std::io::{Cursor, Read};
use std::sync::LazyLock;

use waxseal::message::{Content, FrameHead, Piece};
use waxseal::plan::FrameLayout;
use waxseal::{DecryptOptions, Error, Suite};
use waxseal_base::codec::{Reader, Writer};
use waxseal_base::observer::Observer;

use super::forger::{Forger, additional_data};
use super::input::Input;
use super::sessions::{Decryption, Sizes};

/// The suite, the content, sizes of pieces, the most bytes of a frame, the outcome of the signature; then frames of four bytes each: which piece, its
/// number, its length, what is wrong with it. Of what is left when frames are no more, the bytes follow as they are.
pub fn frames(data: &[u8]) {
    let mut input = Input(data);
    let forger = input.one_of(FORGERS.as_slice());
    let content = match input.byte() {
        0..=191 => Content::Framed { frame_length: 1 + u32::from(input.byte() % 32) },
        192..=207 => Content::Framed { frame_length: u32::MAX - u32::from(input.byte()) },
        _ => Content::Unframed,
    };
    let (sizes, limit, is_right) = (input.sizes(), input.byte().checked_sub(1).map(u64::from), input.byte() % 2 == 0);
    head(input.0, content);
    let mut body = Body { limit, ..Body::new(forger, content) };
    while !body.is_complete && input.0.len() >= 4 && input.0[0] < RAW {
        body.push([input.byte(), input.byte(), input.byte(), input.byte()]);
    }
    body.end(input.0);
    body.judge(sizes, is_right);
}

/// The head of a frame is written as it was read, whatever it says.
fn head(bytes: &[u8], content: Content) {
    let mut reader = Reader::new("frame", bytes);
    let Ok(read) = FrameHead::read(&mut reader, content) else { return };
    let (mut writer, len) = (Writer::new(), reader.position());
    read.write(&mut writer);
    assert_eq!(writer.finish(), &bytes[..len]);
    assert_eq!((FrameHead::len_on_wire(content, bytes), read.piece.head_len()), (len, len));
}

/// A body while it is forged, and what has to come of it.
struct Body<'a> {
    forger: &'a Forger,
    content: Content,
    limit: Option<u64>,
    bytes: Vec<u8>,
    count: u32,
    /// What is in the frames before the first that is wrong.
    plaintext: Vec<u8>,
    /// Of that, what a signature is not waited for with.
    early_len: usize,
    is_right: bool,
    /// Whether the last frame is there.
    is_complete: bool,
}

impl<'a> Body<'a> {
    fn new(forger: &'a Forger, content: Content) -> Self {
        Self {
            forger,
            content,
            limit: None,
            bytes: Vec::new(),
            count: 0,
            plaintext: Vec::new(),
            early_len: 0,
            is_right: true,
            is_complete: false,
        }
    }

    fn push(&mut self, [kind, number, len, wrong]: [u8; 4]) {
        self.count += 1;
        let frame_length = self.content.frame_length();
        let piece = match (kind % 4, frame_length) {
            (_, None) => Piece::Whole,
            (0..=2, _) => Piece::Frame,
            _ => Piece::FinalFrame,
        };
        let sequence = if piece == Piece::Whole || kind & 4 == 0 { self.count } else { number.into() };
        // A full frame, where that is no longer than these bytes can say.
        let len = match frame_length {
            Some(full) if piece == Piece::Frame && kind & 8 == 0 && full <= 256 => full,
            _ => u32::from(len),
        };
        let plaintext: Vec<u8> = (0..len).map(|at| self.count.wrapping_mul(31).wrapping_add(at).to_le_bytes()[0]).collect();
        let is_right = self.forge(piece, sequence, &plaintext, wrong)
            && sequence == self.count
            && frame_length.is_none_or(|full| len == full || (piece.is_final() && len <= full))
            && self.limit.is_none_or(|limit| u64::from(len) <= limit);
        self.is_right &= is_right;
        if self.is_right {
            self.plaintext.extend_from_slice(&plaintext);
            self.is_complete = piece.is_final();
            if !(self.is_complete && self.forger.is_signed()) {
                self.early_len = self.plaintext.len();
            }
        }
    }

    /// Whether the tag is that of such a frame.
    fn forge(&mut self, piece: Piece, sequence: u32, plaintext: &[u8], wrong: u8) -> bool {
        let len = plaintext.len() as u64;
        let mut head = FrameHead { sequence, piece, iv: [0; 12], content_len: len };
        let mut id = self.forger.message_id().to_vec();
        let (mut told, mut covered) = (piece, (sequence, len));
        let other = if piece == Piece::Frame { Piece::FinalFrame } else { Piece::Frame };
        // Any nonce is taken.
        head.iv[usize::from(wrong) % 12] = wrong;
        let mut flipped = None;
        match wrong / 16 {
            9 => flipped = Some(1),
            10 => flipped = Some(plaintext.len() + 16),
            11 => told = other,
            12 => id[0] ^= 1,
            13 => covered.0 += 1,
            14 => covered.1 += 1,
            // That of a frame that others follow is not on the wire.
            15 if piece != Piece::Frame => head.content_len += 1,
            _ => {}
        }
        let additional = additional_data(&id, told, covered.0, covered.1);
        let mut frame = self.forger.frame(&head, &additional, plaintext);
        if let Some(from_end) = flipped {
            let at = frame.len() - from_end;
            frame[at] ^= 1 << (wrong % 8);
        }
        self.bytes.extend(frame);
        wrong / 16 < 9 || (wrong / 16 == 15 && piece == Piece::Frame)
    }

    /// What follows the frames: nothing, or of a signed message a footer.
    fn end(&mut self, rest: &[u8]) {
        let is_footer = rest.split_first_chunk().is_some_and(|(len, footer)| usize::from(u16::from_be_bytes(*len)) == footer.len());
        self.is_right &= self.is_complete && if self.forger.is_signed() { is_footer } else { rest.is_empty() };
        self.bytes.extend_from_slice(rest);
    }

    fn judge(&self, sizes: Sizes<'_>, is_right: bool) {
        let message = [self.forger.header(self.content), self.bytes.clone()].concat();
        let options = DecryptOptions { max_buffered_frame: self.limit, verify_elsewhere: self.forger.is_signed(), ..Default::default() };
        let may_come = |early: &[u8]| assert!(self.plaintext[..self.early_len].starts_with(early), "only right frames come out");
        let (decryption, mut released) = (Decryption { client: &self.forger.client, options: &options, sizes, is_right }, Vec::new());
        let streamed = decryption.run(&message, &mut released, may_come);
        let opens = self.is_right && (is_right || !self.forger.is_signed());
        assert_eq!(streamed.as_ref().map(|header| header.content).ok(), opens.then_some(self.content), "{streamed:?}");
        let expected = if opens { &self.plaintext[..] } else { &self.plaintext[..self.early_len] };
        assert_eq!(released, expected, "all right frames come out");
        self.at_once(&message, &options, streamed.err());
        self.in_parts(&message, &options);
    }

    /// Signed, it has no signature that is right.
    fn at_once(&self, message: &[u8], options: &DecryptOptions, error: Option<Error>) {
        let options = DecryptOptions { verify_elsewhere: false, ..options.clone() };
        let whole = pollster::block_on(self.forger.client.decrypt(message, &options, &Observer::none()));
        match self.forger.is_signed() {
            true => assert!(whole.is_err()),
            false => {
                assert_eq!(whole.as_ref().err(), error.as_ref(), "in pieces a message is judged as in one");
                assert!(whole.is_err() || whole.is_ok_and(|decrypted| decrypted.plaintext == self.plaintext));
            }
        }
    }

    /// All parts of a sealed file are the message, or one of them is refused.
    fn in_parts(&self, message: &[u8], options: &DecryptOptions) {
        let options = DecryptOptions { verify_elsewhere: false, ..options.clone() };
        let observer = Observer::none();
        let opening = self.forger.client.danger_open_ignoring_signature(Cursor::new(message), &options, &observer);
        let mut plaintext = Vec::new();
        let read = pollster::block_on(opening).and_then(|mut file| {
            file.read_to_end(&mut plaintext)?;
            Ok(file.len())
        });
        let may_open = self.is_right && self.content != Content::Unframed;
        if read.is_ok() || (may_open && !self.forger.is_signed()) {
            assert!(may_open, "what is not a message is no file");
            assert_eq!((read.expect("a message is a file"), &plaintext), (self.plaintext.len() as u64, &self.plaintext));
        }
        if let Some(layout) = FrameLayout::of(self.content).filter(|_| may_open && !self.forger.is_signed()) {
            let len = plaintext.len() as u64;
            // An empty last frame may follow full ones, though nobody writes it.
            let is_usual = layout.frames_for(len) == Ok(self.count);
            assert_eq!(is_usual, layout.body_len_for(len) == Ok(self.bytes.len() as u64), "the length of a body tells its frames");
            assert_eq!(layout.shape_of(self.bytes.len() as u64).map(|shape| (shape.frames, shape.plaintext_len)), Some((self.count, len)));
        }
    }
}

/// Of one suite of each kind: with and without commitment, signed, of both versions.
static FORGERS: LazyLock<[Forger; 3]> =
    LazyLock::new(|| [0x0478, 0x0014, 0x0578].map(|id| Forger::new(Suite::from_id(id).expect("there is that suite"))));

/// From that kind on, bytes are no frames but follow as they are.
const RAW: u8 = 240;
