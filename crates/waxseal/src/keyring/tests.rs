//! Tests of keyrings.
