// The store for SQLite is one for every SQLite: the same checks in Node's and in a Durable Object's, and a KMS over it that outlives its object.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { Miniflare } from "miniflare";

import { bundled } from "../npm/worker.mjs";
import { folder, packageFolder } from "./server.mjs";
import { contract, transactions } from "./store-contract.mjs";

const TIMEOUT = { timeout: 60_000 };
const { SqliteStore } = await import(pathToFileURL(join(packageFolder, "shared/kms/sqlite-store.js")).href);
const { RecordStore } = await import(pathToFileURL(join(packageFolder, "shared/kms/record-store.js")).href);
const { LocalKms } = await import(pathToFileURL(join(packageFolder, "kms/node.js")).href);

/** A store in a database of Node's, each commit a transaction. */
function nodeStore(database = new DatabaseSync(":memory:")) {
  const transaction = (work) => {
    database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      database.exec("COMMIT");
      return result;
    } catch (cause) {
      database.exec("ROLLBACK");
      throw cause;
    }
  };
  return new SqliteStore((sql, ...values) => database.prepare(sql).all(...values), transaction);
}

for (const [name, check] of Object.entries({ ...contract, ...transactions })) {
  test(`Node's SQLite: ${name}`, () => {
    const database = new DatabaseSync(":memory:");
    return check(nodeStore(database), () => nodeStore(database));
  });
}

for (const [name, check] of Object.entries(contract)) test(`the records of a page: ${name}`, () => check(new RecordStore([], [])));

test("a database of a newer waxseal is refused", () => {
  const database = new DatabaseSync(":memory:");
  nodeStore(database).set("schema", "2");
  assert.throws(() => nodeStore(database), /its schema is of version 2, this waxseal knows version 1/);
});

