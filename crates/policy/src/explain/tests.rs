use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::testing::{World, any_world};
use crate::{evaluate, who_can};

fn asks(world: &World) -> Vec<Ask<'_>> {
    let ask = |person| Ask { request: world.request(person), documents: world.documents(person, (&world.grants).into()) };
    world.people.iter().map(ask).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_fix_allows_and_none_of_its_parts_can_be_left_out(world in any_world()) {
        let all = asks(&world);
        for ask in &all {
            let fixes = explain(ask, &all);
            prop_assert!(!ask.is_allowed() || fixes.is_empty());
            for fix in &fixes {
                prop_assert!(allows(ask, &fix.edits), "{:?}", fix);
                let parts = fix.edits.len();
                prop_assert!(parts > 0 && parts <= MAX_COMBINED);
                for combination in 0..(1_usize << parts) - 1 {
                    let fewer: Vec<Edit> = (0..parts).filter(|place| combination >> place & 1 == 1).map(|place| fix.edits[place].clone()).collect();
                    prop_assert!(!allows(ask, &fewer), "{:?} is enough of {:?}", fewer, fix);
                }
            }
        }
    }

    #[test]
    fn whoever_else_a_fix_lets_in_is_listed_with_it(world in any_world()) {
        let all = asks(&world);
        for ask in &all {
            for fix in explain(ask, &all) {
                let request_only: Vec<Edit> = fix.edits.iter().filter(|edit| edit.change.is_of_request()).cloned().collect();
                let holders = |edits: &[Edit]| -> BTreeSet<String> {
                    let allowed = all.iter().filter(|other| Draft::of(ask, other, edits).ok().unwrap().is_allowed(other));
                    allowed.map(|other| other.request.caller.to_string()).collect()
                };
                let mut newly: BTreeSet<String> = &holders(&fix.edits) - &holders(&request_only);
                newly.remove(ask.request.caller.arn());
                prop_assert_eq!(newly, fix.also_allows.iter().cloned().collect::<BTreeSet<_>>());
            }
        }
    }

    #[test]
    fn something_helps_everyone_whom_the_operation_is_open_to(world in any_world()) {
        for ask in asks(&world) {
            let is_closed = ask.request.scope == waxseal_kms_api::operation::Scope::OwnAccount && ask.request.is_foreign();
            let is_retirement = ask.request.action == "kms:RetireGrant";
            prop_assert!(ask.is_allowed() || is_closed || is_retirement || !explain(&ask, &[]).is_empty());
            prop_assert!(!is_closed || explain(&ask, &[]).is_empty());
        }
    }

    #[test]
    fn who_can_is_everyone_who_is_allowed(world in any_world()) {
        let all = asks(&world);
        let expected: Vec<(String, String)> = all
            .iter()
            .map(|ask| (ask.request.caller.to_string(), evaluate(&ask.request, &ask.documents)))
            .filter(|(_, decision)| decision.is_allowed())
            .map(|(caller, decision)| (caller, decision.because))
            .collect();
        let holders: Vec<(String, String)> = who_can(&all).into_iter().map(|holder| (holder.principal, holder.reason)).collect();
        prop_assert_eq!(holders, expected);
    }
}
