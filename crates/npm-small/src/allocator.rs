//! The allocator: the standard library's is a good part of what a page downloads. It wipes what is freed, for the glue frees what it has copied into JavaScript:
//! data keys and plaintexts too.

use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};
use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static ALLOCATOR: ZeroAlloc<WasmDynamicTalc> = ZeroAlloc(new_wasm_dynamic_allocator());
