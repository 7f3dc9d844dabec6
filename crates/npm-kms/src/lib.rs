//! Room for npm-kms.
