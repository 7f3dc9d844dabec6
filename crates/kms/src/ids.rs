//! Random names: key ids, request ids, grant ids.

use waxseal_base::env::{Env, RandomError};
use waxseal_kms_api::arn::MULTI_REGION_PREFIX;

/// A random UUID (RFC 9562, version 4).
pub(crate) fn make_uuid(env: &Env) -> Result<String, RandomError> {
    Ok(uuid(u128::from_be_bytes(env.random_array()?)))
}

/// A UUID in the form of a random one.
pub(crate) fn uuid(mut bits: u128) -> String {
    bits = (bits & !(0xf << 76)) | (4 << 76);
    bits = (bits & !(0b11 << 62)) | (0b10 << 62);
    let digits = |shift: u32, len: usize| format!("{:0len$x}", (bits >> shift) & ((1_u128 << (len * 4)) - 1));
    [digits(96, 8), digits(80, 4), digits(64, 4), digits(48, 4), digits(0, 12)].join("-")
}

/// A random id of a multi-Region key: `mrk-` and the digits of a UUID.
pub(crate) fn make_multi_region_id(env: &Env) -> Result<String, RandomError> {
    Ok(format!("{MULTI_REGION_PREFIX}{}", make_uuid(env)?.replace('-', "")))
}

/// 64 random hexadecimal digits.
pub(crate) fn make_id(env: &Env) -> Result<String, RandomError> {
    env.random_array::<32>().map(hex::encode)
}

/// Whether a text has the form of a key id: a UUID, or `mrk-` and 32 hexadecimal digits.
pub(crate) fn is_key_id(text: &str) -> bool {
    let hex = |part: &str, len: usize| part.len() == len && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.strip_prefix(MULTI_REGION_PREFIX) {
        Some(digits) => hex(digits, 32),
        None => {
            let parts: Vec<&str> = text.split('-').collect();
            parts.len() == 5 && parts.iter().zip([8, 4, 4, 4, 12]).all(|(part, len)| hex(part, len))
        }
    }
}

/// Whether a text can be a region's name, such as `us-east-1`.
pub(crate) fn is_region(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    is_plain && (1..=MAX_REGION_LEN).contains(&text.len())
}

/// The partition that a region is of, by its name.
pub(crate) fn partition_of(region: &str) -> &'static str {
    PARTITIONS.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
}

/// What the names of the regions of all partitions but AWS's first begin with.
const PARTITIONS: &[(&str, &str)] = &[
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
    ("eusc-", "aws-eusc"),
];
const MAX_REGION_LEN: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use waxseal_base::time::Timestamp;

    #[test]
    fn uuids_have_their_form() {
        let env = Env::danger_deterministic(Timestamp::default(), 1);
        for _ in 0..50 {
            let uuid = make_uuid(&env).unwrap();
            assert!(is_key_id(&uuid), "{uuid}");
            let digit = |at: usize| uuid.chars().nth(at).unwrap();
            assert!(digit(14) == '4' && "89ab".contains(digit(19)), "{uuid}");
        }
        assert_ne!(make_uuid(&env), make_uuid(&env));
        assert_eq!(make_id(&env).unwrap().len(), 64);
        assert!(is_key_id(&make_multi_region_id(&env).unwrap()));
        assert_eq!(["eu-west-1", "us-gov-west-1", "cn-north-1"].map(partition_of), ["aws", "aws-us-gov", "aws-cn"]);
        for not_id in ["", "1234", "mrk-1", "1234abcd-12ab-34cd-56ef-1234567890ag", "1234abcd-12ab-34cd-56ef-1234567890ab-1"] {
            assert!(!is_key_id(not_id), "{not_id}");
        }
    }
}
