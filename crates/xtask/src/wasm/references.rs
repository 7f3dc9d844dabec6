//! Has wasm-bindgen hand JavaScript's objects over as numbers. As references they are quicker by a little, but Node 20 breaks down, all of it, when a function that gives one
//! is called from JavaScript that it must compile anew meanwhile.

/// For the compiler.
pub const FLAG: &str = "-Ctarget-feature=-reference-types";

/// The module, said not to use reference types, which is how wasm-bindgen decides. The standard library is compiled already, and would have it use them.
pub fn disown(mut wasm: Vec<u8>) -> Vec<u8> {
    let place = wasm.windows(USED.len()).position(|part| part == USED);
    if let Some(sign) = place.and_then(|at| wasm.get_mut(at)) {
        *sign = b'-';
    }
    wasm
}

/// The glue, which starts a module anew only if that has a start: without references there is none, and wasm-bindgen calls it.
pub fn start_if_any(glue: &str) -> String {
    glue.replace("wasm.__wbindgen_start();", "wasm.__wbindgen_start?.();")
}

/// As the section `target_features` has it: a sign, the name's length, the name.
const USED: &[u8] = b"+\x0freference-types";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sign_changes() {
        let module = |sign: &str| [b"\0asm", sign.as_bytes(), &USED[1..], b"+\x04simd"].concat();
        assert_eq!(disown(module("+")), module("-"));
        assert_eq!(disown(module("-")), module("-"));
        assert_eq!(start_if_any("wasm = it; wasm.__wbindgen_start();"), "wasm = it; wasm.__wbindgen_start?.();");
    }
}
