//! The document of a lesson: the built-in one, or a file that the learner dropped.

use std::fmt;
use std::rc::Rc;

/// A named file.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// Its file name.
    pub name: String,
    /// Its bytes.
    pub bytes: Rc<[u8]>,
    /// Whether the learner brought it.
    pub is_own: bool,
}

impl Document {
    /// The document that every first visit starts with.
    pub fn built_in() -> Self {
        Self { name: "contract.txt".into(), bytes: BUILT_IN.as_bytes().into(), is_own: false }
    }

    /// A file of the learner's, or why it can not be taken.
    pub fn own(name: &str, bytes: Vec<u8>) -> Result<Self, Unfit> {
        check_size(name, bytes.len() as u64)?;
        let name = if name.trim().is_empty() { "document" } else { name };
        Ok(Self { name: shortened(name), bytes: bytes.into(), is_own: true })
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// What the bucket calls it; the value of the encryption context's `aws:s3:arn`.
    pub fn object_arn(&self) -> String {
        format!("arn:aws:s3:::{}/{}", super::people::BUCKET, self.name)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({}, {} bytes)", self.name, self.len())
    }
}

/// Whether a file of that size can be taken, to be asked before it is read.
pub fn check_size(name: &str, len: u64) -> Result<(), Unfit> {
    match len {
        0 => Err(Unfit(format!("`{name}` is empty: there is nothing to encrypt"))),
        _ if len > MAX_LEN => {
            Err(Unfit(format!("`{name}` has {len} bytes; this page keeps all of them in memory and takes at most 64 MB")))
        }
        _ => Ok(()),
    }
}

/// Why a file can not be the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit(
    /// For the learner.
    pub String,
);

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name has to fit the encryption context's length and the screen.
fn shortened(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(120).collect()
}

/// 64 MB.
pub const MAX_LEN: u64 = 64 * 1024 * 1024;

const BUILT_IN: &str = include_str!("contract.txt");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_limits_that_are_said() {
        assert!(Document::own("a.txt", Vec::new()).unwrap_err().to_string().contains("empty"));
        assert_eq!(Document::own("a.txt", vec![0; 100]).unwrap().len(), 100);
        assert!(check_size("big", MAX_LEN).is_ok());
        assert!(check_size("big", MAX_LEN + 1).unwrap_err().to_string().contains("at most 64 MB"));
    }

    #[test]
    fn the_built_in_document_fills_more_than_one_frame() {
        assert!((2 * 1024..20 * 1024).contains(&Document::built_in().len()), "{:?}", Document::built_in());
        assert_eq!(Document::built_in().object_arn(), "arn:aws:s3:::contracts/contract.txt");
    }
}
