//! All checks, as named steps that run one after the other. A failed step does not hide the ones after it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::run::{self, cargo, heading, run, say, styled};
use crate::setup::wasm_target::{self, TARGET, Toolchain};
use crate::setup::{self, chromium, firefox, node, python, webkit};
use crate::wasm::Effort;
use crate::{npm, paths, web};

/// One named check.
struct Step {
    name: &'static str,
    run: fn() -> Result<()>,
}

/// Runs the steps named in `filter`, or all; whether all passed. The last line of standard output counts them.
pub fn all(filter: &[String]) -> Result<bool> {
    if let Some(unknown) = filter.iter().find(|name| STEPS.iter().all(|step| step.name != name.as_str())) {
        bail!("there is no step `{unknown}`; the steps are {}", STEPS.map(|step| step.name).join(", "));
    }
    let chosen = STEPS.iter().filter(|step| filter.is_empty() || filter.iter().any(|name| name == step.name));
    let results: Vec<_> = chosen.map(timed).collect();
    let failed = results.iter().filter(|(_, _, result)| result.is_err()).count();
    heading("summary");
    for (name, time, result) in &results {
        say(summary_line(name, *time, result));
    }
    println!("{} passed, {failed} failed", results.len() - failed);
    Ok(failed == 0)
}

/// What must be true of the source before anything runs: formatting and clippy.
pub fn lint() -> Result<()> {
    formatting()?;
    clippy()
}

/// Runs the native benchmarks of decisions and of the engine, then each one on the packed package, in Node and in Chromium, next to the peers that
/// `tests/bench/package.json` and `tests/bench/browser/package.json` name.
pub fn bench() -> Result<()> {
    for bin in ["bench-policy", "bench-kms"] {
        run(cargo().args(["run", "--quiet", "--release", "--package", "waxseal-tests", "--bin", bin]))?;
    }
    let folder = Path::new("tests/bench");
    for peers in [folder, &folder.join("browser")] {
        node::install(&paths::root().join(peers))?;
    }
    let chromium = chromium::ensure()?;
    let tarball = npm::build()?;
    let (node, python) = (node::with_sqlite()?, python::for_bench()?);
    scripts(folder, ".bench.mjs")?.into_iter().try_for_each(|script| {
        let mut bench = run::node(script);
        bench.env("WAXSEAL_TARBALL", &tarball).env("WAXSEAL_NODE", &node).env("WAXSEAL_BENCH_PYTHON", &python).env("CHROMIUM", &chromium);
        run(&mut bench)
    })
}

fn timed(step: &Step) -> (&'static str, Duration, Result<()>) {
    heading(step.name);
    let start = Instant::now();
    let result = (step.run)();
    if let Err(error) = &result {
        say(format!("{}: {error:#}", styled("31", step.name)));
    }
    (step.name, start.elapsed(), result)
}

fn summary_line(name: &str, time: Duration, result: &Result<()>) -> String {
    let verdict = if result.is_ok() { styled("32", "passed") } else { styled("31", "FAILED") };
    let reason = result.as_ref().err().map(|error| format!("  {error:#}")).unwrap_or_default();
    format!("{verdict}  {name:<8} {:>7.1} s{reason}", time.as_secs_f64())
}

fn formatting() -> Result<()> {
    run(cargo().args(["fmt", "--all", "--check"]))
}

/// Clippy over everything as it is built here, then over what ships as wasm as it is built there.
fn clippy() -> Result<()> {
    run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    // It is in no set of targets, because it does not run by itself.
    run(cargo().args(["clippy", "--package", "waxseal-tests", "--test", "interop", "--", "-D", "warnings"]))?;
    let toolchain = wasm_target::ensure()?;
    if toolchain != Toolchain::Active {
        // Its clippy is another version, whose opinions nobody has asked for; that the code compiles is seen when it is built.
        say(format!("no clippy for wasm32: the active toolchain lacks the target, and {toolchain} is for building"));
        return Ok(());
    }
    WASM_SETS.into_iter().try_for_each(|set| run(cargo().args(["clippy", "--target", TARGET]).args(set).args(["--", "-D", "warnings"])))
}

/// Unit, integration and documentation tests, and the unit tests of what can be built without the ciphers of key pairs or without a trace. Those
/// that need more than Rust have steps of their own.
fn rust() -> Result<()> {
    run(cargo().args(["test", "--workspace", "--no-fail-fast"]))?;
    run(cargo().args(["test", "--package", "waxseal", "--package", "waxseal-kms", "--no-default-features", "--lib"]))?;
    run(cargo().args(["test", "--package", "waxseal-base", "--no-default-features", "--lib"]))
}

fn npm_package() -> Result<()> {
    let tarball = npm::build()?;
    npm::check(&tarball)?;
    let mut tests = node_tests("npm")?;
    run(tests.env("WAXSEAL_TARBALL", tarball).env("CHROMIUM", chromium::ensure()?))
}

/// The package in what users build with.
fn bundlers() -> Result<()> {
    node::bundlers()?;
    let mut tests = node_tests("bundlers")?;
    run(tests.env("WAXSEAL_TARBALL", npm::build()?).env("CHROMIUM", chromium::ensure()?))
}

