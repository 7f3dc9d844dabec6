//! The examples, run.

#[path = "../examples/caching.rs"]
mod caching;
#[path = "../examples/encrypt_bytes.rs"]
mod encrypt_bytes;
#[path = "../examples/encrypt_file.rs"]
mod encrypt_file;
#[path = "../examples/own_kms.rs"]
mod own_kms;
#[path = "../examples/random_access.rs"]
mod random_access;

#[test]
fn caching_asks_once_for_many_messages() {
    caching::main().unwrap();
}

#[test]
fn bytes_are_encrypted() {
    encrypt_bytes::main().unwrap();
}

#[test]
fn files_are_encrypted() {
    encrypt_file::main().unwrap();
}

#[test]
fn a_kms_of_ones_own_is_one() {
    own_kms::main().unwrap();
}

#[test]
fn parts_of_files_are_read() {
    random_access::main().unwrap();
}
