//! Room for kms-api.
