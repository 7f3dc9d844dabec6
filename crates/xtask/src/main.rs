//! The one developer tool of waxseal: `cargo xtask --help` is the manual. It knows no waxseal crate, it runs cargo, node, npm and python.

mod fuzz;
mod npm;
mod paths;
mod provenance;
mod run;
mod serve;
mod setup;
mod size;
mod test;
mod wasm;
mod web;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::run::{cargo, exit_code, run, say, styled};
use crate::serve::Site;
use crate::wasm::Effort;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = ABOUT, long_about = MANUAL, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the playground and serve it on this machine
    ///
    /// Sets up what the build needs, builds the playground as `web` does, and serves it on 127.0.0.1 until Ctrl-C. The address is
    /// printed, and opened in the browser where there is a screen. Run it again after a change; only what changed is built.
    Play {
        /// The first port to try; the next free one is taken. 0 takes any
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Do not open a browser
        #[arg(long)]
        no_open: bool,
        /// Build quickly: barely optimised, with function names in stack traces
        #[arg(long)]
        dev: bool,
    },
    /// Run every check: formatting, clippy, Rust, interop, the npm package, bundlers, runtimes, its server, the clients of other
    /// KMS, the playground end to end
    ///
    /// The steps are, in this order: fmt (rustfmt would change nothing), clippy (no warning, natively and for wasm32), rust (all unit,
    /// integration and documentation tests), interop (messages exchanged with the official SDKs for Python, Node and browsers), npm (the packed tarball,
    /// checked by publint and attw and run in Node, Chromium and workerd), bundlers (the same, built by each bundler without configuration),
    /// runtimes (the same in Node 20, 22 and 24, Deno, Bun, Firefox and WebKitGTK, in workers and from a CDN), server (its KMS server, also
    /// killed while it works), clients (of remote KMS, against moto, LocalStack, OpenBao and the vendors' own clients), e2e (the playground in Chromium). A
    /// failed step does not stop the next one; the summary has all results and times, and the last line counts them.
    Test {
        /// Only these steps, for example `rust e2e`
        steps: Vec<String>,
    },
    /// Build what ships: the npm package and the playground
    Build,
    /// Build and pack the npm package, and print the sizes of its modules
    ///
    /// Compiles crates/npm-small, crates/npm-sdk and crates/npm-kms to wasm, makes their JavaScript and types with wasm-bindgen, shrinks them with
    /// wasm-opt, and puts the files into www/npm/dist: NAME.wasm, NAME.js, NAME.d.ts, and NAME.inline.js, which carries the module
    /// inside for bundlers that do not ship .wasm files. provenance.json beside them says where every file of the package comes from. The tarball is target/npm/waxseal.tgz.
    Npm,
    /// Build the playground into target/site
    ///
    /// Compiles the crate in `web` to app.js and app.wasm and puts them next to a copy of `web/static`.
    Web {
        /// Build quickly: barely optimised, with function names in stack traces
        #[arg(long)]
        dev: bool,
    },
    /// Serve target/site as it is; the first line printed is the address
    Serve {
        /// The first port to try; the next free one is taken. 0 takes any
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
    /// Serve the KMS on this machine, for any AWS client: `waxseal kms` of the npm package, built from this checkout
    ///
    /// All options go to it; `cargo xtask kms --help` lists them. Where the machine's Node is older than 22.13, one is installed below
    /// tests/server.
    #[command(disable_help_flag = true)]
    Kms {
        /// For example `--port 4599 --state DIR --identities FILE`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<OsString>,
    },
    /// Install or find everything a fresh clone needs besides Rust and Node
    ///
    /// The wasm32 target (from rustup, else built from the distribution's Rust sources), the JavaScript tools of tests/package.json,
    /// those of tests/bundlers and tests/runtimes, a Node with SQLite, Chromium ($CHROMIUM, else found, else from apt), Firefox ($FIREFOX,
    /// else likewise), WebKitGTK's WebDriver, strace, and a Python environment for the interop tests. What is there already is left alone. The other commands do their own part of this, so it is never necessary.
    Setup,
    /// Format all Rust code
    Fmt,
    /// Check formatting, then clippy natively and for wasm32
    Lint,
    /// Measure decisions natively, and the packed npm package and its server beside their peers
    ///
    /// Prints how many decisions of the policy language a second are made natively. Installs the peers that tests/bench/package.json and
    /// tests/bench/requirements.txt name and runs each tests/bench/*.bench.mjs. The figures are for comparing the columns of one run: those of
    /// another run or machine differ.
    Bench,
    /// Look for input that does harm: run the fuzz targets of tests/fuzz
    ///
    /// Needs a nightly Rust from rustup, and installs cargo-fuzz into target/tools where there is none. Each target runs for its time, one
    /// after the other, from its committed seeds and what earlier runs found worth keeping (tests/fuzz/corpus). What does harm is kept in
    /// tests/fuzz/artifacts, and the way to run it again is printed. tests/fuzz/README.md says what each target takes.
    Fuzz {
        /// Only this target, for example `policy`
        target: Option<String>,
        /// For how many seconds each target runs
        // To libFuzzer, 0 is for ever.
        #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..))]
        seconds: u32,
    },
    /// Open each message of a folder of test vectors and compare the outcome with the expected one
    ///
    /// Prints every failure with its id, and as the last line `N passed, N failed`.
    Vectors {
        /// The folder that holds vectors.json, keys.json and the messages
        folder: OsString,
    },
    /// Evaluate each case of a policy file and compare the decision with the expected one
    ///
    /// Prints every failure with its id, and as the last line `N passed, N failed`.
    PolicyCases {
        /// The JSON file with the cases
        file: OsString,
    },
}

