// How much the memory of a process grows while 2 GiB are encrypted and decrypted by streams, in Node and in Chromium, beside streams that only copy: what those
// leave behind is the garbage collector's slack, which no stream is free of. `cargo xtask bench` runs it with WAXSEAL_TARBALL set.

import { fork } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import playwright from "playwright-core";

import { serve } from "../npm/site.mjs";
import { folder } from "./installed.mjs";

const MIB = 1024 * 1024;
const [SIZE, WARM_UP] = [Number(process.env.WAXSEAL_BENCH_BYTES ?? 2048 * MIB), 256 * MIB];
cpSync(fileURLToPath(new URL("messages", import.meta.url)), join(folder, "messages"), { recursive: true });

/** Resident memory of some processes that is not a file's, in bytes. */
function residentMemory(pids) {
  const each = pids.map((pid) => Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) * 1024);
  return each.reduce((sum, bytes) => sum + bytes, 0);
}

/** Does something, and says by how much the memory of some processes grew beyond what they had before, at most. */
async function growth(pids, act) {
  const before = residentMemory(pids);
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, residentMemory(pids))), 10);
  try {
    return { result: await act(), growth: Math.round((most - before) / MIB) };
  } finally {
    clearInterval(watch);
  }
}

async function inNode(suite) {
  const script = `
    import * as sdk from "waxseal";
    import { pump } from "./messages/streams.mjs";
    process.on("message", async (size) => process.send(await pump(sdk, { size, suite: "${suite}" })));
  `;
  writeFileSync(join(folder, "pump.mjs"), script);
  const child = fork(join(folder, "pump.mjs"), { cwd: folder });
  const pump = (size) => new Promise((resolve, reject) => (child.once("message", resolve), child.once("exit", reject), child.send(size)));
  await pump(WARM_UP);
  const measured = await growth([child.pid], () => pump(SIZE));
  child.removeAllListeners("exit");
  child.kill();
  return measured;
}

async function inChromium(suite) {
  const ends = [];
  const browser = await playwright.chromium.launch({ executablePath: process.env.CHROMIUM });
  try {
    const page = await browser.newPage();
    await page.goto(await serve(folder, (end) => ends.push(end)));
    const pump = (size) =>
      page.evaluate(async ([size, suite]) => {
        const [sdk, { pump }] = await Promise.all([import("/node_modules/waxseal/sdk/web.js"), import("/messages/streams.mjs")]);
        return pump(sdk, { size, suite });
      }, [size, suite]);
    await pump(WARM_UP);
    const session = await browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    return await growth(processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id), () => pump(SIZE));
  } finally {
    await browser.close();
    for (const end of ends) end();
  }
}

for (const [where, measure] of Object.entries({ Node: inNode, Chromium: inChromium })) {
  for (const suite of ["copies", "committing", "committing-signed"]) {
    const { result, growth } = await measure(suite);
    const what = suite === "copies" ? "two TransformStreams that copy" : `encryptStream and decryptStream, ${suite}`;
    console.log(`${where}: ${SIZE / MIB} MiB through ${what}: ${result}, memory grew by ${growth} MiB at most`);
  }
}
