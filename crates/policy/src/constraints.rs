//! The constraints of a grant: what a request must have for the grant to count, and which constraints are stricter than which.

use waxseal_base::event::ElementFinding;
use waxseal_kms_api::calls::GrantConstraints;
use waxseal_kms_api::encryption_context::EncryptionContext;

use crate::context::Context;
use crate::evaluate::Request;
use crate::statement::list;
use crate::variables::{Syntax, Template};

/// An encryption context whose keys ignore case: made once for all grants on a key, for pairs and grants can be many.
#[derive(Default)]
pub(crate) struct FoldedContext {
    values: Context,
    pairs: usize,
}

impl FoldedContext {
    pub(crate) fn of(context: &EncryptionContext) -> Self {
        Self { values: context.iter().collect(), pairs: context.len() }
    }

    /// Whether all pairs of `part` are in it. In a constraint a pair's key ignores case and its value does not.
    fn contains(&self, part: &EncryptionContext) -> bool {
        part.iter().all(|(key, value)| self.values.values(key).iter().any(|own| own == value))
    }

    /// Whether it has these pairs and no others.
    fn is_same(&self, other: &EncryptionContext) -> bool {
        self.pairs == other.len() && self.contains(other) && {
            let other: Context = other.iter().collect();
            self.values.iter().all(|(key, values)| values.iter().all(|value| other.values(key).contains(value)))
        }
    }
}

/// Whether a request has what constraints ask for.
pub(crate) fn holds(constraints: &GrantConstraints, request: &Request<'_>, context: &FoldedContext) -> bool {
    let source = request.context.single(SOURCE_ARN);
    constraints.encryption_context_subset.as_ref().is_none_or(|wanted| context.contains(wanted))
        && constraints.encryption_context_equals.as_ref().is_none_or(|wanted| context.is_same(wanted))
        && constraints.source_arn.as_ref().is_none_or(|wanted| source.is_some_and(|source| is_source(wanted, source)))
}

/// What constraints ask of DescribeKey: it has no encryption context, and the source counts if the request has one.
pub(crate) fn of_description(constraints: &GrantConstraints, request: &Request<'_>) -> Option<GrantConstraints> {
    let source_arn = constraints.source_arn.clone().filter(|_| request.context.single(SOURCE_ARN).is_some())?;
    Some(GrantConstraints { source_arn: Some(source_arn), ..GrantConstraints::default() })
}

/// What constraints ask of a request, and what it has.
pub(crate) fn constraints_finding(constraints: &GrantConstraints, request: &Request<'_>, matched: bool) -> ElementFinding {
    let context = request.encryption_context.filter(|context| !context.is_empty());
    let source = request.context.single(SOURCE_ARN);
    let mut found = context.map_or("the request has no encryption context".into(), pairs);
    if constraints.source_arn.is_some() {
        found = format!("{found}; {}", source.map_or_else(|| format!("no {SOURCE_ARN}"), |source| format!("{SOURCE_ARN} = {source}")));
    }
    ElementFinding { element: "Constraints".into(), wanted: describe(constraints), found, matched }
}

fn is_source(wanted: &str, source: &str) -> bool {
    let pattern = Template::parse(wanted, Syntax { wildcards: true, variables: false });
    pattern.is_ok_and(|pattern| pattern.matches_arn(source, &Context::new()))
}

/// Whether every context that `child` admits is one that `parent` admits: more pairs, or exactly these instead of at least these.
pub(crate) fn is_at_least_as_strict(child: &GrantConstraints, parent: &GrantConstraints) -> bool {
    let child_pairs = [&child.encryption_context_subset, &child.encryption_context_equals];
    let subset_holds = parent
        .encryption_context_subset
        .as_ref()
        .is_none_or(|parent| child_pairs.into_iter().flatten().any(|child| FoldedContext::of(child).contains(parent)));
    let equals_holds = parent
        .encryption_context_equals
        .as_ref()
        .is_none_or(|parent| child.encryption_context_equals.as_ref().is_some_and(|child| FoldedContext::of(child).is_same(parent)));
    let source_holds = parent.source_arn.is_none() || child.source_arn == parent.source_arn;
    subset_holds && equals_holds && source_holds
}

pub(crate) fn is_empty(constraints: &GrantConstraints) -> bool {
    *constraints == GrantConstraints::default()
}

