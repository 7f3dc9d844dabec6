//! Names: what parses is written as it was read.

use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::key_ref::KeyRef;
use waxseal_policy::{Caller, Grant};

/// A text is an ARN, names a key, names a caller, or does not.
pub fn arns(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(arn) = text.parse::<Arn>() {
        assert_eq!(arn.to_string(), text, "an ARN is written as it was read");
        assert!(!(arn.is_kms_key() && arn.is_kms_alias()), "a name is one of a key or of an alias");
    }
    if let Ok(key) = text.parse::<KeyRef>() {
        match &key {
            KeyRef::Id(id) | KeyRef::AliasName(id) => assert_eq!(id, text),
            KeyRef::Arn(arn) | KeyRef::AliasArn(arn) => assert_eq!(arn.to_string(), text),
        }
    }
    if let Ok(caller) = Caller::parse(text) {
        assert_eq!(Caller::parse(&caller.to_string()).as_ref(), Ok(&caller), "a caller is read from what it is written as");
        let is_nobody = caller.is_service() || caller.account().is_some_and(|account| account.len() == 12);
        assert!(is_nobody, "who is no service is of an account");
        let principal = caller.principal_arn();
        assert!(caller.is_service() || Grant::can_name(&principal), "a grant can be given to {principal}");
    }
}
