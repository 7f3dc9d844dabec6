//! Every case of every file in `policy/`, and the shared ones where they lie beside the repository.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use waxseal_tests::policy_cases::CaseFile;

#[test]
fn our_cases_come_out_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policy");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut ids = BTreeSet::new();
    for file in &files {
        for case in run(file).cases {
            assert!(ids.insert(case.id.clone()), "{} is there twice", case.id);
        }
    }
    assert!(ids.len() >= 40, "only {} cases", ids.len());
}

#[test]
fn the_shared_cases_come_out_as_expected() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/policy/cases.json");
    if file.exists() {
        assert!(!run(&file).cases.is_empty());
    } else {
        println!("skipped: {} is not there", file.display());
    }
}

/// Runs all cases of a file and fails with all that came out differently.
fn run(path: &Path) -> CaseFile {
    let file = CaseFile::read(path).unwrap();
    let failures: Vec<String> =
        file.cases.iter().filter_map(|case| case.run().err().map(|error| format!("{} ({}): {error:#}", case.id, case.title))).collect();
    assert!(failures.is_empty(), "{}:\n{}", path.display(), failures.join("\n"));
    file
}
