//! What a file weighs on the wire: raw, gzip and brotli, as a table. Node compresses, because its brotli needs no compiling here.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::run::{command, output};

/// Prints one line per file, with its sizes in bytes.
pub fn report(files: &[PathBuf]) -> Result<()> {
    let json = output(command("node").args(["--input-type=module", "--eval", MEASURE, "--"]).args(files))?;
    let sizes: Vec<[u64; 3]> = serde_json::from_str(&json).context("cannot read the sizes")?;
    println!("{:<24} {:>10} {:>10} {:>10}", "bytes", "raw", "gzip", "brotli");
    for (file, [raw, gzip, brotli]) in files.iter().zip(sizes) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        println!("{name:<24} {raw:>10} {gzip:>10} {brotli:>10}");
    }
    Ok(())
}

const MEASURE: &str = r#"
import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
const sizes = process.argv.slice(1).map((path) => {
  const bytes = readFileSync(path);
  return [bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length];
});
console.log(JSON.stringify(sizes));
"#;
