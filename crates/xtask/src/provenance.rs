//! Where every file of the npm package comes from: the list that the package carries, of all its files but that list.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::run::{self, output};
use crate::wasm::{Module, RECIPE};

/// Writes `dist/provenance.json` of the package in `folder`, for the files that npm says it would pack.
pub fn write(folder: &Path, modules: &[Module]) -> Result<()> {
    let mut npm = run::npm();
    let printed = output(npm.args(["pack", "--dry-run", "--json", "--loglevel=error", "--ignore-scripts"]).current_dir(folder))?;
    let mut files = BTreeMap::new();
    for path in packed_files(&printed)?.into_iter().filter(|path| path != NAME) {
        let bytes = std::fs::read(folder.join(&path)).with_context(|| format!("cannot read `{path}`"))?;
        let mut entry = origin(&path, modules).with_context(|| format!("nothing is known to make `{path}`"))?;
        entry["sha256"] = sha256(&bytes).into();
        files.insert(path, entry);
    }
    let list = json!({ "commit": commit(), "files": files });
    std::fs::write(folder.join(NAME), format!("{list:#}\n")).with_context(|| format!("cannot write `{NAME}`"))
}

/// The paths in what `npm pack --json` prints.
fn packed_files(printed: &str) -> Result<Vec<String>> {
    let packages: Value = serde_json::from_str(printed).context("`npm pack` printed no JSON")?;
    let files = packages.pointer("/0/files").and_then(Value::as_array).context("`npm pack` listed no files")?;
    files.iter().map(|file| Ok(file.get("path").and_then(Value::as_str).context("a file without a path")?.to_owned())).collect()
}

/// What a file is made from, and how; for one written by hand, where it is in the checkout. `None` for a generated one of no module.
fn origin(path: &str, modules: &[Module]) -> Option<Value> {
    let Some(generated) = path.strip_prefix("dist/") else { return Some(json!({ "from": format!("www/npm/{path}") })) };
    if let Some(name) = generated.strip_suffix(".inline.js") {
        return Some(json!({ "from": format!("dist/{name}.wasm"), "by": "deflate, base64" }));
    }
    let (name, _) = generated.split_once('.')?;
    let module = modules.iter().find(|module| module.name == name)?;
    let package = module.package.strip_prefix("waxseal-")?;
    let features: Vec<_> = module.features.iter().map(|feature| format!(" --features {feature}")).collect();
    Some(json!({ "from": format!("crates/{package}"), "by": format!("cargo build --release{}, {RECIPE}", features.concat()) }))
}

/// The commit that the checkout is at, with a word if it has other changes; null outside of a repository.
fn commit() -> Option<String> {
    let git = |words: &[&str]| output(run::command("git").args(words)).ok();
    let head = git(&["rev-parse", "HEAD"])?;
    let is_clean = git(&["status", "--porcelain"])?.is_empty();
    Some(if is_clean { head } else { format!("{head} and changes") })
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// In the folder of what is generated, so that all else in the package is written by hand.
const NAME: &str = "dist/provenance.json";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::npm::MODULES;

    #[test]
    fn a_file_comes_from_its_crate_or_its_module_or_the_checkout() {
        let from = |path| origin(path, &MODULES).map(|entry| entry["from"].clone());
        assert_eq!(from("dist/sdk.wasm"), Some(json!("crates/npm-small")));
        assert_eq!(from("dist/sdk-fast.wasm"), Some(json!("crates/npm-small")));
        assert_eq!(from("dist/sdk-full.js"), Some(json!("crates/npm-sdk")));
        assert_eq!(from("dist/sdk.inline.js"), Some(json!("dist/sdk.wasm")));
        assert_eq!(from("sdk/web.js"), Some(json!("www/npm/sdk/web.js")));
        assert_eq!(from("dist/stray.js"), None);
        let is_with = |path, feature: &str| origin(path, &MODULES).unwrap()["by"].as_str().unwrap().contains(feature);
        assert!(is_with("dist/sdk-fast.wasm", "--features ciphers") && !is_with("dist/sdk.wasm", "--features"));
    }

    #[test]
    fn hashes_are_those_of_everybody() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
