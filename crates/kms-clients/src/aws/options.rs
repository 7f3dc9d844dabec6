//! Who asks AWS KMS, and where.

use waxseal_kms_api::sigv4::{Credentials, SecretAccessKey};
use zeroize::Zeroizing;

use crate::error::ClientError;
use crate::renewed::{Provided, Source};
use crate::transport::Limits;

/// Who asks, and where.
#[derive(Clone, Debug)]
pub struct AwsOptions {
    /// Who asks.
    pub credentials: Source<Credentials>,
    /// The region of keys that are not named by an ARN, which says it itself.
    pub region: Option<String>,
    /// Where multi-Region keys have replicas. A try that fails is followed by one in the next of these regions, at once. What comes out names the key that was
    /// asked for, and opens in each region.
    pub replica_regions: Vec<String>,
    /// The service's address, for whatever is not AWS's own.
    pub endpoint: Option<String>,
    /// Whether to use the endpoints with FIPS 140 modules.
    pub fips: bool,
    /// Whether to use the endpoints that have IPv6 too.
    pub dual_stack: bool,
    /// How long to wait, and how often to try.
    pub limits: Limits,
}

impl AwsOptions {
    /// With those credentials, at AWS.
    pub fn new(credentials: Source<Credentials>) -> Self {
        Self {
            credentials,
            region: None,
            replica_regions: Vec::new(),
            endpoint: None,
            fips: false,
            dual_stack: false,
            limits: Limits::default(),
        }
    }

    /// As the variables of AWS's own clients say, each by its name: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`,
    /// `AWS_DEFAULT_REGION`, `AWS_ENDPOINT_URL_KMS`, `AWS_ENDPOINT_URL`, `AWS_USE_FIPS_ENDPOINT` and `AWS_USE_DUALSTACK_ENDPOINT`. Natively
    /// `|name| std::env::var(name).ok()` looks them up.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ClientError> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let (Some(access_key_id), Some(secret)) = (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) else {
            return Err(ClientError::caller("no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"));
        };
        let credentials = Credentials {
            access_key_id,
            secret_access_key: SecretAccessKey::new(secret),
            session_token: variable("AWS_SESSION_TOKEN").map(Zeroizing::new),
        };
        let is_set = |name| variable(name).as_deref() == Some("true");
        Ok(Self {
            region: variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")),
            endpoint: variable("AWS_ENDPOINT_URL_KMS").or_else(|| variable("AWS_ENDPOINT_URL")),
            fips: is_set("AWS_USE_FIPS_ENDPOINT"),
            dual_stack: is_set("AWS_USE_DUALSTACK_ENDPOINT"),
            ..Self::new(Source::Fixed(Provided::always(credentials)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_say_who_and_where() {
        let variables = [
            ("AWS_ACCESS_KEY_ID", "AKID"),
            ("AWS_SECRET_ACCESS_KEY", "the-secret"),
            ("AWS_SESSION_TOKEN", ""),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL", "http://localhost:4566"),
            ("AWS_USE_FIPS_ENDPOINT", "false"),
        ];
        let of = |variables: &[(&str, &str)]| {
            AwsOptions::from_variables(|name| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned()))
        };
        let options = of(&variables).unwrap();
        assert_eq!((options.region.as_deref(), options.endpoint.as_deref()), (Some("eu-west-1"), Some("http://localhost:4566")));
        assert_eq!((options.fips, options.dual_stack), (false, false));
        let Source::Fixed(given) = &options.credentials else { panic!("the credentials are fixed") };
        assert_eq!((given.value.access_key_id.as_str(), given.value.session_token.is_none()), ("AKID", true));
        assert!(!format!("{options:?} {given:?}").contains("the-secret"));
        assert!(of(&variables[1..]).unwrap_err().message.starts_with("no credentials"));
    }
}
