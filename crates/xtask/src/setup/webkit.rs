//! WebKitGTK's browser with its WebDriver, and a display that nobody sees for it to draw on: found, else installed with apt.

use anyhow::{Result, bail};

use crate::run::on_path;

/// Sees to it that the programs are on PATH.
pub fn ensure() -> Result<()> {
    if !is_there() {
        super::apt_install(&["webkit2gtk-driver", "xvfb", "xauth"], "WebKitGTK with its driver, and Xvfb")?;
    }
    if !is_there() {
        bail!("the distribution's packages have not brought {}; put them on PATH", PROGRAMS.join(", "));
    }
    Ok(())
}

fn is_there() -> bool {
    PROGRAMS.iter().all(|program| on_path(program).is_some())
}

const PROGRAMS: [&str; 3] = ["WebKitWebDriver", "xvfb-run", "xauth"];
