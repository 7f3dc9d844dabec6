// The whole scenario in a page.

import { given } from "./given.mjs";
import { runAll } from "./scenario.mjs";

globalThis.results = runAll(given);
