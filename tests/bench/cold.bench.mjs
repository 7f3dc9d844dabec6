// How long the first call takes: of a page that has just imported a bundle of waxseal, or of the official SDK, in a new browser each time; and of a
// Worker in workerd, without `nodejs_compat`, where the official SDK does not start.
// `cargo xtask bench` runs it with WAXSEAL_TARBALL set to the packed npm package, and CHROMIUM to the browser.

import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { build } from "../node_modules/esbuild/lib/main.js";
import { Miniflare } from "../node_modules/miniflare/dist/src/index.js";
import { bundled } from "../npm/worker.mjs";
import { inChromium } from "./in-chromium.mjs";
import { folder } from "./installed.mjs";
import "./official-for-browsers.mjs";

const ROUNDS = 7;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function ofWaxseal() {
  const start = performance.now();
  const { Client, rawAesKeyring } = await import("/bundled/page.js");
  const imported = performance.now();
  const client = new Client({ keyring: rawAesKeyring({ namespace: "bench", name: "key", key: new Uint8Array(32).fill(7) }) });
  await client.encrypt("x");
  return [imported - start, performance.now() - imported];
}

async function ofOfficial() {
  const start = performance.now();
  const { official } = await import("/official.mjs");
  const imported = performance.now();
  await official.encrypt(new Uint8Array(1), { suite: "committing", frameLength: 4096, context: {} });
  return [imported - start, performance.now() - imported];
}

writeFileSync(join(folder, "page.mjs"), 'export { Client, rawAesKeyring } from "waxseal";');
const options = { bundle: true, splitting: true, minify: true, format: "esm", target: "es2022", logLevel: "silent" };
await build({ ...options, absWorkingDir: folder, entryPoints: ["page.mjs"], outdir: "bundled" });
// esbuild ships no file that `new URL` names; this is where a bundler that does would have the page find it.
cpSync(join(folder, "node_modules/waxseal/dist/sdk.wasm"), join(folder, "dist/sdk.wasm"));

const times = { waxseal: [], official: [] };
for (let round = 0; round < ROUNDS; round++) {
  times.waxseal.push(await inChromium(ofWaxseal));
  times.official.push(await inChromium(ofOfficial));
}
for (const [name, both] of Object.entries(times)) {
  const [imported, first] = [0, 1].map((part) => median(both.map((time) => time[part])).toFixed(1));
  console.log(`Chromium, ${name}: import ${imported} ms, first encrypt ${first} ms`);
}

// Its clock stands still while a Worker computes, so the time is taken outside: of requests that encrypt, the second one has nothing to load.
const WORKER = `
import { Client, rawAesKeyring } from "waxseal";
const client = new Client({ keyring: rawAesKeyring({ namespace: "bench", name: "key", key: new Uint8Array(32).fill(7) }) });
export default {
  async fetch(request) {
    return new Response(new URL(request.url).pathname === "/encrypt" ? await client.encrypt("x") : "");
  },
};
`;
writeFileSync(join(folder, "worker.mjs"), WORKER);
const modules = await bundled(folder, "worker.mjs");
const requests = ["/", "/encrypt", "/encrypt"].map(() => []);
for (let round = 0; round < ROUNDS; round++) {
  const miniflare = new Miniflare({ modules, compatibilityDate: "2026-04-01", cf: false });
  await miniflare.ready;
  for (const [index, path] of ["/", "/encrypt", "/encrypt"].entries()) {
    const start = performance.now();
    await (await miniflare.dispatchFetch(`http://worker${path}`)).arrayBuffer();
    requests[index].push(performance.now() - start);
  }
  await miniflare.dispose();
}
const [idle, first, second] = requests.map((each) => median(each).toFixed(1));
console.log(`workerd: a first request that does nothing ${idle} ms, the first one that encrypts ${first} ms, the second one ${second} ms`);
