// The package as a user has it: the tarball, installed into a project of its own outside the checkout.

import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const run = promisify(execFile);

/** The folder of a project that has installed the tarball, with the scenario in it. The test file removes it at its end. */
export async function project(after) {
  const tarball = process.env.WAXSEAL_TARBALL;
  if (!tarball) throw new Error("WAXSEAL_TARBALL is not set; run `cargo xtask test npm`");
  const folder = await mkdtemp(join(tmpdir(), "waxseal-npm-"));
  after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "project", private: true, type: "module" }));
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const options = ["--offline", "--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts"];
  await run(npm, ["install", ...options, tarball], { cwd: folder, shell: process.platform === "win32" });
  for (const name of ["checks.mjs", "scenario.mjs", "scenario"]) await cp(join(here, name), join(folder, name), { recursive: true });
  await writeFile(join(folder, "given.mjs"), GIVEN);
  return folder;
}

/**
 * What the scenario is given: the package by its name, and by the files inside it the memories of those modules that were loaded, and the table that
 * chooses engines.
 */
const GIVEN = `
import * as sdk from "waxseal";
import * as inspect from "waxseal/inspect";
import * as kms from "waxseal/kms";
import { initSync as sdkExports } from "./node_modules/waxseal/dist/sdk.js";
import { initSync as fastExports } from "./node_modules/waxseal/dist/sdk-fast.js";
import { initSync as fullExports } from "./node_modules/waxseal/dist/sdk-full.js";
import { initSync as kmsExports } from "./node_modules/waxseal/dist/kms.js";
import { TABLE as table } from "./node_modules/waxseal/shared/engines/table.js";
import { memoriesOf } from "./checks.mjs";

const memories = () => memoriesOf({ sdk: sdkExports, fast: fastExports, full: fullExports, kms: kmsExports });
const hasNodeCrypto = import.meta.resolve?.("waxseal").endsWith("/sdk/node.js") ?? false;
export const given = { ...inspect, ...kms, ...sdk, memories, table, hasNodeCrypto };
`;

/** Every operation but those about custom key stores, from the engine's table of states, which names each once. */
const { rows } = JSON.parse(await readFile(join(here, "../../crates/kms/tests/states.json"), "utf8"));
export const operations = rows.flatMap((row) => row.operations).sort();

/** Fails with every check that failed, or if there was none. */
export function report(results) {
  if (results.length === 0) throw new Error("nothing was checked");
  const failed = results.filter(({ error }) => error);
  if (failed.length > 0) throw new Error(failed.map(({ name, error }) => `${name}: ${error}`).join("\n"));
}
