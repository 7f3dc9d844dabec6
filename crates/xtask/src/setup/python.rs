//! Pythons with the packages that a file of the checkout names, in virtual environments below the target folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::paths;
use crate::run::{self, output, run, say};

/// A Python for the tests, or `None` in a checkout without requirements.
pub fn ensure() -> Result<Option<PathBuf>> {
    with_packages("tests/interop/requirements.txt", "interop-venv")
}

/// A Python with the peers of the benchmarks.
pub fn for_bench() -> Result<PathBuf> {
    with_packages("tests/bench/requirements.txt", "bench-venv")?.context("there is no tests/bench/requirements.txt")
}

/// A Python with what the clients of remote KMS are tested against.
pub fn for_clients() -> Result<PathBuf> {
    with_packages("tests/clients/requirements.txt", "clients-venv")?.context("there is no tests/clients/requirements.txt")
}

/// A Python with LocalStack, which has to have a botocore of its own; `None` where this system's Python is none that its packages are for.
pub fn for_localstack() -> Result<Option<PathBuf>> {
    let file = "tests/clients/localstack.requirements.txt";
    match with_packages(file, "localstack-venv") {
        Ok(python) => python.with_context(|| format!("there is no {file}")).map(Some),
        Err(error) => {
            say(format!("LocalStack could not be installed, and its tests will be skipped: {error:#}"));
            say(format!(
                "LocalStack: what pip says is above; for another Python, put it first on PATH as python3; the versions wanted are in {file}"
            ));
            Ok(None)
        }
    }
}

/// The Python of an environment with the packages that a file of the checkout names.
fn with_packages(file: &str, folder: &str) -> Result<Option<PathBuf>> {
    let requirements = paths::root().join(file);
    if !requirements.is_file() {
        return Ok(None);
    }
    let wanted = std::fs::read(&requirements).with_context(|| format!("cannot read `{}`", requirements.display()))?;
    let environment = paths::target_dir().join(folder);
    let stamp = environment.join("installed-requirements.txt");
    let python = python_in(&environment);
    if python.is_file() && std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(Some(python));
    }
    say(format!("installing the Python packages of {file}"));
    run(run::command(system_python()?).args(["-m", "venv", "--clear"]).arg(&environment))?;
    let pip_options = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    run(run::command(&python).args(pip_options).arg(&requirements))?;
    std::fs::write(&stamp, wanted).context("cannot note that the packages are installed")?;
    Ok(Some(python))
}

/// A Python 3 that can make virtual environments; Debian packages that ability apart.
fn system_python() -> Result<&'static str> {
    if let Some(found) = usable_python() {
        return Ok(found);
    }
    super::apt_install(&["python3", "python3-venv"], "Python 3 with venv")?;
    match usable_python() {
        Some(found) => Ok(found),
        None => bail!("`python3 -m venv` still does not work; check which python3 is first on PATH"),
    }
}

fn usable_python() -> Option<&'static str> {
    let check = "import sys, venv, ensurepip; assert sys.version_info[0] == 3";
    ["python3", "python"].into_iter().find(|program| output(run::command(program).args(["-c", check])).is_ok())
}

fn python_in(environment: &Path) -> PathBuf {
    environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}
