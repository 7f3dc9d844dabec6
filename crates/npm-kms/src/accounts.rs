//! What limits principals and accounts, and their labels.

use wasm_bindgen::prelude::*;

use crate::local_kms::{LocalKms, refused};
use crate::outcome::{invalid, value};

#[wasm_bindgen]
impl LocalKms {
    /// Gives a principal a permissions boundary.
    #[wasm_bindgen(js_name = putBoundary)]
    pub fn put_boundary(&self, principal: &str, policy: &str) -> JsValue {
        self.kms.put_permissions_boundary(principal, policy).map_or_else(|error| refused(&error), |()| value(&()))
    }

    /// Takes a principal's permissions boundary away.
    #[wasm_bindgen(js_name = deleteBoundary)]
    pub fn delete_boundary(&self, principal: &str) -> JsValue {
        self.kms.delete_permissions_boundary(principal).map_or_else(|error| refused(&error), |_| value(&()))
    }

    /// A principal's permissions boundary; the value is its text, or undefined.
    pub fn boundary(&self, principal: &str) -> JsValue {
        self.kms.permissions_boundary(principal).map_or_else(|error| refused(&error), |boundary| value(&boundary))
    }

    /// Labels a principal.
    #[wasm_bindgen(js_name = putTag)]
    pub fn put_tag(&self, principal: &str, key: &str, text: &str) -> JsValue {
        self.kms.put_principal_tag(principal, key, text).map_or_else(|error| refused(&error), |()| value(&()))
    }

    /// Takes a principal's label away.
    #[wasm_bindgen(js_name = deleteTag)]
    pub fn delete_tag(&self, principal: &str, key: &str) -> JsValue {
        self.kms.delete_principal_tag(principal, key).map_or_else(|error| refused(&error), |_| value(&()))
    }

    /// A principal's labels; the value is a Map.
    pub fn tags(&self, principal: &str) -> JsValue {
        self.kms.principal_tags(principal).map_or_else(|error| refused(&error), |tags| value(&tags))
    }

    /// Limits an account by service control policies: an array of texts for each level of its organization.
    #[wasm_bindgen(js_name = putServiceControlPolicies)]
    pub fn put_service_control_policies(&self, account: &str, levels: JsValue) -> JsValue {
        let levels: Vec<Vec<String>> = match serde_wasm_bindgen::from_value(levels) {
            Ok(levels) => levels,
            Err(error) => return invalid(&format!("the levels are not arrays of texts: {error}")),
        };
        self.kms.put_service_control_policies(account, &levels).map_or_else(|error| refused(&error), |()| value(&()))
    }

    /// The service control policies of an account; the value is an array of arrays of texts.
    #[wasm_bindgen(js_name = serviceControlPolicies)]
    pub fn service_control_policies(&self, account: &str) -> JsValue {
        self.kms.service_control_policies(account).map_or_else(|error| refused(&error), |levels| value(&levels))
    }

    /// Puts an account into an organization, or into none.
    #[wasm_bindgen(js_name = putOrganization)]
    pub fn put_organization(&self, account: &str, organization: Option<String>) -> JsValue {
        self.kms.put_organization(account, organization.as_deref()).map_or_else(|error| refused(&error), |()| value(&()))
    }

    /// The id of an account's organization; the value is undefined if it is in none.
    pub fn organization(&self, account: &str) -> JsValue {
        self.kms.organization(account).map_or_else(|error| refused(&error), |organization| value(&organization))
    }
}
