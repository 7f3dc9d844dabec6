//! cargo-fuzz, which builds and runs the fuzz targets with a nightly Rust: found, or installed below target.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::paths;
use crate::run::{self, cargo, on_path, output, run, say};

/// cargo-fuzz under the nightly toolchain, its builds apart from those of the other toolchains.
pub fn ensure() -> Result<Command> {
    let nightly = output(run::with_toolchain(NIGHTLY, "rustc").arg("--version")).with_context(|| {
        format!("fuzzing needs a nightly Rust, 1.95 or newer; run `rustup toolchain install {NIGHTLY} --profile minimal`, then this again")
    })?;
    say(format!("fuzzing with {nightly}"));
    let program = match on_path(NAME) {
        Some(found) => found,
        None => install(&paths::target_dir().join("tools"))?,
    };
    let mut cargo_fuzz = run::with_toolchain(NIGHTLY, program);
    cargo_fuzz.env("CARGO_TARGET_DIR", paths::target_dir().join("fuzz"));
    Ok(cargo_fuzz)
}

/// Installs it into a folder, unless it is there.
fn install(folder: &Path) -> Result<PathBuf> {
    let program = folder.join("bin").join(format!("{NAME}{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        let mut install = cargo();
        install.args(["install", NAME, "--locked", "--version", VERSION, "--root"]).arg(folder);
        run(&mut install)
            .with_context(|| format!("cargo-fuzz can not be installed here; run `cargo install {NAME} --locked`, then this again"))?;
    }
    Ok(program)
}

const NAME: &str = "cargo-fuzz";
const VERSION: &str = "0.13.2";
/// Sanitizers are options that only a nightly compiler takes.
const NIGHTLY: &str = "nightly";
