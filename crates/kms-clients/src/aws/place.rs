//! Where a key of AWS KMS is: its region and partition, and the service's address there.

use waxseal_kms_api::arn::Arn;

use crate::address::Address;
use crate::check::is_word;
use crate::error::ClientError;

/// Where to ask.
pub(super) struct Place {
    pub(super) region: String,
    pub(super) address: Address,
    /// Whether it is not where the key is that was named, but where that has a replica.
    pub(super) is_replica: bool,
}

impl Place {
    /// How a key is named there.
    pub(super) fn name_of(&self, key_id: &str) -> String {
        match key_arn(key_id) {
            Some(arn) if self.is_replica => Arn { region: self.region.clone(), ..arn }.to_string(),
            _ => key_id.to_owned(),
        }
    }
}

/// Which of a region's endpoints.
#[derive(Clone, Copy)]
pub(super) struct Flavour {
    pub(super) fips: bool,
    pub(super) dual_stack: bool,
}

/// The ARN of a key or alias; `None` for what is no such ARN.
pub(super) fn key_arn(text: &str) -> Option<Arn> {
    let arn: Arn = text.parse().ok()?;
    let is_account = arn.account.len() == 12 && arn.account.bytes().all(|byte| byte.is_ascii_digit());
    let is_partition = arn.partition.starts_with("aws") && is_word(&arn.partition, b"_-");
    (is_account && is_partition && (arn.is_kms_key() || arn.is_kms_alias())).then_some(arn)
}

/// A region becomes part of an address, and an ARN in a message may be a stranger's.
pub(super) fn check_region(region: &str) -> Result<(), ClientError> {
    let refused = || ClientError::caller(format!("`{region}` is not the name of an AWS region"));
    let mut parts = region.split('-');
    let (first, last) = (parts.next().unwrap_or_default(), parts.next_back().unwrap_or_default());
    let is_lower = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let middle: Vec<_> = parts.collect();
    let is_number = (1..=2).contains(&last.len()) && last.bytes().all(|byte| byte.is_ascii_digit());
    match is_number && (2..=4).contains(&first.len()) && is_lower(first) && !middle.is_empty() && middle.iter().all(|part| is_lower(part)) {
        true => Ok(()),
        false => Err(refused()),
    }
}

/// `https://kms.…` of a region; without a partition, of the one that the region is in.
pub(super) fn endpoint(region: &str, partition: Option<&str>, flavour: Flavour) -> Result<Address, ClientError> {
    let is_it = |known: &&Partition| match partition {
        Some(partition) => known.name == partition,
        None => region.starts_with(known.regions),
    };
    let known = PARTITIONS.iter().find(is_it).ok_or_else(|| {
        ClientError::caller(format!("nothing is known of the partition `{}`; give an endpoint", partition.unwrap_or_default()))
    })?;
    let domain = if flavour.dual_stack { known.dual_stack } else { known.domain };
    let service = if flavour.fips { "kms-fips" } else { "kms" };
    Address::parse(&format!("https://{service}.{region}.{domain}"), "the endpoint")
}

struct Partition {
    name: &'static str,
    /// What the names of its regions begin with.
    regions: &'static str,
    domain: &'static str,
    dual_stack: &'static str,
}

const fn partition(name: &'static str, regions: &'static str, domain: &'static str, dual_stack: &'static str) -> Partition {
    Partition { name, regions, domain, dual_stack }
}

/// The last one is for whatever region is new.
const PARTITIONS: &[Partition] = &[
    partition("aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    partition("aws-us-gov", "us-gov-", "amazonaws.com", "api.aws"),
    partition("aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    partition("aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    partition("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    partition("aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    partition("aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    partition("aws", "", "amazonaws.com", "api.aws"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_those_of_botocore() {
        let table = include_str!("../../../../tests/clients/cases/endpoints.json");
        let rows: Vec<serde_json::Value> = serde_json::from_str(table).unwrap();
        assert!(rows.len() > 150);
        for row in rows {
            let [partition, region, url] = [0, 1, 4].map(|n| row[n].as_str().unwrap());
            let flavour = Flavour { fips: row[2].as_bool().unwrap(), dual_stack: row[3].as_bool().unwrap() };
            check_region(region).unwrap();
            for partition in [Some(partition), None] {
                assert_eq!(endpoint(region, partition, flavour).unwrap().to_string(), url);
            }
        }
        let flavour = Flavour { fips: false, dual_stack: false };
        assert!(endpoint("eu-west-1", Some("aws-mars"), flavour).unwrap_err().message.contains("`aws-mars`"));
    }

    #[test]
    fn a_strangers_arn_leads_nowhere_else() {
        for region in [
            "",
            "evil.example/",
            "eu-west-1.evil.example",
            "EU-west-1",
            "eu-west",
            "eu--1",
            "eu-west-100",
            "e-west-1",
            "eu-west-1 ",
            "eu-1",
        ] {
            assert!(check_region(region).is_err(), "{region}");
        }
        let key = "arn:aws:kms:eu-west-1:111122223333:key/1";
        assert_eq!(key_arn(key).unwrap().region, "eu-west-1");
        for (from, to) in
            [(":kms:", ":s3:"), ("1111", "11"), ("key/", "store/"), (":aws:", ":mars:"), (":aws:", ":aws.x:"), ("key/1", "key/")]
        {
            assert!(key_arn(&key.replace(from, to)).is_none(), "{to}");
        }
    }
}