/// The package in what users run.
fn runtimes() -> Result<()> {
    node::runtimes()?;
    webkit::ensure()?;
    let mut tests = node_tests("runtimes")?;
    tests.env("WAXSEAL_TARBALL", npm::build()?);
    run(tests.env("CHROMIUM", chromium::ensure()?).env("FIREFOX", firefox::ensure()?))
}

fn interop() -> Result<()> {
    let python = python::ensure()?.context("there is no tests/interop/requirements.txt")?;
    // The whole workspace, for the features it is built with: with the tests' package alone, cargo would compile the rest anew.
    run(cargo().args(["test", "--workspace", "--test", "interop"]).env("WAXSEAL_PYTHON", python))?;
    let tarball = npm::build()?;
    node::browser_sdk()?;
    run(node_tests("interop")?.env("WAXSEAL_TARBALL", tarball).env("CHROMIUM", chromium::ensure()?))
}

fn end_to_end() -> Result<()> {
    node::ensure()?;
    let site = web::build(Effort::Release)?;
    let mut tests = node_tests("e2e")?;
    let xtask = std::env::current_exe().context("cannot tell where xtask is")?;
    run(tests.env("SITE_DIR", site).env("WAXSEAL_XTASK", xtask).env("CHROMIUM", chromium::ensure()?))
}

/// The server as it is in the tarball, started, used, killed and traced.
fn server() -> Result<()> {
    let tarball = npm::build()?;
    let node = node::with_sqlite()?;
    let mut tests = node_tests_in(&node, "server")?;
    tests.env("WAXSEAL_TARBALL", tarball).env("WAXSEAL_NODE", &node).env("CHROMIUM", chromium::ensure()?);
    if let Some(strace) = setup::strace()? {
        tests.env("STRACE", strace);
    }
    if let Some(python) = python::ensure()? {
        tests.env("WAXSEAL_PYTHON", python);
    }
    run(&mut tests)
}

/// The clients of remote KMS as they are in the tarball, against what their vendors or others made.
fn clients() -> Result<()> {
    let tarball = npm::build()?;
    node::install(&paths::root().join("tests/clients"))?;
    let (node, python) = (node::with_sqlite()?, python::for_clients()?);
    let mut tests = node_tests("clients")?;
    tests.env("WAXSEAL_TARBALL", tarball).env("WAXSEAL_NODE", node).env("WAXSEAL_CLIENTS_PYTHON", python);
    let localstack = python::for_localstack()?;
    // Empty, it says that there is none.
    tests.env("WAXSEAL_LOCALSTACK_PYTHON", localstack.as_deref().unwrap_or(Path::new(""))).env("CHROMIUM", chromium::ensure()?);
    run(&mut tests)?;
    if localstack.is_none() {
        say("SKIPPED: what is tested against LocalStack, which could not be installed; the reason is before the tests");
    }
    Ok(())
}

fn node_tests(folder: &str) -> Result<Command> {
    node_tests_in(Path::new("node"), folder)
}

/// Node's test runner over every `*.test.mjs` of a folder of `tests`. A folder without any is an error, not a success.
fn node_tests_in(program: &Path, folder: &str) -> Result<Command> {
    let files = scripts(&Path::new("tests").join(folder), ".test.mjs")?;
    let mut node = run::command(program);
    node.arg("--test");
    // Seconds are enough for a test; the limit is for one that hangs.
    node.args(["--test-reporter=spec", "--test-timeout=600000"]).args(files);
    Ok(node)
}

/// The files of `folder`, relative to the checkout, whose names end so, sorted.
fn scripts(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(paths::root().join(folder))
        .with_context(|| format!("cannot list `{}`", folder.display()))?
        .filter_map(|entry| Some(folder.join(entry.ok()?.file_name())))
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    if files.is_empty() {
        bail!("no file matches `{}/*{ending}`", folder.display());
    }
    files.sort();
    Ok(files)
}

/// The steps, cheapest first, so that a slip shows early.
const STEPS: [Step; 10] = [
    Step { name: "fmt", run: formatting },
    Step { name: "clippy", run: clippy },
    Step { name: "rust", run: rust },
    Step { name: "interop", run: interop },
    Step { name: "npm", run: npm_package },
    Step { name: "bundlers", run: bundlers },
    Step { name: "runtimes", run: runtimes },
    Step { name: "server", run: server },
    Step { name: "clients", run: clients },
    Step { name: "e2e", run: end_to_end },
];

/// What is compiled for wasm together. The SDK's small module, without ciphers and with them, is on its own, because the others would lend it their features; the clients of remote KMS
/// are in no module, and are for other programs in wasm.
const WASM_SETS: [&[&str]; 3] = [
    &["--package=waxseal-npm-small"],
    &["--package=waxseal-npm-small", "--features=ciphers"],
    &["--package=waxseal-npm-sdk", "--package=waxseal-npm-kms", "--package=waxseal-web", "--package=waxseal-kms-clients"],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_step_is_refused_with_the_known_ones() {
        let error = all(&["rsut".to_owned()]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no step `rsut`; the steps are fmt, clippy, rust, interop, npm, bundlers, runtimes, server, clients, e2e"
        );
    }

    #[test]
    fn a_folder_without_tests_is_an_error() {
        assert!(node_tests("src").unwrap_err().to_string().starts_with("no file matches `tests"));
        assert!(node_tests("no-such-folder").unwrap_err().to_string().starts_with("cannot list `tests"));
    }
}
