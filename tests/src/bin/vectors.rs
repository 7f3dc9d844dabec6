//! `vectors DIR`: opens each message of a folder of test vectors and compares the outcome with the expected one. The last line it prints
//! is `N passed, N failed`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Open each message of a folder of test vectors and compare the outcome with the expected one.
#[derive(Parser)]
struct Arguments {
    /// The folder with `vectors.json`, `keys.json` and the messages.
    folder: PathBuf,
}

fn main() -> anyhow::Result<ExitCode> {
    let report = waxseal_tests::vectors::run(&Arguments::parse().folder)?;
    println!("{report}");
    Ok(if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
