// Which engine is the fastest for which sizes, in Node and in Chromium: what `www/npm/shared/engines/table.js` says comes from here.
// `cargo xtask bench` runs it with WAXSEAL_TARBALL set to the packed npm package, and CHROMIUM to the browser.

import { installed } from "./installed.mjs";
import { inChromium } from "./in-chromium.mjs";
import { engineTimes } from "./messages/engines.mjs";

const waxseal = await installed("sdk/node.js");
const { TABLE: table } = await installed("shared/engines/table.js");
console.log("Node: whole is WebAssembly for the whole message, wasm for its frames");
await engineTimes({ waxseal, table, names: ["whole", "wasm", "webcrypto", "node"], say: console.log });
console.log("\nChromium");
await inChromium(async (say) => {
  const paths = ["waxseal", "/node_modules/waxseal/shared/engines/table.js", "/messages/engines.mjs"];
  const [waxseal, { TABLE: table }, { engineTimes }] = await Promise.all(paths.map((path) => import(path)));
  await engineTimes({ waxseal, table, names: ["whole", "wasm", "webcrypto"], say });
});
