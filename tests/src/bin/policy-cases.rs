//! Runs a file of policy cases: `policy-cases FILE`. Every failure is printed with its id; the last line is `N passed, N failed`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use waxseal_tests::policy_cases::CaseFile;

/// Runs a file of policy cases.
#[derive(Parser)]
struct Arguments {
    /// The file: `{"cases": […]}`.
    file: PathBuf,
}

fn main() -> Result<ExitCode> {
    let cases = CaseFile::read(&Arguments::parse().file)?.cases;
    let mut failed = 0_usize;
    for case in &cases {
        if let Err(error) = case.run() {
            failed += 1;
            println!("{} ({}): {error:#}", case.id, case.title);
        }
    }
    println!("{} passed, {failed} failed", cases.len() - failed);
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
