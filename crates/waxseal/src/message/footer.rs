//! The footer of a signed message: the signature of every byte before it.

use waxseal_base::codec::{Part, ReadError, Reader, TooLong, Writer};

use super::{Description, Undescribed};

/// The signature, in DER.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footer {
    /// An `ECDSA-Sig-Value` of X9.62.
    pub signature: Vec<u8>,
}

impl Footer {
    /// Reads a footer; what may be in it is for the verifier to know.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, ReadError> {
        Self::scan(reader, &mut Undescribed)
    }

    /// Appends the footer.
    pub fn write(&self, writer: &mut Writer) -> Result<(), TooLong> {
        writer.u16_prefixed("signature", &self.signature).map(|_| ())
    }

    pub(super) fn scan(reader: &mut Reader<'_>, describe: &mut impl Description) -> Result<Self, ReadError> {
        let len = reader.u16()?;
        describe.field(reader, Part::Header, "signature length", || format!("{len} bytes"));
        let signature = reader.take(usize::from(len))?.to_vec();
        describe
            .field(reader, Part::Signature, "signature", || "of every byte before the footer, by the key that the context names".into());
        Ok(Self { signature })
    }
}
