//! Room for kms.
