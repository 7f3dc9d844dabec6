// The package in Node, Deno and Bun: the whole scenario by import, the essentials by require.

import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { project, report } from "../npm/package.mjs";

const run = promisify(execFile);
const here = fileURLToPath(new URL(".", import.meta.url));
const installed = (program) => join(here, "node_modules", program);

const DENO = ["run", "--no-prompt", "--cached-only"];

/** The programs, and what they are told before the script's name. */
const PROGRAMS = {
  "Node 20": { program: installed("node-20/bin/node"), words: [] },
  "Node 22": { program: installed("node-22/bin/node"), words: [] },
  "Node 24": { program: installed("node-24/bin/node"), words: [] },
  // Imported, the package asks for no permission; required, its modules are files that the script reads.
  Deno: { program: installed("@deno/linux-x64-glibc/deno"), words: DENO, toRequire: [...DENO, "--allow-read"] },
  Bun: { program: installed("@oven/bun-linux-x64/bin/bun"), words: ["run"] },
};

const folder = await project(after);
await cp(join(here, "app"), folder, { recursive: true });

describe("the package in other programs", { concurrency: 2 }, () => {
  for (const [name, { program, words, toRequire = words }] of Object.entries(PROGRAMS)) {
    test(`${name}, by import`, { timeout: 300_000 }, () => found(program, [...words, "by-import.mjs"]));
    test(`${name}, by require`, { timeout: 60_000 }, () => found(program, [...toRequire, "by-require.cjs"]));
  }
});

/** Runs a script that prints its results. */
async function found(program, words) {
  const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1", DENO_DIR: join(folder, ".deno"), NO_COLOR: "1" };
  const { stdout } = await run(program, words, { cwd: folder, env, maxBuffer: 10_000_000 });
  report(JSON.parse(stdout));
}
