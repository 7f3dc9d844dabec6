// The package in Node: by import and by require, and the whole scenario.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
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

test("thousands of calls that are told of, and then others, break nothing", { timeout: 120_000 }, async () => {
  // In a process of its own, which Node 20 would end: there a function of WebAssembly that gives a reference must not be compiled into its callers.
  const script = `
    import { given } from ${JSON.stringify(here("given.mjs"))};
    const keyring = given.rawAesKeyring({ namespace: "tests", name: "raw", key: new Uint8Array(32) });
    const client = new given.Client({ keyring, onEvent() {} });
    const message = await client.encrypt("x");
    for (let call = 0; call < 12_000; call++) await client.encrypt("x");
    for (let call = 0; call < 6_000; call++) await client.decrypt(message);
    console.log("done");`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], { cwd: folder });
  assert.equal(stdout, "done\n");
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
  const instance = new Instance(() => ({ glue, load: () => new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]) }));
  await assert.rejects(instance.enter(), { code: "LoadFailed", retryable: true, cause });
  assert.equal(await instance.enter(), 0);
});

test("dates go in and come out as seconds, wherever AWS has them", async () => {
  const { LocalKmsClient } = await import(here("node_modules/waxseal/shared/kms/client.js"));
  const [date, seconds] = [new Date("2026-01-15T12:00:00.500Z"), 1768478400.5];
  const asked = [];
  const answers = {
    GetParametersForImport: { ParametersValidTo: seconds },
    ImportKeyMaterial: {},
    ListKeyRotations: { Rotations: [{ RotationDate: seconds, ValidTo: seconds }] },
    GetKeyLastUsage: { KeyLastUsage: { Timestamp: seconds }, KeyCreationDate: seconds, TrackingStartDate: seconds },
    ReplicateKey: { ReplicaKeyMetadata: { CreationDate: seconds, ValidTo: seconds, DeletionDate: seconds } },
  };
  const world = { ask: async (...args) => (asked.push(args), { value: answers[args[3]] }) };
  const client = new LocalKmsClient(world, "arn:aws:iam::111122223333:user/bob", "s3.us-east-1.amazonaws.com");
  const KeyId = "k";
  assert.deepEqual(await client.getParametersForImport({ KeyId }), { ParametersValidTo: date });
  await client.importKeyMaterial({ KeyId, ValidTo: date, ImportToken: new Uint8Array([1]) });
  const foreign = runInNewContext(`new Date(${Number(date)})`);
  await client.importKeyMaterial({ KeyId, ValidTo: foreign });
  assert.deepEqual(await client.listKeyRotations({ KeyId }), { Rotations: [{ RotationDate: date, ValidTo: date }] });
  assert.deepEqual(await client.getKeyLastUsage({ KeyId }), { KeyLastUsage: { Timestamp: date }, KeyCreationDate: date, TrackingStartDate: date });
  const { ReplicaKeyMetadata } = await client.replicateKey({ KeyId });
  assert.deepEqual(ReplicaKeyMetadata, { CreationDate: date, ValidTo: date, DeletionDate: date });
  const imported = { KeyId, ValidTo: seconds, ImportToken: new Uint8Array([1]) };
  assert.deepEqual(asked[1], ["call", "arn:aws:iam::111122223333:user/bob", "s3.us-east-1.amazonaws.com", "ImportKeyMaterial", imported]);
  assert.equal(asked[2].at(-1).ValidTo, seconds);
});

test("require gives the same module as import", () => {
  const require = createRequire(join(folder, "given.mjs"));
  assert.equal(require("waxseal").Client, given.Client);
  assert.equal(require("waxseal/kms").LocalKms, given.LocalKms);
});
