//! Takes the words out of a module. A panic is a trap, and nobody reads what it would have said: the platform has no output for it. The functions that compose the
//! text are replaced by the trap itself, and wasm-opt then removes what only they used. The modules that this is for compose no other text: their errors have no words.

use std::ops::Range;

use anyhow::{Context, Result};
use walrus::ir::Value;
use walrus::{ConstExpr, Data, DataKind, FunctionBuilder, FunctionId, FunctionKind, Module};

/// The module, with the names of its functions still in it, without the words.
pub fn panics(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::from_buffer(wasm).context("wasm-bindgen made a module that can not be read")?;
    let names = module.funcs.iter_local().filter_map(|(id, _)| Some((id, module.funcs.get(id).name.as_deref()?)));
    let found: Vec<_> = names.filter(|(_, name)| has_words(&plain(name))).map(|(id, _)| id).collect();
    for id in found {
        trap(&mut module, id);
    }
    let data: Vec<_> = module.data.iter().map(Data::id).collect();
    for id in data {
        forget_places(module.data.get_mut(id));
    }
    Ok(module.emit_wasm())
}

/// Overwrites the places in source files that only panics would tell, and the names of those files.
fn forget_places(data: &mut Data) {
    let DataKind::Active { offset: ConstExpr::Value(Value::I32(base)), .. } = data.kind else { return };
    let mut names = Vec::new();
    for at in (0..data.value.len().saturating_sub(PLACE - 1)).step_by(4) {
        if let Some(name) = file_name(&data.value, at, base.cast_unsigned()) {
            names.push(name);
            data.value[at..at + PLACE].fill(0);
        }
    }
    for name in names {
        data.value[name].fill(0);
    }
}

/// Where the name of a source file is, if that is what stands pointed to at that place.
fn file_name(data: &[u8], at: usize, base: u32) -> Option<Range<usize>> {
    let word = |at: usize| data.get(at..).and_then(<[u8]>::first_chunk).map(|word| u32::from_le_bytes(*word));
    let start = usize::try_from(word(at)?.checked_sub(base)?).ok()?;
    let range = start..start.checked_add(usize::try_from(word(at + 4)?).ok()?)?;
    let name = data.get(range.clone())?;
    (name.ends_with(b".rs") && name.contains(&b'/') && name.iter().all(u8::is_ascii_graphic)).then_some(range)
}

/// Whether a function panics, or composes text.
fn has_words(name: &str) -> bool {
    TEXT.iter().any(|part| name.contains(part)) || PANICS.iter().any(|prefix| name.starts_with(prefix))
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

fn trap(module: &mut Module, id: FunctionId) {
    let ty = module.types.get(module.funcs.get(id).ty());
    let (params, results) = (ty.params().to_vec(), ty.results().to_vec());
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    builder.func_body().unreachable();
    let args = params.iter().map(|&ty| module.locals.add(ty)).collect();
    module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(args));
}

/// Bytes of `core::panic::Location` where pointers have 32 bits: the file's name, line and column.
const PLACE: usize = 16;

/// What a panic goes through, from where it is noticed; all of it is of the standard library and diverges.
const PANICS: [&str; 15] = [
    "core::panicking::",
    // What panics carry. Nothing catches them.
    "<std::panicking::",
    "std::alloc::default_alloc_error_hook",
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

/// Traits that write text, and what they are called by and call.
const TEXT: [&str; 2] = ["core::fmt::", "core::str::count::"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_words_is_known_by_name_and_nothing_else_is() {
        for (name, traps) in [
            ("core[c5930c85a12de822]::panicking::panic_fmt", true),
            ("core[c5930c85a12de822]::str::slice_error_fail", true),
            ("<char as core[c5930c85a12de822]::fmt::Debug>::fmt", true),
            ("<core::fmt::Formatter>::pad::h0123456789abcdef", true),
            ("<std::panicking::begin_panic::Payload<&str> as core::panic::PanicPayload>::as_str", true),
            ("std::panicking::catch_unwind::h0123456789abcdef", false),
            ("core::slice::copy_from_slice_impl::h0123456789abcdef", false),
            ("core::slice::<impl [T]>::reverse::h0123456789abcdef", false),
        ] {
            assert_eq!(has_words(&plain(name)), traps, "{name}");
        }
    }

    #[test]
    fn places_in_files_are_forgotten_and_nothing_else_is() {
        let name = b"/home/x/.cargo/registry/src/index/aes/lib.rs";
        let pointer = |to: u32, len: usize| [(1024 + to).to_le_bytes(), u32::try_from(len).unwrap().to_le_bytes()].concat();
        let text = [&b"kept"[..], name, b"crates/ are many"].concat();
        let kept = pointer(u32::try_from(4 + name.len()).unwrap(), 16);
        let value = [&text[..], &pointer(4, name.len()), &[7, 0, 0, 0, 9, 0, 0, 0], &kept, &[1, 2, 3, 4]].concat();
        let mut module = Module::default();
        let memory = module.memories.add_local(false, false, 1, None, None);
        let id = module.data.add(DataKind::Active { memory, offset: ConstExpr::Value(Value::I32(1024)) }, value);
        forget_places(module.data.get_mut(id));
        let expected = [b"kept", &vec![0; name.len()][..], b"crates/ are many", &[0; PLACE], &kept, &[1, 2, 3, 4]].concat();
        assert_eq!(module.data.get(id).value, expected);
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
