// A KMS in IndexedDB, in Chromium: what was answered stays, whatever happens to tabs and disk.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { chromium } from "./chromium.mjs";
import { project } from "./package.mjs";

const TIMEOUT = { timeout: 120_000 };
const folder = await project(after);
const open = await chromium(folder, after);

/** Opens the KMS in a page, as `kms`, with what the tests do in pages beside it. */
const enter = (page, options = {}) =>
  page.evaluate(async (options) => {
    const { given } = await import("/given.mjs");
    const { VirtualClock, LocalKms } = given;
    const clock = options.now && new VirtualClock(new Date(options.now));
    const storage = { indexedDB: "world", ...options.storage };
    const { now, ...others } = options;
    const bytes = (text) => new TextEncoder().encode(text);
    const text = (bytes) => new TextDecoder().decode(bytes);
    const failing = async (call) => {
      try {
        return { value: await call };
      } catch ({ name, code, message, retryable }) {
        return { name, code, message, retryable };
      }
    };
    const entire = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const { initSync } = await import("/node_modules/waxseal/dist/kms.js");
    const memory = () => initSync().memory.buffer;
    Object.assign(globalThis, { given, bytes, text, failing, entire, memory });
    globalThis.kms = await LocalKms.open({ ...others, storage, clock });
  }, options);

const encrypted = (page, plaintext = "top secret") =>
  page.evaluate(async (plaintext) => {
    const { KeyMetadata } = await kms.createKey();
    const { CiphertextBlob } = await kms.encrypt({ KeyId: KeyMetadata.Arn, Plaintext: bytes(plaintext), EncryptionContext: { tenant: "42" } });
    return { keyId: KeyMetadata.Arn, ciphertext: [...CiphertextBlob] };
  }, plaintext);

const decrypted = (page, { ciphertext }) =>
  page.evaluate(async (ciphertext) => {
    const { Plaintext } = await kms.decrypt({ CiphertextBlob: new Uint8Array(ciphertext), EncryptionContext: { tenant: "42" } });
    return text(Plaintext);
  }, ciphertext);

/** Closes a tab, or lets its process crash. */
const kill = (page, round) => (round % 2 === 0 ? page.close() : page.goto("chrome://crash").catch(() => {}));

const count = (page) => page.evaluate(async () => (await kms.listKeys({ Limit: 1000 })).Keys.length);

test("keys, policies and the audit log are there after a reload", TIMEOUT, async () => {
  const { page, said } = await open();
  await enter(page, { account: "444455556666", region: "eu-west-1" });
  const message = await encrypted(page);
  const before = await page.evaluate(async () => {
    await kms.iam.putPolicy("arn:aws:iam::444455556666:user/bob", "reader", { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "kms:*", Resource: "*" }] });
    return kms.audit();
  });
  await page.reload();
  await enter(page);
  assert.match(message.keyId, /^arn:aws:kms:eu-west-1:444455556666:key\//);
  assert.deepEqual(await page.evaluate(() => kms.audit()), before);
  assert.equal(await decrypted(page, message), "top secret");
  assert.deepEqual(await page.evaluate(async () => (await kms.iam.listPolicies("arn:aws:iam::444455556666:user/bob")).map(({ name }) => name)), ["reader"]);
  assert.deepEqual(said, [], "the console is silent");

  await page.reload();
  await assert.rejects(enter(page, { account: "111122223333" }), /the KMS `world` is of the account 444455556666/);
  await enter(page, { account: "444455556666" });
  assert.equal(await count(page), 1);
});

