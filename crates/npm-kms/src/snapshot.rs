//! A whole KMS, out into a snapshot and back.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use waxseal_kms::OpenSnapshot;
use waxseal_kms::snapshot::SnapshotError;
use zeroize::Zeroizing;

use crate::local_kms::{LocalKms, Settings, made, options, surroundings};
use crate::object::object;
use crate::outcome::{failed, invalid};

/// A snapshot that was opened.
#[wasm_bindgen]
pub struct OpenedSnapshot(OpenSnapshot);

/// Opens a snapshot: with the root key that it was sealed under, or, if it is open, without one. The value is an [`OpenedSnapshot`].
#[wasm_bindgen(js_name = openSnapshot)]
pub fn open_snapshot(bytes: Vec<u8>, root_key: Option<Vec<u8>>) -> JsValue {
    // An open one has the keys of a KMS in it.
    let bytes = Zeroizing::new(bytes);
    let opened = match root_key {
        Some(root_key) => OpenSnapshot::unseal(&bytes, Zeroizing::new(root_key)),
        None => OpenSnapshot::danger_without_root_key(&bytes),
    };
    opened.map_or_else(|error| refused(&error), |opened| object([("value", OpenedSnapshot(opened).into())]))
}

#[wasm_bindgen]
impl OpenedSnapshot {
    /// A copy of the KMS's own root key, for the store to be kept under.
    #[wasm_bindgen(js_name = rootKey)]
    pub fn root_key(&self) -> Uint8Array {
        // As a `Vec` it would stay behind in this module's memory.
        Uint8Array::from(self.0.root_key().as_slice())
    }

    /// Makes the KMS, in the settings' store; the value is a [`LocalKms`].
    pub fn restore(self, settings: &Settings) -> JsValue {
        let surroundings = surroundings(settings);
        match waxseal_kms::LocalKms::restore(self.0, options(settings), surroundings.env.clone(), surroundings.store.clone()) {
            Ok(kms) => made(kms, surroundings),
            Err(error) => refused(&error),
        }
    }
}

#[wasm_bindgen]
impl LocalKms {
    /// A snapshot: sealed under a root key of 32 bytes, or open if there is none. The value is its bytes.
    pub fn snapshot(&self, root_key: Option<Vec<u8>>) -> JsValue {
        let bytes = match root_key {
            Some(root_key) => self.kms.snapshot(Zeroizing::new(root_key)).map(Zeroizing::new),
            None => self.kms.danger_snapshot_without_root_key(),
        };
        bytes.map_or_else(|error| refused(&error), |bytes| object([("value", Uint8Array::from(bytes.as_slice()).into())]))
    }
}

fn refused(error: &SnapshotError) -> JsValue {
    match error {
        SnapshotError::Kms(_) | SnapshotError::Cipher => failed("Internal", &error.to_string()),
        _ => invalid(&error.to_string()),
    }
}