pub(crate) fn describe(constraints: &GrantConstraints) -> String {
    let named = [
        ("EncryptionContextSubset", &constraints.encryption_context_subset),
        ("EncryptionContextEquals", &constraints.encryption_context_equals),
    ];
    let mut parts: Vec<String> =
        named.iter().filter_map(|(name, context)| context.as_ref().map(|context| format!("{name} {}", pairs(context)))).collect();
    parts.extend(constraints.source_arn.as_ref().map(|source| format!("SourceArn {source}")));
    parts.join(" and ")
}

fn pairs(context: &EncryptionContext) -> String {
    list(context.iter().map(|(key, value)| format!("{key} = {value}")))
}

const SOURCE_ARN: &str = "aws:SourceArn";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::Caller;
    use waxseal_kms_api::operation::Scope;

    fn context(pairs: &[(&str, &str)]) -> EncryptionContext {
        pairs.iter().copied().collect()
    }

    fn subset(pairs: &[(&str, &str)]) -> GrantConstraints {
        GrantConstraints { encryption_context_subset: Some(context(pairs)), ..GrantConstraints::default() }
    }

    fn equals(pairs: &[(&str, &str)]) -> GrantConstraints {
        GrantConstraints { encryption_context_equals: Some(context(pairs)), ..GrantConstraints::default() }
    }

    fn admits(constraints: &GrantConstraints, pairs: &[(&str, &str)], source: &[(&str, &str)]) -> bool {
        let request = Request {
            caller: &Caller::parse("arn:aws:iam::111122223333:user/bob").unwrap(),
            action: "kms:Decrypt",
            resource: None,
            scope: Scope::AnyAccount,
            context: &source.iter().copied().collect(),
            encryption_context: Some(&context(pairs)),
            grant_change: None,
        };
        holds(constraints, &request, &FoldedContext::of(&context(pairs)))
    }

    #[test]
    fn keys_of_constraints_ignore_case_and_values_do_not() {
        assert!(admits(&subset(&[("Dept", "IT")]), &[("dept", "IT"), ("x", "y")], &[]));
        assert!(!admits(&subset(&[("Dept", "IT")]), &[("dept", "it")], &[]));
        assert!(admits(&equals(&[("Dept", "IT")]), &[("dept", "IT")], &[]));
        assert!(!admits(&equals(&[("Dept", "IT")]), &[("dept", "IT"), ("x", "y")], &[]));
        assert!(!admits(&equals(&[("Dept", "IT")]), &[("dept", "IT"), ("DEPT", "it")], &[]));
        assert!(!admits(&equals(&[("Dept", "IT")]), &[], &[]));
        assert!(admits(&GrantConstraints::default(), &[], &[]));
    }

    #[test]
    fn a_source_is_a_resource_that_a_service_asks_for() {
        let constraints = GrantConstraints { source_arn: Some("arn:aws:s3:::papers*".into()), ..GrantConstraints::default() };
        assert!(admits(&constraints, &[], &[("aws:SourceArn", "arn:aws:s3:::papers-2026")]));
        assert!(!admits(&constraints, &[], &[("aws:SourceArn", "arn:aws:s3:::other")]));
        assert!(!admits(&constraints, &[], &[]));
        assert!(!is_at_least_as_strict(&GrantConstraints::default(), &constraints));
        assert!(is_at_least_as_strict(&constraints, &constraints));
    }

    #[test]
    fn a_child_is_at_least_as_strict_as_its_parent() {
        let (parent_subset, parent_equals) = (subset(&[("a", "1")]), equals(&[("a", "1")]));
        assert!(is_at_least_as_strict(&subset(&[("a", "1"), ("b", "2")]), &parent_subset));
        assert!(is_at_least_as_strict(&equals(&[("a", "1")]), &parent_subset));
        assert!(!is_at_least_as_strict(&subset(&[("b", "2")]), &parent_subset));
        assert!(is_at_least_as_strict(&equals(&[("A", "1")]), &parent_equals));
        assert!(!is_at_least_as_strict(&subset(&[("a", "1")]), &parent_equals));
        assert!(!is_at_least_as_strict(&equals(&[("a", "1"), ("b", "2")]), &parent_equals));
    }
}
