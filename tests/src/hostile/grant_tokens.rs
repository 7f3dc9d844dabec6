//! Grant tokens: nobody makes one up, and one is worth nothing beside its grant.

use waxseal_base::observer::Observer;
use waxseal_kms::LocalKmsClient;
use waxseal_kms_api::calls::{DecryptRequest, RetireGrantRequest};
use waxseal_kms_api::fault::FaultCode;
use waxseal_policy::Caller;

use super::world::{RETIRING, WORLD};

/// The bytes as a token; then exclusive-ored with the digits of a genuine one.
pub fn grant_tokens(data: &[u8]) {
    let administrator = WORLD.administrator();
    try_token(&administrator, String::from_utf8_lossy(data).into_owned());
    let mut altered = WORLD.token.clone().into_bytes();
    for (byte, change) in altered.iter_mut().zip(data) {
        *byte ^= change;
    }
    try_token(&administrator, String::from_utf8_lossy(&altered).into_owned());
}

fn try_token(administrator: &LocalKmsClient, token: String) {
    let is_genuine = token == WORLD.token;
    let decrypt = DecryptRequest { grant_tokens: vec![token.clone()], ..WORLD.decrypt_request(&WORLD.blob) };
    match administrator.call(decrypt, &Observer::none()) {
        Ok(_) => assert!(is_genuine, "a token that nobody gave is taken"),
        Err(fault) => {
            assert!(!is_genuine, "{fault}");
            let expected = [FaultCode::InvalidGrantTokenException, FaultCode::ValidationException];
            assert!(expected.contains(&fault.code), "{fault}");
        }
    }
    let alice = administrator.kms().as_caller(Caller::parse(RETIRING).expect("it is a caller"));
    let retire = RetireGrantRequest { grant_token: Some(token.clone()), dry_run: Some(true), ..RetireGrantRequest::default() };
    let fault = alice.call(retire, &Observer::none()).expect_err("a dry run is refused");
    let came_through = fault.code == FaultCode::DryRunOperationException;
    assert_eq!(came_through, is_genuine, "{fault}");
    assert!(fault.code.http_status() < 500, "{fault}");
    let said = fault.to_string();
    assert!(token.len() < 8 || !said.contains(&token), "a refusal repeats the token: {said}");
}
