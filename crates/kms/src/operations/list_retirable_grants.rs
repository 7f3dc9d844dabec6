//! ListRetirableGrants: the grants that a principal of the caller's account may retire, on keys of whatever account.

use serde_json::{Value, json};
use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::calls::{GrantListEntry, ListRetirableGrantsRequest, ListRetirableGrantsResponse, Response};
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_kms_api::operation::Operation;

use super::{On, Operate, Permission, Target};
use crate::grants::GrantRecord;
use crate::index;
use crate::key_record::KeyRecord;
use crate::paging::{Page, limits, page, read_marker};
use crate::refusals::check_asks_for_itself;
use crate::scene::Scene;
use crate::validation::{Validation, invalid};

impl Operate for ListRetirableGrantsRequest {
    fn operation(&self) -> Operation {
        Operation::ListRetirableGrants
    }

    fn validate(&self) -> Result<(), Fault> {
        let len = self.retiring_principal.chars().count();
        let shortest = usize::from(self.retiring_service_principal.is_none());
        let validation = Validation::new()
            .length("retiringPrincipal", len, shortest..=256)
            .service("retiringServicePrincipal", self.retiring_service_principal.as_deref());
        limits(validation, self.limit, 100, self.marker.as_deref()).finish()?;
        match (len, &self.retiring_service_principal) {
            (1.., Some(_)) => Err(invalid("You must specify either RetiringPrincipal or RetiringServicePrincipal, but not both.")),
            _ => Ok(()),
        }
    }

    fn target(&self) -> Target<'_> {
        Target::NoKey
    }

    fn act(&self, scene: &mut Scene<'_>) -> Result<Response, Fault> {
        check_asks_for_itself(scene, "RetiringServicePrincipal", self.retiring_service_principal.as_deref())?;
        let retiring = self.retiring_service_principal.as_ref().unwrap_or(&self.retiring_principal);
        if self.retiring_service_principal.is_none() {
            check_own_account(&self.retiring_principal, scene)?;
        }
        let from = read_marker(self.marker.as_deref(), Operation::ListRetirableGrants, read)?;
        let (first_key, first_grant) = from.unwrap_or_default();
        let prefix = index::of_retiring_principal(scene.region, retiring);
        let keys = scene.keys_under(&prefix, first_key);
        let of_key = |key: KeyRecord| {
            let is_left = |grant: &&GrantRecord| key.id != first_key || grant.number >= first_grant;
            let is_wanted = |grant: &&GrantRecord| grant.retiring.as_ref() == Some(retiring);
            let arn = key.arn().to_string();
            let grants = key.living_grants().filter(is_left).filter(is_wanted);
            grants.map(|grant| Ok((format!("{}/{:x}", key.id, grant.number), grant.entry(&key.partition, &arn)))).collect::<Vec<_>>()
        };
        let grants = keys.flat_map(|key| key.map_or_else(|fault| vec![Err(fault)], of_key));
        let Page { items, next_marker } = page(grants, self.limit, DEFAULT_LIMIT, |(marker, _)| marker.clone())?;
        let grants: Vec<GrantListEntry> = items.into_iter().map(|(_, grant)| grant).collect();
        Ok(ListRetirableGrantsResponse { grants, truncated: next_marker.is_some(), next_marker }.into())
    }

    fn permissions(&self) -> Vec<Permission<'_>> {
        // A service has no identity policies; that it asks for itself is checked when it does.
        match self.retiring_service_principal {
            Some(_) => Vec::new(),
            None => vec![Permission::new(self.operation().action(), On::Key)],
        }
    }

    fn audit_parameters(&self) -> Value {
        let principal = Some(&self.retiring_principal).filter(|principal| !principal.is_empty());
        json!({ "retiringPrincipal": principal, "retiringServicePrincipal": self.retiring_service_principal, "limit": self.limit, "marker": self.marker })
    }
}

/// The key and the number of the grant that the next page begins with.
fn read(marker: &str) -> Option<(&str, u64)> {
    let (key_id, number) = marker.split_once('/')?;
    Some((key_id, u64::from_str_radix(number, 16).ok()?))
}

fn check_own_account(principal: &str, scene: &Scene<'_>) -> Result<(), Fault> {
    let principal: Arn = principal.parse().map_err(|_| not_an_arn(principal))?;
    match scene.call.caller.account() == Some(principal.account.as_str()) {
        true => Ok(()),
        false => Err(Fault::new(FaultCode::AccessDeniedException, format!("`{principal}` is not a principal of the caller's account"))),
    }
}

fn not_an_arn(text: &str) -> Fault {
    Fault::new(FaultCode::InvalidArnException, format!("`{text}` is not an ARN"))
}

const DEFAULT_LIMIT: usize = 50;
