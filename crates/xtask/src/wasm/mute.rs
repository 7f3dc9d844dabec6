//! Takes the words out of a module's panics. A panic is a trap, and nobody reads what it would have said: the platform has no output for it. The
//! functions that compose the text are replaced by the trap itself, and wasm-opt then removes what only they used.

use anyhow::{Context, Result};
use walrus::ir::Value;
use walrus::{Data, FunctionBuilder, FunctionId, FunctionKind, Module, ValType};

/// The module, with the names of its functions still in it, without the words.
pub fn panics(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::from_buffer(wasm).context("wasm-bindgen made a module that can not be read")?;
    let found: Vec<_> =
        module.funcs.iter_local().filter_map(|(id, _)| Some((id, what_instead(&plain(module.funcs.get(id).name.as_deref()?))?))).collect();
    for (id, instead) in found {
        replace(&mut module, id, instead);
    }
    let data: Vec<_> = module.data.iter().map(Data::id).collect();
    for id in data {
        forget_files(&mut module.data.get_mut(id).value);
    }
    Ok(module.emit_wasm())
}

/// Overwrites the names of source files, which only panics would tell.
fn forget_files(data: &mut [u8]) {
    let mut rest = data;
    while let Some(start) = FOLDERS.iter().filter_map(|folder| find(rest, folder)).min() {
        let (_, name) = rest.split_at_mut(start);
        let len = name.iter().take_while(|byte| byte.is_ascii_graphic()).count();
        let (name, after) = match find(&name[..len], SUFFIX) {
            Some(at) => name.split_at_mut(at + SUFFIX.len()),
            None => (&mut [][..], &mut name[1..]),
        };
        name.fill(0);
        rest = after;
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// What a function does from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instead {
    /// It is only called by what panics, and never returns.
    Trap,
    /// It writes a value for programmers to see, and says that it has.
    WriteNothing,
}

fn what_instead(name: &str) -> Option<Instead> {
    if name.ends_with(" as core::fmt::Debug>::fmt") {
        return Some(Instead::WriteNothing);
    }
    PANICS.iter().any(|prefix| name.starts_with(prefix)).then_some(Instead::Trap)
}

/// The name without the hashes that tell crates and instances apart.
fn plain(name: &str) -> String {
    let mut plain = String::new();
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        match after.split_once(']') {
            Some((hash, after)) if hash.len() == 16 => rest = after,
            _ => {
                plain.push('[');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    match plain.rsplit_once("::h") {
        Some((before, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => before.to_owned(),
        _ => plain,
    }
}

fn replace(module: &mut Module, id: FunctionId, instead: Instead) {
    let ty = module.types.get(module.funcs.get(id).ty());
    let (params, results) = (ty.params().to_vec(), ty.results().to_vec());
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    match instead {
        // `Result<(), fmt::Error>` is an i32, and `Ok` is 0.
        Instead::WriteNothing if results == [ValType::I32] => builder.func_body().const_(Value::I32(0)),
        // What is inlined into something else has another type, and is nobody's to call.
        Instead::WriteNothing => return,
        Instead::Trap => builder.func_body().unreachable(),
    };
    let args = params.iter().map(|&ty| module.locals.add(ty)).collect();
    module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(args));
}

/// What the names of source files, ours and others', contain and end with.
const FOLDERS: [&[u8]; 4] = [b"crates/", b"/rustc/", b"/rust/deps/", b"/registry/src/"];
const SUFFIX: &[u8] = b".rs";

/// What a panic goes through, from where it is noticed; all of it is of the standard library and diverges.
const PANICS: [&str; 13] = [
    "core::panicking::",
    // Calls of closures by JavaScript, which the small module gives it none of.
    "wasm_bindgen::convert::closures::_::invoke",
    "core::slice::index::slice_index_fail",
    "core::slice::copy_from_slice_impl::len_mismatch_fail",
    "core::str::slice_error_fail",
    "core::option::unwrap_failed",
    "core::option::expect_failed",
    "core::result::unwrap_failed",
    "core::cell::panic_already_borrowed",
    "core::cell::panic_already_mutably_borrowed",
    "alloc::raw_vec::handle_error",
    "alloc::raw_vec::capacity_overflow",
    "alloc::alloc::handle_alloc_error",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_panics_is_known_by_name_and_nothing_else_is() {
        for (name, instead) in [
            ("core[c5930c85a12de822]::panicking::panic_fmt", Some(Instead::Trap)),
            ("core[c5930c85a12de822]::str::slice_error_fail", Some(Instead::Trap)),
            ("<char as core[c5930c85a12de822]::fmt::Debug>::fmt", Some(Instead::WriteNothing)),
            ("<T as core::fmt::Debug>::fmt::h0123456789abcdef", Some(Instead::WriteNothing)),
            ("<T as core::fmt::Display>::fmt::h0123456789abcdef", None),
            ("core::slice::copy_from_slice_impl::h0123456789abcdef", None),
            ("core::slice::<impl [T]>::reverse::h0123456789abcdef", None),
        ] {
            assert_eq!(what_instead(&plain(name)), instead, "{name}");
        }
    }

    #[test]
    fn a_module_without_words_is_one_that_traps() {
        let mut module = Module::default();
        let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
        builder.name("core[c5930c85a12de822]::panicking::panic_fmt".to_owned()).func_body().i32_const(1).drop();
        let id = builder.finish(Vec::new(), &mut module.funcs);
        module.exports.add("panics", id);
        let muted = Module::from_buffer(&panics(&module.emit_wasm()).unwrap()).unwrap();
        let (_, function) = muted.funcs.iter_local().next().unwrap();
        let body = function.block(function.entry_block());
        assert!(matches!(&body.instrs[..], [(walrus::ir::Instr::Unreachable(_), _)]));
    }
}
