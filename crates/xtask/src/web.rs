//! The playground: the Yew app as `app.js` and `app.wasm`, next to everything in `web/static`, which is copied as it is.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::run::say;
use crate::wasm::{self, Aim, Effort, Module};
use crate::{paths, size};

/// Builds and assembles the site, prints its sizes; the site's folder.
pub fn build(effort: Effort) -> Result<PathBuf> {
    let mut files = read_all(&paths::root().join("web/static"))?;
    for folder in wasm::build(&[APP], effort)? {
        for (path, bytes) in read_all(&folder)? {
            if files.iter().any(|(existing, _)| *existing == path) {
                bail!("`web/static/{}` has the name of a generated file", path.display());
            }
            if !path.to_string_lossy().ends_with(".d.ts") {
                files.push((path, bytes));
            }
        }
    }
    let site = paths::site_dir();
    paths::mirror(&site, &files)?;
    if effort == Effort::Release {
        size::report(&["app.wasm", "app.js"].map(|name| site.join(name)))?;
    }
    say(format!("the playground is in {}", site.display()));
    Ok(site)
}

fn read_all(folder: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let read = |path: PathBuf| {
        let bytes = std::fs::read(folder.join(&path)).with_context(|| format!("cannot read `{}`", path.display()))?;
        Ok((path, bytes))
    };
    paths::files_below(folder)?.into_iter().map(read).collect()
}

const APP: Module = Module { package: "waxseal-web", features: &[], aim: Aim::Speed, artifact: "waxseal-web.wasm", name: "app" };
