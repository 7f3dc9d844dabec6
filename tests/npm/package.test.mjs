// What the package is before anything runs: its manifest, its files, its types, its examples.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { project } from "./package.mjs";

const run = promisify(execFile);
const TSCONFIG = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  checkJs: true,
  allowJs: true,
  skipLibCheck: false,
  module: "nodenext",
  target: "es2022",
  lib: ["es2022", "dom", "esnext.disposable"],
  types: [],
};
/** The entries that are clients of remote KMS. */
const CLIENTS = ["aws", "gcp", "azure", "vault", "broker"];
const folder = await project(after);
const installed = join(folder, "node_modules/waxseal");
const manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
const repository = fileURLToPath(new URL("../..", import.meta.url));
const examples = join(repository, "www/examples");
await cp(examples, folder, { recursive: true });

const files = await readdir(installed, { recursive: true, withFileTypes: true });
const names = files.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1));

test("nothing but itself is installed, and nothing runs at installation", async () => {
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies", "scripts"]) assert.equal(manifest[kind], undefined, kind);
  assert.deepEqual((await readdir(join(folder, "node_modules"))).filter((name) => !name.startsWith(".")), ["waxseal"]);
});

test("its version is that of the crates", async () => {
  const [, version] = (await readFile(join(repository, "Cargo.toml"), "utf8")).match(/\[workspace\.package\]\nversion = "([^"]+)"/);
  assert.equal(manifest.version, version);
});

test("every file it names is there, and every file there is needed", () => {
  const named = JSON.stringify(manifest.exports).match(/\.\/[^"]+\.(js|d\.ts)(?=")/g).map((path) => path.slice(2));
  for (const path of named) assert.ok(names.includes(path), path);
  for (const path of Object.values(manifest.bin)) assert.ok(names.includes(path.slice(2)), path);
  const allowed = /^(dist\/(sdk|sdk-fast|sdk-full|kms)\.(js|wasm|inline\.js)|(eager|sdk|sdk\/fast|sdk\/full|inspect|kms)\/\w+\.js|server\/[\w-]+\.js|shared\/((clients|engines|full|keyrings|keyrings\/at-work|kms|random-access|small|streams)\/)?[\w-]+\.js|types\/[\w-]+\.d\.ts|dist\/provenance\.json|((aws|azure|broker|broker\/server|eager|gcp|inspect|kms|kms\/sqlite|vault)\/)?package\.json|(BROKER|README)\.md|LICENSE-(MIT|APACHE))$/;
  assert.deepEqual(names.filter((name) => !allowed.test(name)), []);
  for (const name of ["BROKER.md", "README.md", "LICENSE-MIT", "LICENSE-APACHE"]) assert.ok(names.includes(name), name);
});

test("where every file comes from is written down, and true", async () => {
  const { commit, files: listed } = JSON.parse(await readFile(join(installed, "dist/provenance.json"), "utf8"));
  // Outside of a repository there is no commit to name.
  assert.match(String(commit), /^([0-9a-f]{40}( and changes)?|null)$/);
  assert.deepEqual(Object.keys(listed).sort(), names.filter((name) => name !== "dist/provenance.json").sort());
  for (const [name, { from, by, sha256 }] of Object.entries(listed)) {
    const bytes = await readFile(join(installed, name));
    assert.equal(createHash("sha256").update(bytes).digest("hex"), sha256, name);
    if (!by) assert.deepEqual(await readFile(join(repository, from)), bytes, `${name} is as it is in the checkout`);
    else if (by === "deflate, base64") assert.deepEqual(Buffer.from(await inside(name)), await readFile(join(installed, from)), name);
    else assert.ok((await stat(join(repository, from, "Cargo.toml"))).isFile(), from);
  }
});

test("tools that read no exports find every entry", async () => {
  for (const [entry, given] of Object.entries(manifest.exports).filter(([, to]) => typeof to === "object")) {
    const to = { node: given.default, browser: given.default, ...given };
    const folder = join(installed, entry);
    const { type, sideEffects, main, module, types } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const found = Object.fromEntries(Object.entries({ types, node: main, browser: module }).map(([name, path]) => [name, join(folder, path)]));
    assert.deepEqual(found, { types: join(installed, to.types), node: join(installed, to.node), browser: join(installed, to.browser) });
    const effects = { ".": ["./eager/web.js"], "./eager": true }[entry] ?? false;
    assert.deepEqual([type, sideEffects], ["module", effects], "what holds for the package holds there");
  }
});

