//! Tests of frame planning.
