//! Tests of the engine from outside, one binary.

mod audit;
mod ciphertexts;
mod imports;
mod key_pairs;
mod rsa_keys;
mod scenarios;
mod states;
mod store;
mod support;
mod trace;
mod verdicts;
mod wire;
mod wrapping;
