// The full module, for Deno.
import source module from "../../dist/sdk-full.wasm";

export * as machine from "../../shared/full/machine.js";
export * as glue from "../../dist/sdk-full.js";
export const load = () => module;
