//! Gives what a module imports from its glue short names. The generated ones end in hashes, which do not compress, and stand in both files.

use anyhow::{Context, Result, ensure};
use walrus::Module;

/// The module and its glue with short names.
pub fn shorten(wasm: &[u8], glue: &str) -> Result<(Vec<u8>, String)> {
    let mut module = Module::from_buffer(wasm).context("wasm-bindgen made a module that can not be read")?;
    let mut glue = glue.to_owned();
    for (number, import) in module.imports.iter_mut().enumerate() {
        let (old, new) = (format!(" {}: function", import.name), format!("_{number}"));
        ensure!(glue.matches(&old).count() == 1, "the glue does not define `{}` as it used to", import.name);
        glue = glue.replace(&old, &format!(" {new}: function"));
        import.name = new;
    }
    Ok((module.emit_wasm(), glue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_have_the_short_names() {
        let mut module = Module::default();
        let ty = module.types.add(&[], &[]);
        for name in ["__wbg_now_0123456789abcdef", "__wbg_now_fedcba9876543210"] {
            module.add_import_func("./sdk_bg.js", name, ty);
        }
        let wasm = module.emit_wasm();
        let glue = "{ __wbg_now_0123456789abcdef: function() {}, __wbg_now_fedcba9876543210: function() {} }";
        let (wasm, short) = shorten(&wasm, glue).unwrap();
        assert_eq!(short, "{ _0: function() {}, _1: function() {} }");
        let module = Module::from_buffer(&wasm).unwrap();
        assert_eq!(module.imports.iter().map(|import| import.name.as_str()).collect::<Vec<_>>(), ["_0", "_1"]);
        assert!(shorten(&wasm, glue).is_err());
    }
}
