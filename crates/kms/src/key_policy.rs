//! What a key's policy must be before the engine takes it.

use waxseal_kms_api::arn::Arn;
use waxseal_kms_api::fault::{Fault, FaultCode};
use waxseal_policy::{Document, PolicyErrorKind};

use crate::operations::Operate;
use crate::scene::Scene;
use crate::validation::Validation;

/// The only name that a policy of a key has.
pub(crate) const POLICY_NAME: &str = "default";

/// The policy that a key has if its maker gave none: its account decides by its identity policies.
pub(crate) fn default_policy(partition: &str, account: &str) -> String {
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:{partition}:iam::{account}:root"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#
    )
}

/// The length and characters of a policy's text. A text over 32,768 bytes is refused later, with a fault of its own.
pub(crate) fn limits(validation: Validation, text: &str) -> Validation {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    validation.length("policy", text.chars().count(), 1..=131_072).pattern(
        "policy",
        text.chars().all(allowed),
        r"[\u0009\u000A\u000D\u0020-\u00FF]+",
    )
}

/// Refuses a text that is no policy, and a policy that its caller could not replace again unless it bypasses that check.
pub(crate) fn check(scene: &Scene<'_>, request: &dyn Operate, key_arn: &Arn, text: &str, bypass: bool) -> Result<(), Fault> {
    let document = Document::key_policy(text);
    if let Err(error) = document.policy() {
        return Err(Fault::new(fault_code(error.kind), error.to_string()));
    }
    if bypass || scene.could_replace(request, key_arn, &document)? {
        return Ok(());
    }
    let text = "The new key policy will not allow you to update the key policy in the future.";
    Err(Fault::new(FaultCode::MalformedPolicyDocumentException, text))
}

/// The fault for a text that is not a policy.
pub(crate) fn fault_code(kind: PolicyErrorKind) -> FaultCode {
    match kind {
        PolicyErrorKind::TooLong => FaultCode::LimitExceededException,
        PolicyErrorKind::Malformed | PolicyErrorKind::OverlyPermissive => FaultCode::MalformedPolicyDocumentException,
    }
}
