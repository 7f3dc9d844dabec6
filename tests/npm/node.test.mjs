// The package in Node: by import and by require, and the whole scenario.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

import { project } from "./package.mjs";

const folder = await project(after);
const here = (file) => pathToFileURL(join(folder, file)).href;
const { given } = await import(here("given.mjs"));
const { scenario } = await import(here("scenario.mjs"));

for (const [name, check] of Object.entries(scenario)) test(name, { timeout: 60_000 }, () => check(given));

test("require gives the same module as import", () => {
  const require = createRequire(join(folder, "given.mjs"));
  assert.equal(require("waxseal").Client, given.Client);
  assert.equal(require("waxseal/kms").LocalKms, given.LocalKms);
});
