//! Tests of the message format.
