//! Room for npm-sdk.
