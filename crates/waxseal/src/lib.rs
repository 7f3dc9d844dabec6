//! Room for waxseal.
