//! Firefox for the browser tests: `$FIREFOX`, else the first of the usual places, else its extended support release, installed with apt.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::run::on_path;

/// The browser's program file.
pub fn ensure() -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os("FIREFOX").filter(|path| !path.is_empty()).map(PathBuf::from) {
        if !chosen.is_file() {
            bail!("$FIREFOX is `{}`, which is not a file", chosen.display());
        }
        return Ok(chosen);
    }
    if let Some(found) = find() {
        return Ok(found);
    }
    super::apt_install(&["firefox-esr"], "Firefox")?;
    find().context("the distribution's package has brought no Firefox; install it, or set FIREFOX to the program's path")
}

fn find() -> Option<PathBuf> {
    NAMES.iter().find_map(|name| on_path(name))
}

const NAMES: [&str; 2] = ["firefox-esr", "firefox"];
