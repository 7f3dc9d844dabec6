//! Node, and the JavaScript tools: installed by `npm ci` when the lockfile is not the one last installed.

use std::path::Path;
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
    run(run::npm().args(["ci", "--no-progress"]).current_dir(folder))?;
    std::fs::write(&stamp, wanted).context("cannot note that the tools are installed")
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

/// Major and minor of what `node --version` prints.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.strip_prefix('v')?.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

/// The first Node that requires an ES module without asking.
const OLDEST: (u32, u32) = (20, 19);

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
