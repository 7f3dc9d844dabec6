// Cloudflare Workers: no code may be compiled at run time, so the module is imported, compiled at deployment.
import module from "../dist/sdk-fast.wasm";
import * as glue from "../dist/sdk-fast.js";
import { web } from "../shared/engines/web.js";
import { makeSdk } from "../shared/sdk.js";
import { inModule } from "../shared/small/module-ciphers.js";
import { machineWith } from "../shared/small/start.js";

export * from "../shared/errors.js";
export * from "../shared/keyrings.js";
export { MaterialsCache } from "../shared/materials-cache.js";

const machine = machineWith(inModule);
export const { Client, makeBranchKey, ready } = makeSdk({ first: () => ({ glue, load: () => module, machine }), full: () => import("./full/workerd.js") }, web);
