//! The npm package: its WebAssembly modules with their glue into `www/npm/dist`, each also as a script that carries it inline, and the
//! tarball a user would install. The rest of `www/npm` is written by hand and left alone.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use base64ct::{Base64, Encoding};
use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::run::{self, output, run, say};
use crate::setup::node;
use crate::wasm::{self, Aim, Effort, Module};
use crate::{paths, provenance, size};

/// Builds, packs, prints the sizes; the tarball's path.
pub fn build() -> Result<PathBuf> {
    let dist = build_modules()?;
    size::report(&MODULES.map(|module| dist.join(module.name).with_extension("wasm")))?;
    pack()
}

/// Builds the modules into the package's `dist`, so that it can be used where it is; that folder.
fn build_modules() -> Result<PathBuf> {
    let mut files = Vec::new();
    for (module, folder) in MODULES.iter().zip(wasm::build(&MODULES, Effort::Release)?) {
        for path in paths::files_below(&folder)? {
            let bytes = std::fs::read(folder.join(&path)).with_context(|| format!("cannot read `{}`", path.display()))?;
            if path == Path::new(module.name).with_extension("wasm") {
                files.push((PathBuf::from(format!("{}.inline.js", module.name)), inline(module.name, &bytes)?.into_bytes()));
            }
            files.push((path, bytes));
        }
    }
    let dist = package_dir().join("dist");
    paths::mirror(&dist, &files)?;
    Ok(dist)
}

/// The package's command, such as `waxseal kms`, run by a Node that has what it needs.
pub fn command(words: &[OsString]) -> Result<Command> {
    build_modules()?;
    let mut node = run::command(node::with_sqlite()?);
    node.arg(package_dir().join("server/bin.js")).args(words);
    Ok(node)
}

/// Checks the tarball as its users' tools will see it: publint reads the manifest, attw resolves the types.
pub fn check(tarball: &Path) -> Result<()> {
    run(node::publint().arg("run").arg(tarball).arg("--strict"))?;
    let mut attw = node::attw();
    attw.arg(tarball).args(["--no-color", "--profile", "esm-only"]);
    let without_types = wasm_entries()?;
    if !without_types.is_empty() {
        attw.arg("--exclude-entrypoints").args(without_types);
    }
    run(&mut attw)
}

fn pack() -> Result<PathBuf> {
    provenance::write(&package_dir(), &MODULES)?;
    let folder = paths::target_dir().join("npm");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
    let mut npm = run::npm();
    npm.args(["pack", "--loglevel=error", "--ignore-scripts", "--pack-destination"]).arg(&folder).current_dir(package_dir());
    let printed = output(&mut npm)?;
    let Some(name) = printed.lines().last().filter(|name| name.ends_with(".tgz")) else { bail!("`npm pack` named no tarball: {printed}") };
    // One name for every version, so that a test's install line does not change.
    let tarball = folder.join("waxseal.tgz");
    std::fs::rename(folder.join(name), &tarball).with_context(|| format!("cannot rename `{name}`"))?;
    let bytes = std::fs::metadata(&tarball).context("cannot read the tarball")?.len();
    say(format!("packed {} ({bytes} bytes)", tarball.display()));
    Ok(tarball)
}

/// The script that carries a module: deflated, then base64, because base64 of the plain module compresses a third worse on the wire.
fn inline(name: &str, wasm: &[u8]) -> Result<String> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(wasm)?;
    let data = Base64::encode_string(&encoder.finish()?);
    Ok(format!(
        r#"// Generated: {name}.wasm, deflated, in base64. Loaded only where a bundler has not shipped the file itself.
const data = "{data}";

/** @returns {{Promise<ArrayBuffer>}} the bytes of {name}.wasm */
export async function bytes() {{
  const deflated = Uint8Array.fromBase64?.(data) ?? Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const inflated = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(inflated).arrayBuffer();
}}
"#
    ))
}

/// The entry points that are a WebAssembly file and so have no types.
fn wasm_entries() -> Result<Vec<String>> {
    let manifest = package_dir().join("package.json");
    let text = std::fs::read_to_string(&manifest).with_context(|| format!("cannot read `{}`", manifest.display()))?;
    let manifest: serde_json::Value = serde_json::from_str(&text).context("package.json is not JSON")?;
    let exports = manifest.get("exports").and_then(|exports| exports.as_object()).context("package.json has no `exports`")?;
    Ok(exports.keys().filter(|entry| entry.ends_with(".wasm")).map(|entry| entry.trim_start_matches("./").to_owned()).collect())
}

fn package_dir() -> PathBuf {
    paths::root().join("www/npm")
}

/// The WebAssembly modules of the package.
pub const MODULES: [Module; 4] = [
    Module { package: "waxseal-npm-small", features: &[], aim: Aim::Size, artifact: "waxseal_npm_small.wasm", name: "sdk" },
    Module {
        package: "waxseal-npm-small",
        features: &["ciphers"],
        aim: Aim::SpeedAlone,
        artifact: "waxseal_npm_small.wasm",
        name: "sdk-fast",
    },
    Module { package: "waxseal-npm-sdk", features: &[], aim: Aim::Speed, artifact: "waxseal_npm_sdk.wasm", name: "sdk-full" },
    Module { package: "waxseal-npm-kms", features: &[], aim: Aim::Speed, artifact: "waxseal_npm_kms.wasm", name: "kms" },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inline_script_gives_the_module_back() {
        let wasm: Vec<u8> = (0..70_000_u32).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect();
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("sdk.inline.mjs");
        std::fs::write(&script, inline("sdk", &wasm).unwrap()).unwrap();
        let check = "const { bytes } = await import(process.argv[1]); console.log(Buffer.from(await bytes()).toString('hex'))";
        let printed = output(run::command("node").args(["--input-type=module", "--eval", check, "--"]).arg(&script)).unwrap();
        let expected: String = wasm.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(printed, expected);
    }
}
