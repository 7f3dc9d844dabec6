//! The handle through which everything that happens is told. It is threaded through SDK and engine in production code; with nobody
//! listening, [`Observer::emit`] is one comparison and nothing is hashed or copied. In a build without the feature `trace` nobody can
//! listen: an [`Observer`] then is nothing at all, and neither is what it is told.

#[cfg(not(feature = "trace"))]
mod absent;
#[cfg(feature = "trace")]
mod listening;

#[cfg(not(feature = "trace"))]
pub use self::absent::{Observer, Witness};
#[cfg(feature = "trace")]
pub use self::listening::{Collector, Held, Observer, Trace, Witness};
use crate::event::Span;

const ROOT: Span = Span { id: 0, parent: None };
