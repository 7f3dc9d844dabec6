// The packed package, installed as a user does, in a folder that goes with the process.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export const folder = mkdtempSync(join(tmpdir(), "waxseal-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
execFileSync("npm", ["install", "--no-audit", "--no-fund", "--silent", process.env.WAXSEAL_TARBALL], { cwd: folder });

/** One of the package's entries, by its file. */
export function installed(path) {
  return import(pathToFileURL(join(folder, "node_modules/waxseal", path)));
}
