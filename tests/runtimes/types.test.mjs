// The package's types, as its users' compilers read them: by every way of resolving modules, and with the globals of each runtime only.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { project } from "../npm/package.mjs";

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const types = (name) => here(`node_modules/${name}`);
const STRICT = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noEmit: true, target: "es2022" };
const WEB = { lib: ["es2022", "dom"], types: [] };

const COMPILERS = {
  "nodenext, in a page": { module: "nodenext", ...WEB },
  "node16, in a page": { module: "node16", ...WEB },
  "bundler, in a page": { module: "preserve", moduleResolution: "bundler", ...WEB },
  "bundler, in a worker": { module: "preserve", moduleResolution: "bundler", lib: ["es2022", "webworker"], types: [] },
  "nodenext, in Node": { module: "nodenext", lib: ["es2022"], types: [types("@types/node")] },
  "bundler, in a Cloudflare Worker": { module: "preserve", moduleResolution: "bundler", lib: ["es2022"], types: [types("@cloudflare/workers-types")] },
};

const folder = await project(after);
const installed = join(folder, "node_modules/waxseal");
const declarations = Object.fromEntries(
  await Promise.all((await readdir(join(installed, "types"))).map(async (name) => [name, await readFile(join(installed, "types", name), "utf8")])),
);
const manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
const surface = await readFile(here("../npm/surface.mts"), "utf8");
await writeFile(join(folder, "everything.mts"), await importOfEverything());
await cp(here("../npm/surface.mts"), join(folder, "surface.mts"));

describe("the types compile, strictly", { concurrency: 2 }, () => {
  for (const [name, options] of Object.entries(COMPILERS)) {
    test(name, { timeout: 120_000 }, async () => {
      // Beside the sources, so that what they import is found from there.
      const config = join(folder, `tsconfig.${Object.keys(COMPILERS).indexOf(name)}.json`);
      await writeFile(config, JSON.stringify({ compilerOptions: { ...STRICT, ...options }, files: ["surface.mts", "everything.mts"] }));
      const tsc = here("../node_modules/typescript/bin/tsc");
      await run(process.execPath, [tsc, "--project", config]).catch(({ stdout, stderr }) => assert.fail(`${stdout}${stderr}`));
    });
  }
});

test("what is declared can be imported", () => {
  const reachable = new Set(Object.values(entries()).flatMap((file) => exportedBy(file)));
  assert.deepEqual(Object.values(declarations).flatMap(declaredIn).filter((name) => !reachable.has(name)), []);
});

test("every option is in the surface test", () => {
  const bodies = Object.values(declarations).flatMap((text) => [
    ...text.matchAll(/^export interface \w*(?:Options|Settings|Storage|Filter|Duration)\b[^{]*\{\n([^]*?)\n\}/gm),
    ...text.matchAll(/\(options: \{\n([^]*?)\n\}/g),
  ]);
  const options = bodies.flatMap(([, body]) => [...body.matchAll(/^  (\w+)\??:/gm)].map(([, name]) => name));
  assert.ok(options.length > 30);
  assert.deepEqual(options.filter((name) => !new RegExp(`\\b${name}\\b`).test(surface)), []);
});

/** A module that imports every name from every entry. */
async function importOfEverything() {
  const lines = Object.entries(entries()).map(([entry, file], index) => {
    const names = exportedBy(file).map((name) => `type ${name} as ${name}${index}`);
    return `import { ${names.join(", ")} } from "${entry}";`;
  });
  return `${lines.join("\n")}\n`;
}

/** Which declaration file each entry has. */
function entries() {
  const withTypes = Object.entries(manifest.exports).filter(([, { types }]) => types);
  return Object.fromEntries(withTypes.map(([entry, { types }]) => [`waxseal${entry.slice(1)}`, types.slice("./types/".length)]));
}

/** The names that a declaration file exports: its own, and those of the files that it passes on. */
function exportedBy(file) {
  const text = declarations[file];
  const passedOn = [...text.matchAll(/^export (?:type )?\* from "\.\/([\w-]+)\.js";/gm)].flatMap(([, name]) => exportedBy(`${name}.d.ts`));
  const picked = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from/gm)].flatMap(([, names]) => names.match(/\w+/g));
  return [...new Set([...declaredIn(text), ...passedOn, ...picked])];
}

function declaredIn(text) {
  return [...text.matchAll(/^export (?:declare )?(?:class|function|const|interface|type) (\w+)/gm)].map(([, name]) => name);
}
