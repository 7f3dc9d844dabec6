//! From a crate to a WebAssembly module with its JavaScript: cargo, then wasm-bindgen as a library (so its version can not differ from
//! the crates'), then wasm-opt. The last two are skipped while cargo's output stays the same, byte for byte.

mod imports;
mod mute;
mod references;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, anyhow};
use wasm_bindgen_cli_support::Bindgen;

use crate::paths;
use crate::run::{run, say};
use crate::setup::node;
use crate::setup::wasm_target::{self, TARGET, Toolchain};

/// A crate that becomes a WebAssembly module.
pub struct Module {
    /// The package's name.
    pub package: &'static str,
    /// Features of the package that are on besides its defaults.
    pub features: &'static [&'static str],
    /// What counts most.
    pub aim: Aim,
    /// The file cargo makes of it.
    pub artifact: &'static str,
    /// What its files are called: `NAME.js`, `NAME.d.ts`, `NAME.wasm`.
    pub name: &'static str,
}

/// What a module that ships is to be. Cargo builds the modules of an aim together, and so their dependencies with the features of all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aim {
    /// Fast where it touches every byte, and small elsewhere.
    Speed,
    /// Fast like those, and without the features that they would lend its dependencies.
    SpeedAlone,
    /// Small: every page that uses it waits for it.
    Size,
}

/// How much time to spend on making a module small and fast.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// The module's profile and wasm-opt: what ships.
    Release,
    /// A quick profile, function names kept, no wasm-opt: for working on the playground.
    Quick,
}

/// Builds the modules; for each, in order, the folder that holds its files and nothing else.
pub fn build(modules: &[Module], effort: Effort) -> Result<Vec<PathBuf>> {
    let toolchain = wasm_target::ensure()?;
    // Cargo keeps the processor busy and npm the network.
    thread::scope(|scope| {
        let tools = scope.spawn(node::ensure);
        compile(modules, toolchain, effort)?;
        joined(tools)
    })?;
    thread::scope(|scope| {
        let running: Vec<_> = modules.iter().map(|module| scope.spawn(move || finish(module, toolchain, effort))).collect();
        running.into_iter().map(joined).collect()
    })
}

fn joined<T>(thread: thread::ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread.join().unwrap_or_else(|_| Err(anyhow!("a thread of the build panicked")))
}

fn compile(modules: &[Module], toolchain: Toolchain, effort: Effort) -> Result<()> {
    let aims: BTreeSet<_> = modules.iter().map(|module| module.aim).collect();
    aims.into_iter().try_for_each(|aim| {
        let mut cargo = toolchain.cargo();
        cargo.args(["build", "--target", TARGET, "--profile", effort.profile(aim)]);
        let flags = if aim == Aim::Size { format!("{} {COMPACT}", references::FLAG) } else { references::FLAG.to_owned() };
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
        for module in modules.iter().filter(|module| module.aim == aim) {
            cargo.args(["--package", module.package]);
            for feature in module.features {
                cargo.arg("--features").arg(format!("{}/{feature}", module.package));
            }
        }
        run(&mut cargo)
    })
}

/// wasm-bindgen and wasm-opt for one compiled module.
fn finish(module: &Module, toolchain: Toolchain, effort: Effort) -> Result<PathBuf> {
    let profile = effort.profile(module.aim);
    let compiled = toolchain.target_dir().join(TARGET).join(profile).join(module.artifact);
    let input = std::fs::read(&compiled).with_context(|| format!("cannot read `{}`", compiled.display()))?;
    let folder = paths::target_dir().join("modules").join(profile).join(module.name);
    let output = folder.join("output");
    // What the output was made of and how. Written last, so that an interrupted build is not taken for a finished one.
    let (made_of, made_how) = (folder.join("input.wasm"), folder.join("recipe.txt"));
    if std::fs::read(&made_of).is_ok_and(|old| old == input) && std::fs::read_to_string(&made_how).is_ok_and(|old| old == RECIPE) {
        return Ok(output);
    }
    say(format!("making {0}.js and {0}.wasm of {1}", module.name, module.package));
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot empty `{}`", folder.display()))?;
    }
    bind(module, &input, &output, effort)?;
    if effort == Effort::Release {
        optimise(&output.join(module.name).with_extension("wasm"), module.aim)?;
    }
    std::fs::write(&made_how, RECIPE).context("cannot note how the module was made")?;
    std::fs::write(&made_of, input).context("cannot note what the module was made of")?;
    Ok(output)
}

