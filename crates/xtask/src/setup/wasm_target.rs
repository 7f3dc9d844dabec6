//! A toolchain that compiles for wasm32. The active one if it has the target or rustup can add it; else, on Debian and Ubuntu, the
//! distribution's compiler with a standard library built from the distribution's sources, linked as the toolchain `wasm32-std`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::paths;
use crate::run::{self, on_path, output, run, run_within, say};

/// The target triple of everything that runs in a page.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The compiler for wasm builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The one that runs us.
    Active,
    /// The distribution's compiler, known to rustup as `wasm32-std`.
    Distribution,
}

impl Toolchain {
    /// A cargo of this toolchain.
    pub fn cargo(self) -> Command {
        match self {
            Self::Active => run::cargo(),
            Self::Distribution => {
                let mut cargo = run::with_toolchain(LINKED, "cargo");
                cargo.env("CARGO_TARGET_DIR", self.target_dir());
                cargo
            }
        }
    }

    /// Where its builds go: two compilers in one folder would undo each other's work.
    pub fn target_dir(self) -> PathBuf {
        match self {
            Self::Active => paths::target_dir(),
            Self::Distribution => paths::target_dir().join(LINKED),
        }
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "the active toolchain",
            Self::Distribution => "the toolchain `wasm32-std`",
        })
    }
}

/// Finds or makes the toolchain. The first one that has the target wins, so that a second call asks no network.
pub fn ensure() -> Result<Toolchain> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    if has_target(&mut run::command(rustc)) {
        return Ok(Toolchain::Active);
    }
    let has_rustup = on_path("rustup").is_some();
    if has_rustup && has_target(&mut run::with_toolchain(LINKED, "rustc")) {
        return Ok(Toolchain::Distribution);
    }
    if has_rustup {
        say(format!("the active toolchain lacks {TARGET}, asking rustup for it"));
        if run_within(RUSTUP_LIMIT, run::command("rustup").args(["target", "add", TARGET])).is_ok() {
            return Ok(Toolchain::Active);
        }
    }
    if !(has_rustup && super::is_debian() && super::is_root()) {
        bail!(
            "no Rust toolchain here compiles for {TARGET}; run `rustup target add {TARGET}`, or as root on Debian or Ubuntu run this again"
        );
    }
    say("rustup cannot get it, building it from the distribution's Rust sources (about two minutes, once)");
    super::apt_install(&["rustc-web", "cargo-web", "rust-web-src"], "the distribution's Rust")?;
    let script = paths::root().join("crates/xtask/wasm32-std.sh");
    run(run::command("bash").arg(script)).context("cannot build the standard library for wasm32")?;
    Ok(Toolchain::Distribution)
}

fn has_target(rustc: &mut Command) -> bool {
    let Ok(sysroot) = output(rustc.args(["--print", "sysroot"])) else { return false };
    let libraries = Path::new(&sysroot).join("lib/rustlib").join(TARGET).join("lib");
    let Ok(entries) = std::fs::read_dir(libraries) else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

/// The name under which rustup knows the distribution's compiler.
const LINKED: &str = "wasm32-std";

/// How long rustup may try: behind some firewalls its connection neither fails nor succeeds.
const RUSTUP_LIMIT: Duration = Duration::from_secs(120);
