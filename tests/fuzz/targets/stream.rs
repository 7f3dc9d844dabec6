#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| waxseal_tests::hostile::stream(data));
