//! Everything a fresh clone needs besides Rust and Node, found or installed. Each part is idempotent, says what it does when it does
//! something, and is asked for by the commands that need it; `cargo xtask setup` asks for all of them but
//! cargo-fuzz, which no test needs.

pub mod cargo_fuzz;
pub mod chromium;
pub mod firefox;
pub mod node;
pub mod python;
pub mod wasm_target;
pub mod webkit;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::run::{self, on_path, run_quietly, say};

/// Sets up everything and says what is where.
pub fn all() -> Result<()> {
    let toolchain = wasm_target::ensure()?;
    say(format!("wasm32 target     ready, in {toolchain}"));
    node::ensure()?;
    say("JavaScript tools  ready, in tests/node_modules");
    node::browser_sdk()?;
    node::bundlers()?;
    say("bundlers          ready, in tests/bundlers/node_modules");
    say(format!("Node with SQLite  ready, {}", node::with_sqlite()?.display()));
    say(format!("Chromium          ready, {}", chromium::ensure()?.display()));
    say(format!("Firefox           ready, {}", firefox::ensure()?.display()));
    if node::is_linux_x64() {
        node::runtimes()?;
        say("runtimes          ready, in tests/runtimes/node_modules");
        webkit::ensure()?;
        say("WebKitGTK         ready, WebKitWebDriver is on PATH");
    } else {
        say("runtimes          not for this system, nor WebKitGTK: `cargo xtask test runtimes` needs Linux on x86-64");
    }
    match strace()? {
        Some(strace) => say(format!("strace            ready, {}", strace.display())),
        None => say("strace            not on this system"),
    }
    match python::ensure()? {
        Some(python) => say(format!("Python            ready, {}", python.display())),
        None => say("Python            not needed, there is no tests/interop/requirements.txt"),
    }
    Ok(())
}

/// strace, which shows what a program asks of the system; `None` where there is no such thing.
pub fn strace() -> Result<Option<PathBuf>> {
    if !cfg!(target_os = "linux") {
        return Ok(None);
    }
    if on_path("strace").is_none() {
        apt_install(&["strace"], "strace")?;
    }
    Ok(on_path("strace"))
}

/// Installs packages of the distribution where that is possible (root on Debian or Ubuntu); elsewhere the error says what to run.
fn apt_install(packages: &[&str], purpose: &str) -> Result<()> {
    let list = packages.join(" ");
    if !is_debian() {
        bail!("{purpose}: not found; install it with this system's package manager (on Debian the packages are `{list}`)");
    }
    if !is_root() {
        bail!("{purpose}: not found; run `sudo apt-get update && sudo apt-get install -y --no-install-recommends {list}`");
    }
    say(format!("{purpose}: not found, installing {list}"));
    let wait_for_lock = "DPkg::Lock::Timeout=120";
    run_quietly(run::command("apt-get").args(["update", "-qq", "-o", wait_for_lock]))?;
    let apt_get = |arguments: &[&str]| {
        let mut install = run::command("apt-get");
        install.args(["install", "-y", "-qq", "--no-install-recommends", "-o", wait_for_lock]).args(arguments);
        run_quietly(install.env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt_get(packages).or_else(|error| {
        // An earlier installation that was interrupted keeps apt from every other one until it is mended.
        say(format!("{error:#}; mending the packages that are there, then trying once more"));
        apt_get(&["--fix-broken"])?;
        apt_get(packages)
    })
}

fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists() && on_path("apt-get").is_some()
}

fn is_root() -> bool {
    run::output(run::command("id").arg("-u")).is_ok_and(|id| id == "0")
}
