//! Which crate may use which, checked against what cargo says. The table is the one of `crates/README.md`.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

#[test]
fn crates_use_only_what_the_map_allows() {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version=1",
            "--no-deps",
            "--offline",
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ])
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("a workspace has packages");
    let ours: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    assert_eq!(ours, ALLOWED.iter().map(|(name, _)| *name).collect(), "the map names every crate and no other");

    for package in packages {
        let name = package["name"].as_str().expect("a package has a name");
        let allowed = ALLOWED.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, allowed)| allowed);
        for dependency in package["dependencies"].as_array().expect("a package has dependencies") {
            let used = dependency["name"].as_str().expect("a dependency has a name");
            let is_for_examples = dependency["kind"] == "dev" && EXAMPLES.contains(&(name, used));
            assert!(!ours.contains(used) || allowed.contains(&used) || is_for_examples, "{name} uses {used}, which the map does not allow");
        }
    }
}

/// What each crate may use of ours.
const ALLOWED: &[(&str, &[&str])] = &[
    ("waxseal", &["waxseal-kms-api", "waxseal-base"]),
    ("waxseal-base", &[]),
    ("waxseal-kms", &["waxseal-policy", "waxseal-kms-api", "waxseal-base"]),
    ("waxseal-kms-api", &["waxseal-base"]),
    ("waxseal-kms-clients", &["waxseal-kms-api", "waxseal-base"]),
    ("waxseal-npm-kms", &["waxseal-kms", "waxseal-policy", "waxseal-kms-api", "waxseal-base"]),
    ("waxseal-npm-sdk", &["waxseal", "waxseal-kms-api", "waxseal-base"]),
    ("waxseal-npm-small", &["waxseal", "waxseal-kms-api", "waxseal-base"]),
    ("waxseal-policy", &["waxseal-kms-api", "waxseal-base"]),
    ("waxseal-tests", &["waxseal", "waxseal-kms-clients", "waxseal-kms", "waxseal-policy", "waxseal-kms-api", "waxseal-base"]),
    ("waxseal-web", &["waxseal", "waxseal-kms", "waxseal-policy", "waxseal-kms-api", "waxseal-base"]),
    ("xtask", &[]),
];

/// Examples show a crate in what it is made for, which may be another room.
const EXAMPLES: &[(&str, &str)] = &[("waxseal-kms-clients", "waxseal")];
