//! Room for policy.
