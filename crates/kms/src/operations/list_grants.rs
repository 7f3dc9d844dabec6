//! ListGrants: the grants on a key, oldest first, a page at a time. Tokens are never listed.

use serde_json::{Value, json};
use waxseal_kms_api::calls::{ListGrantsRequest, ListGrantsResponse, Response};
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;
use waxseal_policy::Context;

use super::{Operate, Target};
use crate::grants::GrantRecord;
use crate::refusals::check_asks_for_itself;
use crate::scene::Scene;
use crate::validation::{self, invalid};

impl Operate for ListGrantsRequest {
    fn operation(&self) -> Operation {
        Operation::ListGrants
    }

    fn validate(&self) -> Result<(), Fault> {
        let len = |text: &Option<String>| text.as_ref().map_or(1, |text| text.chars().count());
        validation::key_id(&self.key_id)
            .value("limit", self.limit, 1..=100)
            .length("marker", len(&self.marker), 1..=1024)
            .length("grantId", len(&self.grant_id), 1..=128)
            .length("granteePrincipal", len(&self.grantee_principal), 1..=256)
            .service("granteeServicePrincipal", self.grantee_service_principal.as_deref())
            .finish()?;
        match (&self.grantee_principal, &self.grantee_service_principal) {
            (Some(_), Some(_)) => Err(invalid("You can specify either GranteePrincipal or GranteeServicePrincipal, but not both.")),
            _ => Ok(()),
        }
    }

    fn target(&self) -> Target<'_> {
        Target::Key(&self.key_id)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        check_asks_for_itself(scene, "GranteeServicePrincipal", self.grantee_service_principal.as_deref())?;
        let key = scene.key()?;
        let from = self.marker.as_deref().map(read_marker).transpose()?.unwrap_or(0);
        let limit = self.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_LIMIT);
        let grantee = self.grantee_principal.as_ref().or(self.grantee_service_principal.as_ref());
        let wanted = |grant: &&GrantRecord| {
            grant.number >= from
                && self.grant_id.as_ref().is_none_or(|id| grant.id == *id)
                && grantee.is_none_or(|grantee| grant.grantee == *grantee)
        };
        let mut rest = key.living_grants().filter(wanted);
        let arn = key.arn().to_string();
        let grants = rest.by_ref().take(limit).map(|grant| grant.entry(&key.partition, &arn)).collect();
        let next_marker = rest.next().map(|grant| format!("{MARKER}{:x}", grant.number));
        Ok(ListGrantsResponse { grants, truncated: next_marker.is_some(), next_marker }.into())
    }

    fn audit_parameters(&self) -> Value {
        json!({
            "keyId": self.key_id,
            "limit": self.limit,
            "marker": self.marker,
            "grantId": self.grant_id,
            "granteePrincipal": self.grantee_principal,
            "granteeServicePrincipal": self.grantee_service_principal,
        })
    }

    fn add_conditions(&self, scene: &Scene<'_>, context: &mut Context) {
        context.insert("kms:GrantIsForAWSResource", scene.call.via_service.is_some().to_string());
    }
}

/// The number of the grant that the next page begins with.
fn read_marker(marker: &str) -> Result<u64, Fault> {
    let number = marker.strip_prefix(MARKER).and_then(|digits| u64::from_str_radix(digits, 16).ok());
    number.ok_or_else(|| Fault::new(FaultCode::InvalidMarkerException, "The marker is not one that ListGrants returned."))
}

const DEFAULT_LIMIT: usize = 50;
const MARKER: &str = "grant-";
