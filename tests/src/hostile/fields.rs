//! What structures tell of themselves.

use waxseal_base::codec::Field;

/// Where fields end, of which none is left out or shown twice.
pub(super) fn end_of(fields: &[Field]) -> usize {
    fields.iter().fold(0, |end, field| {
        assert_eq!(field.range.start, end, "no byte is left out or shown twice");
        field.range.end
    })
}