fn main() -> ExitCode {
    match dispatch(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            say(format!("{} {error:#}", styled("31", "error:")));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Result<ExitCode> {
    match command {
        Command::Play { port, no_open, dev } => play(port, no_open, effort(dev))?,
        Command::Test { steps } => return Ok(if test::all(&steps)? { ExitCode::SUCCESS } else { ExitCode::FAILURE }),
        Command::Build => {
            npm::build()?;
            web::build(Effort::Release)?;
        }
        Command::Npm => drop(npm::build()?),
        Command::Web { dev } => drop(web::build(effort(dev))?),
        Command::Serve { port } => {
            let site = Site::listen(paths::site_dir(), port)?;
            println!("{}", site.url);
            site.serve()?;
        }
        Command::Kms { options } => kms(options)?,
        Command::Setup => setup::all()?,
        Command::Fmt => run(cargo().args(["fmt", "--all"]))?,
        Command::Lint => test::lint()?,
        Command::Bench => test::bench()?,
        Command::Fuzz { target, seconds } => fuzz::fuzz(target.as_deref(), seconds)?,
        Command::Vectors { folder } => return checker("vectors", folder),
        Command::PolicyCases { file } => return checker("policy-cases", file),
    }
    Ok(ExitCode::SUCCESS)
}

fn play(port: u16, no_open: bool, effort: Effort) -> Result<()> {
    let site = Site::listen(web::build(effort)?, port)?;
    println!("The playground is at {} (Ctrl-C ends it)", site.url);
    if !no_open {
        serve::open_browser(&site.url);
    }
    site.serve()
}

/// Becomes the server where the system can do that, so that a signal reaches it.
fn kms(options: Vec<OsString>) -> Result<()> {
    let words: Vec<OsString> = std::iter::once("kms".into()).chain(options).collect();
    let mut server = npm::command(&words)?;
    server.current_dir(std::env::current_dir()?);
    #[cfg(unix)]
    return Err(anyhow::Error::new(std::os::unix::process::CommandExt::exec(&mut server)).context("cannot start the server"));
    #[cfg(not(unix))]
    run(&mut server)
}

/// Runs a checker of the tests crate where the developer is, so that a relative path means what they think; its verdict is ours.
fn checker(name: &str, path: OsString) -> Result<ExitCode> {
    let mut child = cargo();
    child.args(["run", "--quiet", "--package", "waxseal-tests", "--bin", name, "--manifest-path"]).arg(paths::root().join("Cargo.toml"));
    child.arg("--").arg(path).current_dir(std::env::current_dir()?);
    Ok(ExitCode::from(u8::try_from(exit_code(&mut child)?).unwrap_or(1)))
}

fn effort(dev: bool) -> Effort {
    if dev { Effort::Quick } else { Effort::Release }
}

const ABOUT: &str = "The one developer tool of waxseal";

const MANUAL: &str = "\
The one developer tool of waxseal.

You need Rust, with rustup, and Node 20.19 or newer. Everything else is installed by the command that needs it, and each command \
says what it installs and runs. The two to know are `cargo xtask play`, which shows the playground, and `cargo xtask test`, which \
checks everything.

Outputs, none of them in git:
  www/npm/dist         the WebAssembly modules and their glue, beside the hand-written npm package
  target/npm           the packed package, waxseal.tgz
  target/site          the playground, ready to be served by any web server
  target/interop-venv  a Python environment for the tests
  target/bench-venv    another one for the benchmarks
  target/clients-venv  another one for the tests of the clients of remote KMS
  target/localstack-venv  another one for LocalStack, in those tests
  target/tools         cargo-fuzz
  tests/node_modules   the JavaScript tools: wasm-opt, playwright, axe, miniflare, publint, attw
  tests/bundlers/node_modules  vite, webpack, rspack, esbuild, rollup, parcel
  tests/runtimes/node_modules  Node 20, 22 and 24, Deno, Bun
  tests/clients/node_modules  the vendors' own clients, for the tests of ours
  tests/server/node_modules  a Node with SQLite for the server, where the machine's is older
  tests/interop/browser/node_modules  the official SDK for browsers

Environment:
  CHROMIUM          the browser for the tests, if it is not in a usual place
  FIREFOX           likewise
  CARGO_TARGET_DIR  another place for target, for these outputs too
  NO_COLOR          plain output
  CI                no browser is opened

`cargo xtask COMMAND --help` says more about a command.";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
