//! Why waxseal is built the way it is. Nothing here is needed to use it.

pub mod attacks;
pub mod decisions;
