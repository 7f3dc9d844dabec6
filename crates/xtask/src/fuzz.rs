//! Fuzzing: random input, guided by what it reaches, against the ways into waxseal that strangers have.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::paths;
use crate::run::{heading, run, say};
use crate::setup::cargo_fuzz;

/// Runs one target or all, one after the other, each for so many seconds. A finding in one does not keep the others from running.
pub fn fuzz(target: Option<&str>, seconds: u32) -> Result<()> {
    let targets = chosen(target)?;
    // The versions are the workspace's; what only fuzzing needs is added to them.
    std::fs::copy(paths::root().join("Cargo.lock"), folder().join("Cargo.lock")).context("cannot copy Cargo.lock")?;
    let mut failed = Vec::new();
    for name in targets {
        heading(&name);
        if let Err(error) = run_target(&name, seconds) {
            say(format!("{error:#}"));
            failed.push(name);
        }
    }
    match failed.is_empty() {
        true => Ok(()),
        false => bail!("{} did not come through; what it found is in tests/fuzz/artifacts", failed.join(", ")),
    }
}

fn run_target(name: &str, seconds: u32) -> Result<()> {
    let inputs = |kind: &str| folder().join(kind).join(name);
    let corpus = inputs("corpus");
    std::fs::create_dir_all(&corpus).with_context(|| format!("cannot create `{}`", corpus.display()))?;
    let mut command = cargo_fuzz::ensure()?;
    command.args(["run", "--fuzz-dir"]).arg(folder()).arg(name).arg(corpus).arg(inputs("seeds"));
    command.arg("--").args([&format!("-max_total_time={seconds}"), "-timeout=10", "-max_len=4096", "-print_final_stats=1"]);
    // What bytes claim is no reason to allocate: no honest answer to so few of them takes as much at once.
    command.arg("-malloc_limit_mb=48");
    let dictionary = folder().join("dictionaries").join(format!("{name}.dict"));
    if dictionary.is_file() {
        command.arg(format!("-dict={}", dictionary.display()));
    }
    run(&mut command)
}

/// The targets to run: that of the name, or all.
fn chosen(target: Option<&str>) -> Result<Vec<String>> {
    let files = paths::files_below(&folder().join("targets"))?;
    let mut names: Vec<String> = files.iter().filter_map(|file| Some(Path::new(file).file_stem()?.to_str()?.to_owned())).collect();
    let Some(target) = target else { return Ok(names) };
    let all = names.join(", ");
    names.retain(|name| name == target);
    if names.is_empty() {
        bail!("there is no fuzz target `{target}`; the targets are {all}");
    }
    Ok(names)
}

fn folder() -> PathBuf {
    paths::root().join("tests/fuzz")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_target_is_refused_with_the_known_ones() {
        assert_eq!(chosen(Some("policy")).unwrap(), ["policy"]);
        let error = chosen(Some("polcy")).unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no fuzz target `polcy`; the targets are arns, calls, ciphertext_blob, encrypted_data_keys, frames, grant_tokens, header, http, policy, stream"
        );
    }
}
