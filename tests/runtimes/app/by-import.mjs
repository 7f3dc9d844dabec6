// The whole scenario, for programs that print what they found.

import { given } from "./given.mjs";
import { runAll } from "./scenario.mjs";

console.log(JSON.stringify(await runAll(given)));
