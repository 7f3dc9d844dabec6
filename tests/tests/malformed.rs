//! Every malformed request of `malformed/`, each refused by its name and in words, and every member of every operation with values that are
//! not of its type.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use waxseal_tests::malformed::{Case, Members};

#[test]
fn malformed_requests_are_refused_by_name() {
    let cases = Case::read(&file("requests.json")).unwrap();
    let ids: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids.len(), cases.len(), "an id is there twice");
    let failures: Vec<String> =
        cases.iter().filter_map(|case| case.run().err().map(|error| format!("{} ({}): {error:#}", case.id, case.title))).collect();
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn members_of_a_wrong_type_are_refused_by_name() {
    let (count, failures) = Members::read(&file("members.json")).unwrap().run();
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
    assert!(count > 1000, "only {count} values");
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("malformed").join(name)
}
