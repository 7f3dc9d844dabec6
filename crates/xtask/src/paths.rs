//! Where things are: the checkout, and the folders that commands write to.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The top folder of the checkout.
///
/// Cargo says at run time where this crate is, so a moved checkout still works; a copied binary falls back to where it was built.
pub fn root() -> PathBuf {
    let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest_dir.ancestors().nth(2).map_or(manifest_dir.clone(), Path::to_path_buf)
}

/// Cargo's output folder, where everything that is not part of the checkout goes.
pub fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// The assembled playground, ready to be served or uploaded.
pub fn site_dir() -> PathBuf {
    target_dir().join("site")
}

/// The JavaScript tools' folder, which holds `package.json` and `node_modules`.
pub fn js_tools_dir() -> PathBuf {
    root().join("tests")
}

/// Writes `bytes` to `path`, creating its folder, unless the file already says the same: an untouched file keeps its time stamp.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<()> {
    if std::fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).with_context(|| format!("cannot create `{}`", parent.display()))?;
    }
    std::fs::write(path, bytes).with_context(|| format!("cannot write `{}`", path.display()))
}

/// Every file below `dir`, as paths relative to it, sorted.
pub fn files_below(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut pending = vec![dir.to_path_buf()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot list `{}`", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                pending.push(path);
            } else {
                found.push(path.strip_prefix(dir)?.to_path_buf());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Makes `dir` hold exactly `files` (relative path and content): changed ones are written, files of an earlier build removed.
pub fn mirror(dir: &Path, files: &[(PathBuf, Vec<u8>)]) -> Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot create `{}`", dir.display()))?;
    for old in files_below(dir)? {
        if !files.iter().any(|(path, _)| *path == old) {
            std::fs::remove_file(dir.join(&old)).with_context(|| format!("cannot remove `{}`", old.display()))?;
        }
    }
    files.iter().try_for_each(|(path, bytes)| write_if_changed(&dir.join(path), bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_workspace() {
        assert!(root().join("Cargo.lock").is_file());
        assert!(root().join("crates/xtask").is_dir());
    }

    #[test]
    fn a_mirror_holds_exactly_the_given_files_and_leaves_equal_ones_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = |path: &str, text: &str| (PathBuf::from(path), text.as_bytes().to_vec());
        mirror(dir.path(), &[file("a.js", "1"), file("fonts/b.woff2", "2")]).unwrap();
        let written = std::fs::metadata(dir.path().join("a.js")).unwrap().modified().unwrap();
        mirror(dir.path(), &[file("a.js", "1"), file("c.css", "3")]).unwrap();
        assert_eq!(files_below(dir.path()).unwrap(), [PathBuf::from("a.js"), PathBuf::from("c.css")]);
        assert_eq!(std::fs::metadata(dir.path().join("a.js")).unwrap().modified().unwrap(), written);
    }
}
