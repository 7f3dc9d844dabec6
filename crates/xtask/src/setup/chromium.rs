//! Chromium, or Google Chrome, for the browser tests: `$CHROMIUM`, else the first of the usual places, else installed with apt.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::run::on_path;

/// The browser's program file.
pub fn ensure() -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os("CHROMIUM").filter(|path| !path.is_empty()).map(PathBuf::from) {
        if !chosen.is_file() {
            bail!("$CHROMIUM is `{}`, which is not a file", chosen.display());
        }
        return Ok(chosen);
    }
    if let Some(found) = find() {
        return Ok(found);
    }
    super::apt_install(&["chromium", "fonts-liberation"], "Chromium")?;
    find().context("the distribution's package has brought no Chromium; install Google Chrome, or set CHROMIUM to the program's path")
}

fn find() -> Option<PathBuf> {
    let named = NAMES.iter().find_map(|name| on_path(name));
    named.or_else(|| PLACES.iter().map(PathBuf::from).find(|path| path.is_file()))
}

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const PLACES: [&str; 5] = [
    "/usr/bin/chromium",
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
];