fn bind(module: &Module, input: &[u8], output: &Path, effort: Effort) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes(module.name, references::disown(input.to_vec()));
    bindgen.web(true)?;
    // The caller hands over the module: where it comes from differs between a page, a Worker and Node.
    bindgen.omit_default_module_path(true);
    bindgen.typescript(true);
    // A trap leaves an instance unusable; the glue must be able to start over with another one.
    bindgen.reset_state_function(true);
    bindgen.remove_producers_section(true);
    // By their names, functions are found that can go; wasm-opt then removes the names.
    bindgen.remove_name_section(effort == Effort::Release && module.aim != Aim::Size);
    bindgen.generate(output).with_context(|| format!("wasm-bindgen cannot bind {}", module.package))?;
    std::fs::rename(output.join(format!("{}_bg.wasm", module.name)), output.join(format!("{}.wasm", module.name)))
        .with_context(|| format!("wasm-bindgen made no module of {}", module.package))?;
    let glue = output.join(module.name).with_extension("js");
    let text = std::fs::read_to_string(&glue).with_context(|| format!("cannot read `{}`", glue.display()))?;
    std::fs::write(&glue, references::start_if_any(&text)).with_context(|| format!("cannot write `{}`", glue.display()))?;
    // The types of the raw exports, which nobody calls.
    std::fs::remove_file(output.join(format!("{}_bg.wasm.d.ts", module.name))).context("wasm-bindgen made no types")
}

fn optimise(wasm: &Path, aim: Aim) -> Result<()> {
    let mut tool = node::wasm_opt();
    tool.args(WASM_OPT);
    if aim == Aim::Size {
        let named = std::fs::read(wasm).with_context(|| format!("cannot read `{}`", wasm.display()))?;
        let glue = wasm.with_extension("js");
        let text = std::fs::read_to_string(&glue).with_context(|| format!("cannot read `{}`", glue.display()))?;
        let (short, text) = imports::shorten(&mute::panics(&named)?, &text)?;
        std::fs::write(&glue, text).with_context(|| format!("cannot write `{}`", glue.display()))?;
        std::fs::write(wasm, short).with_context(|| format!("cannot write `{}`", wasm.display()))?;
        tool.args(WASM_OPT_FOR_SIZE);
    }
    tool.arg(wasm).arg("-o").arg(wasm);
    run(&mut tool)
}

impl Effort {
    /// The cargo profile.
    fn profile(self, aim: Aim) -> &'static str {
        match (self, aim) {
            (Self::Release, Aim::Speed | Aim::SpeedAlone) => "release",
            (Self::Release, Aim::Size) => "wasm-small",
            (Self::Quick, _) => "wasm-quick",
        }
    }
}

/// Everything every engine in use has had for years; without these wasm-opt refuses what rustc emits.
const WASM_OPT: [&str; 8] = [
    "-Oz",
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-simd",
];

const WASM_OPT_FOR_SIZE: [&str; 5] = [
    // What is inlined into its only caller compresses worse there.
    "--one-caller-inline-max-function-size=0",
    // There are no pointers that far down: it is where the stack would end.
    "--low-memory-unused",
    // Sections that tools read, and no engine.
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// Loops in place of unrolled rounds: the ciphers' own choice between size and speed.
const COMPACT: &str = r#"--cfg aes_backend_soft="compact" --cfg sha2_backend_soft="compact""#;

/// Names this file's way of making a module; change it together with the steps above, and every module is made again.
pub const RECIPE: &str = "wasm-bindgen 0.2.130 web with reset, wasm-opt 132 -Oz, small ones without words and sections for tools, with short names, objects as numbers, and a start if any";
