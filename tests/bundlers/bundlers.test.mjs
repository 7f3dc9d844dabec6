// The package, built by every bundler without any configuration: in Chromium, under a strict Content-Security-Policy.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { freePort, visitor } from "../npm/browsers.mjs";
import { project, report } from "../npm/package.mjs";
import { serve } from "../npm/site.mjs";

const run = promisify(execFile);
const here = fileURLToPath(new URL(".", import.meta.url));
const bin = (script) => join(here, "node_modules", script);

/**
 * What a user types, and what comes of it: whether the bundler ships the WebAssembly files, or the scripts that carry them have to do. `entry` is
 * the page's script: `with-worker.js` for bundlers that see the worker in `new Worker(new URL(…))`.
 */
const BUILDS = {
  "vite 8": { command: ["vite/bin/vite.js", "build"], entry: "with-worker.js", ships: true },
  "vite 5": { command: ["vite-5/bin/vite.js", "build"], entry: "main.js", ships: true },
  // Up to version 7 a worker with an `import()` in it takes this option, whatever it imports.
  "vite 5 with a worker": {
    command: ["vite-5/bin/vite.js", "build"],
    entry: "with-worker.js",
    ships: true,
    files: { "vite.config.js": 'export default { worker: { format: "es" } };' },
  },
  "webpack 5": { command: ["webpack-cli/bin/cli.js", "--mode=production", "--entry=./with-worker.js"], script: "main.js", ships: true },
  rspack: { command: ["@rspack/cli/bin/rspack.js", "build", "--mode=production", "--entry=./with-worker.js"], script: "main.js", ships: true },
  "esbuild to one classic script": { command: ["esbuild/bin/esbuild", "main.js", "--bundle", "--minify", "--outdir=dist"], script: "main.js", classic: true },
  "esbuild to modules": { command: ["esbuild/bin/esbuild", "main.js", "--bundle", "--splitting", "--format=esm", "--outdir=dist"], script: "main.js" },
  "rollup with node-resolve": {
    command: ["rollup/dist/bin/rollup", "main.js", "--dir=dist", "--format=es", "--plugin=@rollup/plugin-node-resolve"],
    script: "main.js",
  },
  // A worker of its own making does not find the parts that are loaded later, where the page has them as well.
  parcel: { command: ["parcel/lib/bin.js", "build", "index.html"], entry: "main.js", ships: true },
};

/** Servers of a developer's machine: they have a policy of their own to keep, which is none. */
const DEV_SERVERS = {
  "vite 8 dev": { command: ["vite/bin/vite.js"], entry: "with-worker.js", ships: true },
  // It answers requests for the file with the front page.
  "vite 5 dev": { command: ["vite-5/bin/vite.js"], entry: "with-worker.js" },
};

const template = await project(after);
await cp(join(here, "app"), template, { recursive: true });
const visit = await visitor.chromium(after);

describe("bundled without configuration", { concurrency: 2 }, () => {
  for (const [name, build] of Object.entries(BUILDS)) {
    test(name, { timeout: 120_000 }, async () => {
      const folder = await copied(build);
      const [script, ...words] = build.command;
      await run(process.execPath, [bin(script), ...words], { cwd: folder }).catch(({ stdout, stderr }) => assert.fail(`${stdout}${stderr}`));
      const dist = join(folder, "dist");
      if (build.script) await writeFile(join(dist, "index.html"), page(build.script, build.classic));
      const site = await serve(dist, after, { policy: await policyFor(join(dist, "index.html")) });
      const said = await check(`${site}/index.html`, build);
      if (build.ships) assert.deepEqual(said, [], "the console is silent");
    });
  }

  for (const [name, server] of Object.entries(DEV_SERVERS)) {
    test(name, { timeout: 120_000 }, async () => {
      const folder = await copied(server);
      await check(await started(folder, server.command), server);
    });
  }
});

/** A project of its own for every bundler, because they write caches into it. */
async function copied({ entry, files = {} }) {
  const folder = await mkdtemp(join(tmpdir(), "waxseal-bundled-"));
  after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  await cp(template, folder, { recursive: true });
  if (entry) await writeFile(join(folder, "index.html"), page(entry));
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
  return folder;
}

function page(script, classic) {
  const attributes = classic ? "defer" : 'type="module"';
  return `<!doctype html>\n<meta charset="utf-8">\n<title>waxseal</title>\n<script ${attributes} src="./${script}"></script>\n`;
}

/** The strictest policy that the page works under. parcel writes an import map into it, which a policy lets through by its hash. */
async function policyFor(file) {
  const inline = [...(await readFile(file, "utf8")).matchAll(/<script[^>]*>([^<]+)<\/script>/g)].map(([, text]) => text);
  const hashes = inline.map((text) => ` 'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  return `default-src 'self'; script-src 'self' 'wasm-unsafe-eval'${hashes.join("")}`;
}

/** Starts a development server; its address. */
async function started(folder, [script, ...words]) {
  const server = spawn(process.execPath, [bin(script), ...words, "--host=127.0.0.1", `--port=${await freePort()}`, "--strictPort"], { cwd: folder });
  after(() => server.kill());
  for await (const line of createInterface({ input: server.stdout })) {
    const [address] = line.replace(/\u001b\[\d+m/g, "").match(/http:\S+/) ?? [];
    if (address) return address;
  }
  throw new Error("the server ended without saying where it is");
}

/** Runs the page, and looks at how the modules came. */
async function check(address, { ships = false }) {
  const { results, said, loaded } = await visit(address);
  report(results);
  const files = loaded.filter(({ url }) => new URL(url).pathname.endsWith(".wasm"));
  const came = files.filter(({ status, type }) => status === 200 && type === "application/wasm");
  if (ships) {
    assert.deepEqual(came, files);
    assert.ok(new Set(came.map(({ url }) => url)).size >= 2, "each entry's module is a file");
  } else {
    assert.deepEqual(came, [], "the modules came in scripts");
  }
  return said;
}