test("an RSA key of WebCrypto is stored like any other, and asked for by another tab too", TIMEOUT, async () => {
  const { page, tab } = await open();
  await enter(page);
  const second = await tab();
  await enter(second);
  await page.evaluate(() => {
    const { generateKey } = SubtleCrypto.prototype;
    globalThis.made = 0;
    SubtleCrypto.prototype.generateKey = function (...given) {
      return (made++, generateKey.apply(this, given));
    };
  });
  const create = (each) =>
    each.evaluate(async () => {
      const keys = await Promise.all([{ KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" }, {}].map((request) => kms.createKey(request)));
      return keys[0].KeyMetadata.KeyId;
    });
  const publicKey = (each, KeyId) => each.evaluate(async (KeyId) => [...(await kms.getPublicKey({ KeyId })).PublicKey], KeyId);
  const ids = [await create(page), await create(second)];
  assert.equal(await page.evaluate(() => made), 2);
  const before = await Promise.all(ids.map((id) => publicKey(second, id)));
  await page.close();
  assert.deepEqual(await Promise.all(ids.map((id) => publicKey(second, id))), before);
});

test("how long grants take is said at every opening, of a snapshot too", TIMEOUT, async () => {
  const { page } = await open();
  const bob = "arn:aws:iam::111122223333:user/bob";
  const sees = () => page.evaluate(async (bob) => (await failing(kms.as(bob).describeKey({ KeyId: keyId }))).name ?? "seen", bob);
  await enter(page, { grantConsistency: 300 });
  const keyId = await page.evaluate(async (bob) => {
    globalThis.keyId = (await kms.createKey()).KeyMetadata.Arn;
    await kms.createGrant({ KeyId: keyId, GranteePrincipal: bob, Operations: ["DescribeKey"] });
    return keyId;
  }, bob);
  assert.equal(await sees(), "AccessDeniedException");
  await page.evaluate(async () => {
    const rootKey = new Uint8Array(32);
    const snapshot = await kms.snapshot({ rootKey });
    kms = await given.LocalKms.restore(snapshot, { rootKey, storage: { indexedDB: "copy" }, grantConsistency: 300 });
  });
  assert.equal(await sees(), "AccessDeniedException", "a copy that takes as long");
  await page.reload();
  await enter(page);
  await page.evaluate((id) => (globalThis.keyId = id), keyId);
  assert.equal(await sees(), "seen", "one that takes no time");
});

test("a second tab asks the first, and takes over when that is closed", TIMEOUT, async () => {
  const { page, said, tab } = await open();
  await enter(page);
  const message = await encrypted(page);
  const second = await tab();
  await enter(second);
  assert.equal(await decrypted(second, message), "top secret");
  const own = await encrypted(second, "of the second");
  assert.equal(await decrypted(page, own), "of the second");
  assert.deepEqual(await second.evaluate(() => kms.audit()), await page.evaluate(() => kms.audit()));
  const refusal = await second.evaluate(
    (KeyId) => failing(kms.as("arn:aws:iam::111122223333:user/eve").describeKey({ KeyId })),
    message.keyId,
  );
  assert.equal(refusal.name, "AccessDeniedException");
  const signed = await second.evaluate(async () => {
    const { signed, ROOT } = await import("/scenario/world.mjs");
    return (await kms.fetch(await signed(await kms.credentials(ROOT), "ListKeys", "{}"))).json();
  });
  assert.equal(signed.Keys.length, 2);
  await assert.rejects(enter(await tab(), { region: "eu-west-1" }), /the KMS `world` is of the region us-east-1/);

  await page.close();
  assert.equal(await decrypted(second, message), "top secret");
  const third = await tab();
  await enter(third);
  await second.evaluate(() => kms[Symbol.dispose]());
  assert.equal((await second.evaluate(() => failing(kms.listKeys()))).code, "InvalidInput");
  assert.equal(await decrypted(third, own), "of the second");
  assert.deepEqual(said, [], "the console is silent");
});

test("a tab of another version is not asked, and can be followed", TIMEOUT, async () => {
  const { page, tab } = await open();
  await enter(page);
  const second = await tab();
  await enter(second);
  await encrypted(second);
  await page.evaluate(() => new BroadcastChannel("waxseal-kms/world").postMessage({ kind: "owner", owner: "other", protocol: 2 }));
  let refusal;
  while (!(refusal = await second.evaluate(() => failing(kms.listKeys()))).code);
  assert.equal(refusal.code, "InvalidInput");
  assert.match(refusal.message, /in a tab with another version of waxseal/);
  await page.close();
  while ((await second.evaluate(() => failing(kms.listKeys()))).code);
  assert.equal(await count(second), 1);
});

test("tabs that are closed in the midst of calls lose no change that was acknowledged", TIMEOUT, async () => {
  const { tab } = await open();
  const acknowledged = [];
  let message;
  for (let round = 0; round < 6; round++) {
    const [first, second] = [await tab(), await tab()];
    for (const page of [first, second]) {
      await page.exposeFunction("acknowledge", (arn) => void acknowledged.push(arn));
      await enter(page);
    }
    message ??= await encrypted(first);
    for (const page of [first, second]) {
      page.evaluate(async () => {
        for (;;) {
          const made = await Promise.all([1, 2, 3].map(() => failing(kms.createKey())));
          for (const { value } of made) if (value) acknowledge(value.KeyMetadata.Arn);
        }
      }).catch(() => {});
    }
    const wanted = acknowledged.length + 12;
    while (acknowledged.length < wanted) await new Promise((resolve) => setTimeout(resolve, 5));
    await kill(first, round);
    const after = acknowledged.length + 6;
    while (acknowledged.length < after) await new Promise((resolve) => setTimeout(resolve, 5));
    await kill(second, round);
  }
  const last = await tab();
  await enter(last);
  assert.ok(acknowledged.length >= 100, `${acknowledged.length} keys`);
  const missing = await last.evaluate(async (arns) => {
    const states = await Promise.all(arns.map((KeyId) => failing(kms.describeKey({ KeyId }))));
    return arns.filter((_, index) => !states[index].value);
  }, acknowledged);
  assert.deepEqual(missing, []);
  assert.equal(await decrypted(last, message), "top secret");
});

test("what can not be stored is undone, and not acknowledged", TIMEOUT, async () => {
  const { page } = await open();
  await enter(page);
  const message = await encrypted(page);
  const outcome = await page.evaluate(async (KeyId) => {
    const { put } = IDBObjectStore.prototype;
    const sabotage = {
      "an abort": function () {
        this.transaction.abort();
      },
      "no room": function () {
        throw new DOMException("no room", "QuotaExceededError");
      },
    };
    const seen = {};
    for (const [what, broken] of Object.entries(sabotage)) {
      IDBObjectStore.prototype.put = broken;
      const during = await Promise.all([kms.createKey(), kms.disableKey({ KeyId }), kms.listKeys()].map(failing));
      const { signed, ROOT } = await import("/scenario/world.mjs");
      const response = await kms.fetch(await signed(await kms.credentials(ROOT), "CreateKey", "{}"));
      const answered = [response.status, (await response.json()).__type];
      IDBObjectStore.prototype.put = put;
      const { KeyMetadata } = await kms.describeKey({ KeyId });
      seen[what] = { during, answered, state: KeyMetadata.KeyState, keys: (await kms.listKeys()).Keys.length, audit: (await kms.audit()).length };
    }
    return seen;
  }, message.keyId);
  for (const [what, { during, answered, state, keys }] of Object.entries(outcome)) {
    for (const refusal of during) {
      assert.equal(refusal.name, "KMSInternalException", what);
      assert.deepEqual([refusal.code, refusal.retryable], ["KmsUnavailable", true]);
      assert.match(refusal.message, what === "no room" ? /gives this site no more room/ : /could not be stored, and is undone/);
    }
    assert.deepEqual([answered, state, keys], [[500, "KMSInternalException"], "Enabled", 1], what);
  }
  // CreateKey, Encrypt, and the two that were done after each failure.
  assert.deepEqual([outcome["an abort"].audit, outcome["no room"].audit], [4, 6]);
  await page.reload();
  await enter(page);
  assert.deepEqual([await count(page), await decrypted(page, message)], [1, "top secret"]);
});

test("calls that overlap share a strict transaction, and each has one before it is answered", TIMEOUT, async () => {
  const { page } = await open();
  await enter(page);
  const seen = await page.evaluate(async () => {
    const { transaction } = IDBDatabase.prototype;
    const made = [];
    IDBDatabase.prototype.transaction = function (stores, mode, options) {
      const own = transaction.call(this, stores, mode, options);
      const entry = { mode, ...options, isComplete: false };
      own.addEventListener("complete", () => (entry.isComplete = true));
      made.push(entry);
      return own;
    };
    const answers = await Promise.all(Array.from({ length: 50 }, async () => (await kms.createKey(), made.every(({ isComplete }) => isComplete))));
    const together = made.length;
    for (let call = 0; call < 5; call++) await kms.listKeys();
    IDBDatabase.prototype.transaction = transaction;
    return { made, together, apart: made.length - together, areComplete: answers.every(Boolean) };
  });
  assert.deepEqual([seen.together, seen.apart, seen.areComplete], [1, 5, true]);
  for (const { mode, durability } of seen.made) assert.deepEqual([mode, durability], ["readwrite", "strict"]);
});

test("the audit log keeps as many lines as it is told to", TIMEOUT, async () => {
  const { page } = await open();
  await enter(page, { storage: { auditLimit: 5 } });
  const names = () => page.evaluate(async () => (await kms.audit()).map(({ requestParameters }) => requestParameters?.limit));
  await page.evaluate(async () => {
    for (let Limit = 1; Limit <= 20; Limit++) await kms.listKeys({ Limit });
  });
  assert.deepEqual(await names(), [16, 17, 18, 19, 20]);
  await page.reload();
  await enter(page, { storage: { auditLimit: 3 } });
  await page.evaluate(() => kms.listKeys({ Limit: 21 }));
  assert.deepEqual(await names(), [19, 20, 21]);
});

test("neither the database nor a snapshot has a plaintext or a key in it", TIMEOUT, async () => {
  const { page } = await open();
  await enter(page);
  const found = await page.evaluate(async () => {
    const { find } = await import("/checks.mjs");
    const planted = crypto.getRandomValues(new Uint8Array(32));
    const { KeyMetadata } = await kms.createKey();
    const KeyId = KeyMetadata.Arn;
    await kms.encrypt({ KeyId, Plaintext: planted });
    const { Plaintext: dataKey } = await kms.generateDataKey({ KeyId, KeySpec: "AES_256" });
    const { GrantToken } = await kms.createGrant({ KeyId, GranteePrincipal: KeyId.replace("kms", "iam").replace(/key.*/, "user/bob").replace("us-east-1", ""), Operations: ["Decrypt"] });
    const { secretAccessKey } = await kms.credentials("arn:aws:iam::111122223333:user/bob");
    // Read back from an open snapshot: the root key of this very world.
    const open = await kms.dangerSnapshotWithoutRootKey();
    const ownRootKey = open.slice(37, 69);
    const rootKey = crypto.getRandomValues(new Uint8Array(32));
    const sealed = await kms.snapshot({ rootKey });

    const db = await entire(indexedDB.open("waxseal-kms/world"));
    const stores = [...db.objectStoreNames];
    const rows = await Promise.all(stores.map((name) => entire(db.transaction(name).objectStore(name).getAll())));
    db.close();
    const [about] = rows[stores.indexOf("world")];
    const parts = [];
    const visit = (value) => {
      if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) parts.push(new Uint8Array(value.buffer ?? value));
      else if (typeof value === "string") parts.push(bytes(value));
      else if (typeof value === "object" && value !== null) Object.entries(value).flat().forEach(visit);
    };
    visit(rows);
    const stored = new Uint8Array(await new Blob(parts.flatMap((part) => [part, new Uint8Array([0])])).arrayBuffer());
    const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
    const secrets = { planted, dataKey, ownRootKey, rootKey };
    const found = [];
    for (const [what, secret] of Object.entries({ ...secrets, GrantToken, secretAccessKey })) {
      const forms = typeof secret === "string" ? [bytes(secret)] : [secret, bytes(hex(secret)), bytes(base64(secret))];
      for (const form of forms) for (const [where, all] of Object.entries({ stored, sealed })) if (find(all, form) >= 0) found.push(`${what} in ${where}`);
    }
    // Nothing at all of the world is in a sealed snapshot, and all of it is found in the database.
    if (find(sealed, bytes(KeyMetadata.KeyId)) >= 0) found.push("the key id in the snapshot");
    const searches = find(stored, bytes(KeyMetadata.KeyId)) >= 0 && find(open, bytes(KeyMetadata.KeyId)) >= 0;
    const exported = await failing(crypto.subtle.exportKey("raw", about.rootKey.key));
    return { found, searches, extractable: about.rootKey.key.extractable, exported: exported.name };
  });
  assert.deepEqual(found, { found: [], searches: true, extractable: false, exported: "InvalidAccessError" });
});

test("a snapshot is restored into a database, once", TIMEOUT, async () => {
  const { page } = await open();
  await enter(page);
  const message = await encrypted(page);
  const restored = await page.evaluate(async () => {
    const rootKey = crypto.getRandomValues(new Uint8Array(32));
    const bytes = await kms.snapshot({ rootKey });
    const restore = (indexedDB) => given.LocalKms.restore(bytes, { rootKey, storage: { indexedDB } });
    const open = await failing(restore("world"));
    const copy = await restore("copy");
    copy[Symbol.dispose]();
    const again = await failing(restore("copy"));
    return { open: open.message, again: again.message };
  });
  assert.match(restored.open, /the KMS `world` is open, and so not new/);
  assert.match(restored.again, /`copy` (is open|already)/);
  await page.reload();
  await enter(page, { storage: { indexedDB: "copy" } });
  assert.deepEqual([await count(page), await decrypted(page, message)], [1, "top secret"]);
});

test("a trap loses nothing that is in a database", TIMEOUT, async () => {
  const { page } = await open();
  await enter(page);
  const message = await encrypted(page);
  const name = await page.evaluate(async () => {
    new Uint8Array(memory()).fill(0xff);
    return (await failing(kms.listKeys())).code;
  });
  assert.equal(name, "Internal");
  assert.equal(await decrypted(page, message), "top secret");
});

test("a page with 1,000 keys stays under 32 MB of WebAssembly memory", TIMEOUT, async () => {
  const { page } = await open();
  for (const storage of ["memory", { indexedDB: "many" }]) {
    await page.reload();
    const used = await page.evaluate(async (storage) => {
      const [{ given }, { initSync }] = await Promise.all([import("/given.mjs"), import("/node_modules/waxseal/dist/kms.js")]);
      const kms = await given.LocalKms.open({ storage });
      for (let batch = 0; batch < 20; batch++) await Promise.all(Array.from({ length: 50 }, () => kms.createKey({ Description: "one of many" })));
      const { Keys } = await kms.listKeys({ Limit: 1000 });
      await Promise.all(Keys.map(({ KeyId }) => kms.generateDataKey({ KeyId, KeySpec: "AES_256" })));
      return { keys: Keys.length, bytes: initSync().memory.buffer.byteLength };
    }, storage);
    assert.equal(used.keys, 1000);
    assert.ok(used.bytes < 32 * 1024 * 1024, `${used.bytes} bytes`);
  }
});