test("a KMS over a store of its host's is the same one when it is opened again", async () => {
  const [database, rootKey] = [new DatabaseSync(":memory:"), crypto.getRandomValues(new Uint8Array(32))];
  const open = (key = rootKey) => LocalKms.open({ storage: { store: nodeStore(database), rootKey: key } });
  const first = await open();
  const { KeyId } = (await first.createKey()).KeyMetadata;
  const { CiphertextBlob } = await first.encrypt({ KeyId, Plaintext: new Uint8Array([1, 2, 3]) });
  first[Symbol.dispose]();
  await assert.rejects(first.listKeys(), /has been disposed of/);
  const second = await open();
  assert.deepEqual([...(await second.decrypt({ CiphertextBlob })).Plaintext], [1, 2, 3]);
  assert.deepEqual((await second.audit()).map(({ eventName }) => eventName), ["CreateKey", "Encrypt", "Decrypt"]);
  assert.ok((await second.credentials("arn:aws:iam::111122223333:user/bob")).expiration <= new Date(), "another process would make others");
  const { KeyId: rsa } = (await second.createKey({ KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" })).KeyMetadata;
  assert.equal((await (await open()).getPublicKey({ KeyId: rsa })).KeySpec, "RSA_2048");
  const stranger = await open(crypto.getRandomValues(new Uint8Array(32)));
  await assert.rejects(stranger.decrypt({ CiphertextBlob }), { code: "KmsUnavailable", name: "KMSInternalException" });
  const dump = JSON.stringify(database.prepare("SELECT * FROM records").all());
  for (const encoding of ["hex", "base64"]) assert.ok(!dump.includes(Buffer.from(rootKey).toString(encoding)), "the root key is not there");
});

test("a store that fails fails the call, and nothing else", async () => {
  const [database, rootKey] = [new DatabaseSync(":memory:"), crypto.getRandomValues(new Uint8Array(32))];
  const store = nodeStore(database);
  const kms = await LocalKms.open({ storage: { store, rootKey } });
  const { KeyId } = (await kms.createKey()).KeyMetadata;
  store.commit = () => {
    throw new Error("no room");
  };
  await assert.rejects(kms.disableKey({ KeyId }), { name: "KMSInternalException" });
  delete store.commit;
  assert.equal((await kms.describeKey({ KeyId })).KeyMetadata.KeyState, "Enabled");
});

test("after a trap it goes on over the same store", async () => {
  const { initSync } = await import(pathToFileURL(join(packageFolder, "dist/kms.js")).href);
  const kms = await LocalKms.open({ storage: { store: nodeStore(), rootKey: new Uint8Array(32).fill(7) } });
  const { KeyId } = (await kms.createKey()).KeyMetadata;
  new Uint8Array(initSync().memory.buffer).fill(0xff);
  await assert.rejects(kms.describeKey({ KeyId }), { code: "Internal" });
  assert.equal((await kms.describeKey({ KeyId })).KeyMetadata.KeyId, KeyId);
});

test("what is no store is refused", async () => {
  const [store, rootKey] = [nodeStore(), new Uint8Array(32)];
  for (const [storage, why] of [
    [{ store: {}, rootKey }, /storage\.store\.read is not a function/],
    [{ store: undefined, rootKey }, /storage\.store\.read is not a function/],
    [{ store }, /storage\.rootKey is not a Uint8Array/],
    [{ store, rootKey: new Uint8Array(31) }, /a root key has 32 bytes, this one has 31/],
    [{ store, rootKey, indexedDB: "a" }, /storage has no option `indexedDB`/],
  ]) {
    await assert.rejects(LocalKms.open({ storage }), { code: "InvalidInput", message: why });
  }
  await assert.rejects(LocalKms.open({ storage: { store, rootKey }, dangerSeed: 7 }), /for storage in memory only/);
  const snapshot = await (await LocalKms.open({ storage: "memory" })).snapshot({ rootKey });
  await assert.rejects(LocalKms.restore(snapshot, { rootKey, storage: { store, rootKey } }), /can not be restored to a store/);
});

const running = new Set();
after(() => Promise.all(Array.from(running, (miniflare) => miniflare.dispose())));

/** The object of the README, and one in which the checks run. */
const WORKER = `
import { DurableObject } from "cloudflare:workers";
import { SqliteStore } from "waxseal/kms/sqlite";
import { Kms as OfReadme } from "./readme.mjs";
import { contract, transactions } from ${JSON.stringify(fileURLToPath(new URL("store-contract.mjs", import.meta.url)))};

export class Kms extends OfReadme {
  evict() {
    this.ctx.abort("evicted");
  }
}

export class Checked extends DurableObject {
  async check(name) {
    const exec = (sql, ...values) => this.ctx.storage.sql.exec(sql, ...values).toArray();
    const make = () => new SqliteStore(exec, (work) => this.ctx.storage.transactionSync(work));
    try {
      await { ...contract, ...transactions }[name](make(), make);
    } catch (error) {
      return String(error?.stack ?? error);
    }
  }
}

export default {
  async fetch(request, env) {
    const { check, principal, operation, members } = await request.json();
    if (check) return Response.json({ failure: await env.CHECKED.get(env.CHECKED.idFromName(check)).check(check) });
    const kms = env.KMS.get(env.KMS.idFromName("one"));
    if (operation === "evict") return Response.json({ evicted: await kms.evict().catch(String) });
    for (const name of ["Plaintext", "CiphertextBlob"]) if (members[name]) members[name] = new Uint8Array(members[name]);
    try {
      return Response.json(await kms.call(principal, operation, members));
    } catch ({ message }) {
      return Response.json({ message });
    }
  },
};
`;

async function durableObjects(state) {
  const project = join(packageFolder, "../..");
  const readme = await readFile(join(packageFolder, "README.md"), "utf8");
  const [, example] = readme.match(/```js\n(import \{ DurableObject \}[^]*?)```/);
  await writeFile(join(project, "readme.mjs"), example);
  await writeFile(join(project, "worker.mjs"), WORKER);
  const miniflare = new Miniflare({
    modules: await bundled(project, "worker.mjs"),
    compatibilityDate: "2026-04-01",
    cf: false,
    bindings: { ROOT_KEY: "07".repeat(32) },
    durableObjects: { KMS: { className: "Kms", useSQLite: true }, CHECKED: { className: "Checked", useSQLite: true } },
    durableObjectsPersist: state,
  });
  const ask = async (question) => (await miniflare.dispatchFetch("http://worker/", { method: "POST", body: JSON.stringify(question) })).json();
  // It can be ended once only.
  const end = () => running.delete(miniflare) && miniflare.dispose();
  running.add(miniflare);
  return { ask, end };
}

test("a Durable Object's SQLite keeps what the engine relies on", TIMEOUT, async (context) => {
  const objects = await durableObjects(await folder());
  for (const check of Object.keys({ ...contract, ...transactions })) {
    await context.test(check, async () => assert.equal((await objects.ask({ check })).failure, undefined));
  }
});

test("a KMS in a Durable Object outlives its instance and its process", TIMEOUT, async () => {
  const [state, principal] = [await folder(), "arn:aws:iam::111122223333:root"];
  const objects = await durableObjects(state);
  const { KeyMetadata } = await objects.ask({ principal, operation: "createKey", members: {} });
  const members = { KeyId: KeyMetadata.Arn, Plaintext: [1, 2, 3], EncryptionContext: { tenant: "42" } };
  const ciphertext = Object.values((await objects.ask({ principal, operation: "encrypt", members })).CiphertextBlob);
  const decrypt = { principal, operation: "decrypt", members: { CiphertextBlob: ciphertext, EncryptionContext: { tenant: "42" } } };
  const decrypted = async (objects) => Object.values((await objects.ask(decrypt)).Plaintext);
  assert.deepEqual(await decrypted(objects), [1, 2, 3]);
  assert.match((await objects.ask({ operation: "evict" })).evicted, /evicted/);
  assert.deepEqual(await decrypted(objects), [1, 2, 3]);
  const eve = await objects.ask({ ...decrypt, principal: "arn:aws:iam::111122223333:user/eve" });
  assert.match(eve.message, /user\/eve is not authorized to perform: kms:Decrypt/);
  await objects.end();
  assert.deepEqual(await decrypted(await durableObjects(state)), [1, 2, 3]);
});
