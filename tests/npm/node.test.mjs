// The package in Node: by import and by require, and the whole scenario.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { runInNewContext } from "node:vm";

import { project } from "./package.mjs";

const folder = await project(after);
const here = (file) => pathToFileURL(join(folder, file)).href;
const { given } = await import(here("given.mjs"));
const { scenario } = await import(here("scenario.mjs"));

for (const [name, check] of Object.entries(scenario)) test(name, { timeout: 60_000 }, () => check(given));

test("objects and arrays of another realm are like any other", async () => {
  const { Client, LocalKms } = given;
  const kms = await LocalKms.open({ storage: "memory" });
  const { KeyMetadata } = await kms.createKey();
  const { array, context } = runInNewContext('({ array: (bytes) => new Uint8Array(bytes), context: { tenant: "42" } })');
  const elsewhere = (operation) => async (request) => {
    const { KeyId, CiphertextBlob, Plaintext } = await kms[operation](request);
    return { KeyId, CiphertextBlob: CiphertextBlob && array(CiphertextBlob), Plaintext: Plaintext && array(Plaintext) };
  };
  const foreign = { generateDataKey: elsewhere("generateDataKey"), encrypt: elsewhere("encrypt"), decrypt: elsewhere("decrypt") };
  const client = new Client({ kms: foreign, keyId: KeyMetadata.Arn });
  const message = await client.encrypt(array([1, 2, 3]), { encryptionContext: context });
  assert.deepEqual([...(await client.decrypt(array(message), { encryptionContext: context })).plaintext], [1, 2, 3]);
  const { CiphertextBlob } = await kms.encrypt({ KeyId: KeyMetadata.Arn, Plaintext: array([4]), EncryptionContext: context });
  assert.deepEqual([...(await kms.decrypt({ CiphertextBlob: array(CiphertextBlob), EncryptionContext: context })).Plaintext], [4]);
});

test("a module that finds no memory is no bug of anybody's, and the next call tries again", async () => {
  const { Instance } = await import(here("node_modules/waxseal/shared/instance.js"));
  const cause = new RangeError("could not allocate memory");
  let attempts = 0;
  const glue = {
    initSync() {
      if (attempts++ === 0) throw cause;
      return {};
    },
  };
  const instance = new Instance(glue, () => new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
  await assert.rejects(instance.enter(), { code: "LoadFailed", retryable: true, cause });
  assert.equal(await instance.enter(), 0);
});

test("require gives the same module as import", () => {
  const require = createRequire(join(folder, "given.mjs"));
  assert.equal(require("waxseal").Client, given.Client);
  assert.equal(require("waxseal/kms").LocalKms, given.LocalKms);
});
