//! Running other programs: each one is echoed before it starts, and a failure names the command that failed.

use std::ffi::OsStr;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::paths;

/// Runs `command` to its end, its output going to the terminal.
pub fn run(command: &mut Command) -> Result<()> {
    let line = echo(command);
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` ended with {status}");
    }
    Ok(())
}

/// Runs `command`, showing what it printed only if it fails: for programs that say more than anybody reads.
pub fn run_quietly(command: &mut Command) -> Result<()> {
    echo(command);
    output(command).map(drop)
}

/// Runs `command`, and ends it if it takes longer than `limit`.
pub fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    let line = echo(command);
    let mut child = command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start `{line}`"))?;
    let start = Instant::now();
    while start.elapsed() < limit {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => bail!("`{line}` ended with {status}"),
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
    child.kill()?;
    child.wait()?;
    bail!("`{line}` took longer than {} s", limit.as_secs_f32());
}

/// Runs `command` and returns its exit code, for the commands whose result is our result.
pub fn exit_code(command: &mut Command) -> Result<i32> {
    let line = echo(command);
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("cannot start `{line}`"))?;
    Ok(status.code().unwrap_or(1))
}

/// Runs `command` silently and returns what it wrote to standard output, without the last line end.
pub fn output(command: &mut Command) -> Result<String> {
    let line = shown(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// A command that runs in the top folder of the checkout.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(paths::root());
    command
}

/// The cargo that started us, without what it told us about our own crate: a build script that watches such a variable would
/// otherwise run again, and its crate be compiled again, whenever a developer alternates between `cargo` and `cargo xtask`.
pub fn cargo() -> Command {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Said aloud, so that a developer's own cargo settings and we agree where the builds are.
    cargo.env("CARGO_TARGET_DIR", paths::target_dir());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "OUT_DIR" {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// A program run with one of rustup's toolchains, and not with the one that runs us.
pub fn with_toolchain(toolchain: &str, program: impl AsRef<OsStr>) -> Command {
    let mut rustup = command("rustup");
    rustup.args(["run", toolchain]).arg(program);
    // Set by the cargo that started us, and meant for its own toolchain.
    for name in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC", "RUSTDOC", "LD_LIBRARY_PATH"] {
        rustup.env_remove(name);
    }
    rustup
}

/// A script run by Node.
pub fn node(script: impl AsRef<OsStr>) -> Command {
    let mut node = command("node");
    node.arg(script);
    node
}

/// npm, which is a batch file on Windows.
pub fn npm() -> Command {
    command(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Where on PATH `program` is.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(&file)).find(|path| path.is_file())
}

/// A line about what happens next. Everything but a command's result goes to standard error.
pub fn say(text: impl AsRef<str>) {
    eprintln!("{}", text.as_ref());
}

/// A heading, bold on a terminal.
pub fn heading(text: impl AsRef<str>) {
    eprintln!("{}", styled("1", &format!("==> {}", text.as_ref())));
}

/// `text` in an ANSI style, if standard error is a terminal whose user did not ask for plain text.
pub fn styled(style: &str, text: &str) -> String {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if plain || !std::io::stderr().is_terminal() { text.to_owned() } else { format!("\u{1b}[{style}m{text}\u{1b}[0m") }
}

fn echo(command: &Command) -> String {
    let line = shown(command);
    eprintln!("{}", styled("2", &format!("$ {line}")));
    line
}

/// The command as a developer would type it at the top of the checkout: paths below it are shortened, odd words quoted.
fn shown(command: &Command) -> String {
    let root = paths::root();
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let mut line = words.map(|word| quoted(&shortened(word, &root))).collect::<Vec<_>>().join(" ");
    if let Some(dir) = command.get_current_dir().and_then(|dir| dir.strip_prefix(&root).ok()).filter(|dir| !dir.as_os_str().is_empty()) {
        line = format!("(cd {} && {line})", quoted(&dir.display().to_string()));
    }
    line
}

fn shortened(word: &OsStr, root: &Path) -> String {
    let path = Path::new(word);
    if let Ok(inside) = path.strip_prefix(root).map(|inside| inside.display().to_string()) {
        return if inside.is_empty() { ".".to_owned() } else { inside };
    }
    let is_cargo = std::env::var_os("CARGO").is_some_and(|cargo| cargo == word);
    if is_cargo { "cargo".to_owned() } else { word.to_string_lossy().into_owned() }
}

fn quoted(word: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./=:+@%,".contains(c);
    if !word.is_empty() && word.chars().all(safe) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_shown_as_a_developer_would_type_them() {
        let mut command = Command::new("node");
        command.arg(paths::root().join("tests/a b.mjs")).arg("it's").current_dir(paths::root().join("www/npm"));
        assert_eq!(shown(&command), r"(cd www/npm && node 'tests/a b.mjs' 'it'\''s')");
    }

    #[test]
    fn a_failure_names_the_command() {
        let error = run(command("node").args(["--eval", "process.exitCode = 3"])).unwrap_err();
        assert_eq!(error.to_string(), "`node --eval 'process.exitCode = 3'` ended with exit status: 3");
        let error = run(&mut command("waxseal-has-no-such-program")).unwrap_err();
        assert_eq!(error.to_string(), "cannot start `waxseal-has-no-such-program`");
    }

    #[test]
    fn a_command_over_its_limit_is_ended() {
        let wait = |milliseconds: u32| {
            let mut command = command("node");
            command.args(["--eval", &format!("setTimeout(() => {{}}, {milliseconds})")]);
            command
        };
        run_within(Duration::from_secs(30), &mut wait(1)).unwrap();
        let error = run_within(Duration::from_millis(100), &mut wait(30_000)).unwrap_err();
        assert!(error.to_string().ends_with("took longer than 0.1 s"), "{error}");
    }
}