test("but for the server, only the entries for Node, Bun and Deno import anything of Node's, and nothing uses its globals", async () => {
  const isPortable = (name) => !name.startsWith("server/");
  for (const name of names.filter((name) => name.endsWith(".js") && isPortable(name))) {
    const text = await readFile(join(installed, name), "utf8");
    assert.equal(/["']node:/.test(text), /^((sdk|sdk\/full|kms)\/node|kms\/deno)\.js$/.test(name), name);
    assert.ok(!/\b(Buffer|process|global|__dirname)\b(?=[.(\[])/.test(text), `${name} uses a global of Node's`);
  }
});

test("the types describe what is exported", async () => {
  const check = [
    "import * as sdk from 'waxseal'; import * as kms from 'waxseal/kms'; import * as inspect from 'waxseal/inspect'; import * as sqlite from 'waxseal/kms/sqlite';",
    ...CLIENTS.map((name) => `import * as ${name} from 'waxseal/${name}';`),
    "import * as server from 'waxseal/broker/server';",
    `const entries = { sdk, kms, inspect, sqlite, server, ${CLIENTS} };`,
    "console.log(JSON.stringify(Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, Object.keys(entry)]))));",
  ].join("\n");
  const exported = JSON.parse((await run("node", ["--input-type=module", "--eval", check], { cwd: folder })).stdout);
  const errors = declared(await readFile(join(installed, "types/errors.d.ts"), "utf8"));
  for (const [entry, types] of [["sdk", "index"], ["kms", "kms"], ["inspect", "inspect"]]) {
    const own = declared(await readFile(join(installed, `types/${types}.d.ts`), "utf8"));
    const keyrings = entry === "sdk" ? declared(await readFile(join(installed, "types/keyrings.d.ts"), "utf8")) : [];
    const wanted = [...errors, ...own, ...keyrings];
    assert.deepEqual(exported[entry].sort(), wanted.sort());
  }
  assert.deepEqual(exported.sqlite, declared(await readFile(join(installed, "types/sqlite.d.ts"), "utf8")));
  assert.deepEqual(exported.server.sort(), declared(await readFile(join(installed, "types/broker-server.d.ts"), "utf8")).sort());
  for (const vendor of CLIENTS) {
    const own = declared(await readFile(join(installed, `types/${vendor}-client.d.ts`), "utf8"));
    assert.deepEqual(exported[vendor].sort(), ["KmsClientError", ...own].sort());
  }
});

test("examples and types compile, strictly", async () => {
  await cp(join(repository, "tests/npm/surface.mts"), join(folder, "surface.mts"));
  // That one needs AWS's client, and is compiled where it is tested.
  const sources = (await readdir(examples)).filter((name) => name.endsWith(".mjs") && name !== "aws-sdk.mjs");
  assert.ok(sources.length >= 5);
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: TSCONFIG, files: ["surface.mts", ...sources] }));
  const tsc = join(repository, "tests/node_modules/typescript/bin/tsc");
  await run(process.execPath, [tsc, "--project", folder]).catch(({ stdout, stderr }) => assert.fail(`${stdout}${stderr}`));
});

test("no type is any", async () => {
  for (const name of names.filter((name) => name.startsWith("types/"))) {
    const code = (await readFile(join(installed, name), "utf8")).replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    assert.ok(!/\bany\b/.test(code), name);
  }
});

for (const [example, expected] of [
  ["quick-start.mjs", /bytes, to be kept anywhere\ntop secret\n$/],
  ["permissions.mjs", /^AccessDeniedException: User: .*user\/bob is not authorized to perform: kms:Decrypt .*\ntop secret\n/],
  ["own-kms.mjs", /the KMS was asked 2 times\n$/],
  ["time-and-reasons.mjs", /^2026-04-15T12:00:00Z RotateKey\n2026-07-14T12:00:00Z RotateKey\nimplicit-deny\n- [^]*user\/bob: [^]*1 grant in the copy\n$/],
  ["trace.mjs", /^ {2}0 kms +operation-started[^]*secret-wiped data-key [0-9a-f]{16}/],
]) {
  test(`the example ${basename(example)} says what it promises`, async () => {
    const { stdout } = await run(process.execPath, [example], { cwd: folder });
    assert.match(stdout, expected);
  });
}

test("the example of the README says what it promises", async () => {
  const [, code] = (await readFile(join(installed, "README.md"), "utf8")).match(/```js\n([^]*?)```/);
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", code], { cwd: folder });
  assert.equal(stdout, "AccessDeniedException\n");
});

test("the example of the repository's README says what it promises", async () => {
  const readme = new URL("../../README.md", import.meta.url);
  const [, code] = (await readFile(readme, "utf8")).match(/```js\n([^]*?)```/);
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", code], { cwd: folder });
  assert.match(stdout, /^top secret\nAccessDeniedException User: .*user\/eve is not authorized to perform: kms:Decrypt on resource: .* because /);
});

/** The module that a script carries. */
async function inside(script) {
  const { bytes } = await import(pathToFileURL(join(installed, script)).href);
  return bytes();
}

/** Names of the values that a declaration file exports itself. */
function declared(text) {
  return [...text.matchAll(/^export (?:class|function|const) (\w+)/gm)].map(([, name]) => name);
}
