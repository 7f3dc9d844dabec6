// Deno: a source phase import needs no permission to read files.
import source module from "../dist/sdk.wasm";
import { web } from "../shared/engines/web.js";
import { makeSdk } from "../shared/sdk.js";

export * from "../shared/errors.js";
export { kmsKeyring, multiKeyring, rawAesKeyring } from "../shared/keyrings.js";
export const { Client, ready } = makeSdk(() => module, web);
