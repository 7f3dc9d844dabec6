#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| waxseal_tests::hostile::encrypted_data_keys(data));
