// The broker in front of a real KMS, on Node and in workerd, asked by clients that have nothing but a session.

import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { cp } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";

import { KMS } from "@aws-sdk/client-kms";
import { Miniflare } from "miniflare";

import { bundled } from "../npm/worker.mjs";
import { Server, administrator, folder, packageFolder } from "../server/server.mjs";
import { fakeAzure, fakeGoogle } from "./fakes.mjs";
import { Client, KmsClientError, awsKms, azureKms, brokerHandler, brokerKms, gcpKeyring, gcpKms, nodeListener, sessionTokens } from "./vendors.mjs";

const TIMEOUT = { timeout: 120_000 };
const CONNECTIONS = 50;
const ORIGIN = "https://app.example";
const server = await Server.start({ state: await folder() });
after(() => server.stop());
const settings = { endpoint: server.url, region: "us-east-1", credentials: await administrator(server.state) };
const official = new KMS(settings);
const { KeyMetadata: { Arn: keyId } } = await official.createKey({});
const { KeyMetadata: { Arn: otherKey } } = await official.createKey({});
const key = randomBytes(32);
const tokens = sessionTokens({ key });

const places = { Node: await onNode(), workerd: await onWorkerd() };

/** What a page has: the broker's address and a way to get tokens for its user's tenant. */
function page(url, tenant, options = {}) {
  const { once = false, ...more } = options;
  const token = () => tokens.issue({ subject: `user of ${tenant}`, encryptionContext: { tenant }, once });
  return brokerKms({ url, token, ...more });
}

for (const [place, url] of Object.entries(places)) {
  test(`${place}: a page without credentials encrypts and decrypts, and a back end opens what it wrote`, TIMEOUT, async () => {
    for (const once of [false, true]) {
      const client = new Client({ kms: page(url, "42", { once }), keyId });
      const message = await client.encrypt("top secret", { encryptionContext: { tenant: "42" } });
      assert.equal((await client.decrypt(message, { encryptionContext: { tenant: "42" } })).text(), "top secret");
      assert.equal((await new Client({ kms: official, keyId }).decrypt(message)).text(), "top secret");
    }
  });

  test(`${place}: a session of tenant 42 gets nothing of tenant 43`, TIMEOUT, async () => {
    const [kms42, kms43] = [page(url, "42"), page(url, "43")];
    const made = await kms43.generateDataKey({ KeyId: keyId, NumberOfBytes: 32, EncryptionContext: { tenant: "43" } });
    const refused = { kind: "denied", name: "EncryptionContextNotAllowed", retryable: false };
    for (const EncryptionContext of [{ tenant: "43" }, {}, { tenant: "42", more: "1" }, { Tenant: "42" }, { tenant: "42", __proto__: null, ["__proto__"]: "x" }]) {
      await assert.rejects(kms42.generateDataKey({ KeyId: keyId, NumberOfBytes: 32, EncryptionContext }), refused, inspect(EncryptionContext));
      await assert.rejects(kms42.decrypt({ KeyId: keyId, CiphertextBlob: made.CiphertextBlob, EncryptionContext }), refused);
      await assert.rejects(kms42.encrypt({ KeyId: keyId, Plaintext: new Uint8Array(32), EncryptionContext }), refused);
    }
    // Under its own context, the KMS does not open what is bound to another.
    await assert.rejects(kms42.decrypt({ KeyId: keyId, CiphertextBlob: made.CiphertextBlob, EncryptionContext: { tenant: "42" } }), { name: "KmsRefused", kind: "invalid" });
    await assert.rejects(kms42.generateDataKey({ KeyId: otherKey, NumberOfBytes: 32, EncryptionContext: { tenant: "42" } }), { name: "KeyNotAllowed" });
    const client = new Client({ kms: kms42, keyId });
    await assert.rejects(client.encrypt("x", { encryptionContext: { tenant: "43" } }), { code: "KmsDenied", kmsCode: "EncryptionContextNotAllowed" });
  });

  test(`${place}: expired and forged tokens are refused`, TIMEOUT, async () => {
    const good = await tokens.issue({ subject: "u", encryptionContext: { tenant: "42" } });
    const [header, claims, signature] = good.split(".");
    const now = Math.floor(Date.now() / 1000);
    const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const signed = (claims, by = key, header = { alg: "HS256", typ: "JWT" }) => {
      const text = `${encoded(header)}.${encoded(claims)}`;
      return `${text}.${createHmac("sha256", by).update(text).digest("base64url")}`;
    };
    const plain = { sub: "u", ctx: { tenant: "42" }, exp: now + 60 };
    const wrong = {
      expired: signed({ ...plain, exp: now - 1 }),
      "by another key": signed(plain, randomBytes(32)),
      "other claims": `${header}.${encoded({ ...plain, ctx: { tenant: "43" } })}.${signature}`,
      "another signature": `${header}.${claims}.${signature.slice(0, -4)}AAAA`,
      "no signature": `${encoded({ alg: "none", typ: "JWT" })}.${encoded(plain)}.AA`,
      "another algorithm": signed(plain, key, { alg: "HS384", typ: "JWT" }),
      "no end": signed({ ...plain, exp: undefined }),
      "an end that is no number": signed({ ...plain, exp: "9999999999" }),
      "a context that is none": signed({ ...plain, ctx: ["tenant"] }),
      "nobody": signed({ ...plain, sub: 7 }),
      "no token": "x",
    };
    const ask = (token) => brokerKms({ url, token }).generateDataKey({ KeyId: keyId, NumberOfBytes: 32, EncryptionContext: { tenant: "42" } });
    for (const token of [good, signed(plain)]) assert.equal((await ask(token)).Plaintext.length, 32);
    for (const [what, token] of Object.entries(wrong)) {
      await assert.rejects(ask(token), (error) => error.name === "Unauthenticated" && error.kind === "denied" && error.$metadata.httpStatusCode === 401, what);
    }
  });

  test(`${place}: a token for one request is good for one`, TIMEOUT, async () => {
    const token = await tokens.issue({ subject: "once", encryptionContext: { tenant: "42" }, once: true });
    const kms = brokerKms({ url, token });
    const request = { KeyId: keyId, NumberOfBytes: 32, EncryptionContext: { tenant: "42" } };
    // Also if they come at the same time.
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => kms.generateDataKey(request)));
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    for (const { reason } of results.filter(({ status }) => status === "rejected")) assert.deepEqual([reason.name, reason.kind], ["Replayed", "denied"]);
    await assert.rejects(kms.generateDataKey(request), { name: "Replayed" });
  });

  test(`${place}: 1,000 concurrent sessions are served without an error`, TIMEOUT, async () => {
    // As from whatever ends their connections in front of a broker. None has a second try.
    const shared = { fetch: queued(CONNECTIONS), attempts: 1, timeout: 100_000, deadline: 100_000 };
    const sessions = Array.from({ length: 1_000 }, async (_, n) => {
      const kms = page(url, `t${n}`, { once: n % 8 === 0, ...shared });
      const request = { KeyId: keyId, EncryptionContext: { tenant: `t${n}` } };
      const { Plaintext, CiphertextBlob } = await kms.generateDataKey({ ...request, NumberOfBytes: 32 });
      const opened = await kms.decrypt({ ...request, CiphertextBlob });
      assert.deepEqual(opened.Plaintext, Plaintext);
    });
    assert.equal((await Promise.all(sessions)).length, 1_000);
  });

  test(`${place}: pages of the named origin may ask, and others are refused`, TIMEOUT, async () => {
    const preflight = (origin) => fetch(`${url}/decrypt`, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
    const allowed = await preflight(ORIGIN);
    assert.deepEqual([allowed.status, allowed.headers.get("access-control-allow-origin"), allowed.headers.get("access-control-allow-headers")], [204, ORIGIN, "authorization, content-type"]);
    assert.equal((await preflight("https://evil.example")).headers.get("access-control-allow-origin"), null);
    const token = await tokens.issue({ subject: "u", encryptionContext: {} });
    const post = (origin) => fetch(`${url}/generate-data-key`, { method: "POST", headers: { origin, authorization: `Bearer ${token}`, "content-type": "application/json" }, body: '{"NumberOfBytes":16}' });
    const [good, evil] = await Promise.all([post(ORIGIN), post("https://evil.example")]);
    assert.deepEqual([good.status, good.headers.get("access-control-allow-origin"), good.headers.get("cache-control")], [200, ORIGIN, "no-store"]);
    assert.deepEqual([evil.status, (await evil.json()).error.code], [403, "OriginNotAllowed"]);
  });
}

test("what is no request of the protocol is refused", TIMEOUT, async () => {
  const token = await tokens.issue({ subject: "wrong requests", encryptionContext: {} });
  const send = async (operation, body, headers = {}, method = "POST") => {
    const init = { method, headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers } };
    const response = await fetch(`${places.Node}/${operation}`, method === "POST" ? { ...init, body } : init);
    const { error } = await response.json();
    assert.ok(response.headers.get("x-request-id"));
    return `${response.status} ${error?.code}`;
  };
  for (const [expected, ...request] of [
    ["404 NoSuchOperation", "re-encrypt", "{}"],
    ["404 NoSuchOperation", "constructor", "{}"],
    ["404 NoSuchOperation", "decrypt", "", {}, "GET"],
    ["400 NotJson", "decrypt", "{}", { "content-type": "text/plain" }],
    ["400 NotValid", "decrypt", ""],
    ["400 NotValid", "decrypt", "[]"],
    ["400 NotValid", "decrypt", "null"],
    ["400 NotValid", "decrypt", '{"CiphertextBlob":"%"}'],
    ["400 NotValid", "encrypt", `{"Plaintext":"${"AAAA".repeat(1366)}"}`],
    ["400 NotValid", "generate-data-key", '{"NumberOfBytes":1025}'],
    ["400 NotValid", "generate-data-key", '{"NumberOfBytes":32,"EncryptionContext":{"a":1}}'],
    ["400 NotValid", "generate-data-key", '{"NumberOfBytes":32,"EncryptionContext":"a"}'],
    ["400 NotValid", "generate-data-key", '{"NumberOfBytes":32,"DryRun":true}'],
    ["400 NotValid", "decrypt", '{"CiphertextBlob":"AAAA","Recipient":{}}'],
    ["403 KeyNotAllowed", "generate-data-key", '{"NumberOfBytes":32,"KeyId":["x"]}'],
    ["413 TooLong", "decrypt", " ".repeat(70_000)],
  ]) {
    assert.equal(await send(...request), expected, request.slice(0, 2).join(" ").slice(0, 80));
  }
});

test("each subject may ask so often, and is told when again", TIMEOUT, async () => {
  const url = await listen({ rate: { requests: 3, seconds: 3 } });
  const ask = (tenant, options) => page(url, tenant, options).generateDataKey({ KeyId: keyId, NumberOfBytes: 32, EncryptionContext: { tenant } });
  for (let n = 0; n < 3; n++) await ask("a", { attempts: 1 });
  await assert.rejects(ask("a", { attempts: 1 }), { kind: "throttled", name: "RateExceeded", retryAfter: 1_000 });
  await ask("b", { attempts: 1 });
  // One that waits as it is told gets what it asks for.
  await ask("a");
});

test("what happens behind the broker is told to its owner, and not to the page", TIMEOUT, async () => {
  const [entries, seen] = [[], []];
  const secrets = ["arn:aws:iam::111122223333:role/broker", "internal host"];
  const kms = {
    generateDataKey: async () => Promise.reject(Object.assign(new Error(secrets[0]), { name: "AccessDeniedException", $fault: "client" })),
    encrypt: async ({ Plaintext }) => (seen.push(Plaintext), Promise.reject(new TypeError(secrets[1]))),
    decrypt: async () => ({ KeyId: keyId, Plaintext: (seen.push(new Uint8Array(32).fill(9)), seen.at(-1)) }),
  };
  const url = await listen({ kms, onRequest: (entry) => (entries.push(entry), assert.fail("a logger that throws changes nothing")) });
  const asked = page(url, "42", { attempts: 1 });
  const request = { KeyId: keyId, EncryptionContext: { tenant: "42" } };
  const errors = [];
  globalThis.reportError = (error) => errors.push(error);
  const hidden = (kind) => (error) => error.kind === kind && secrets.every((secret) => !inspect(error, { depth: 9 }).includes(secret));
  await assert.rejects(asked.generateDataKey({ ...request, NumberOfBytes: 32 }), hidden("denied"));
  await assert.rejects(asked.encrypt({ ...request, Plaintext: Uint8Array.of(9) }), hidden("unavailable"));
  await asked.decrypt({ ...request, CiphertextBlob: new Uint8Array(1) });
  delete globalThis.reportError;
  // What went through is overwritten.
  assert.deepEqual(seen, [new Uint8Array(1), new Uint8Array(32)]);
  assert.deepEqual(entries.map(({ operation, subject, outcome }) => [operation, subject, outcome]), [
    ["generate-data-key", "user of 42", "KmsRefused"],
    ["encrypt", "user of 42", "KmsRefused"],
    ["decrypt", "user of 42", "ok"],
  ]);
  assert.deepEqual([entries[0].cause.message, entries[0].encryptionContext, errors.length], [secrets[0], { tenant: "42" }, 3]);
});

test("a broker in front of another vendor's KMS, and none in front of one that keeps no contexts apart", TIMEOUT, async () => {
  const google = await fakeGoogle({ token: "t" });
  const name = "projects/p/locations/global/keyRings/r/cryptoKeys/k";
  google.createKey(name);
  const own = gcpKms({ token: "t", endpoint: google.url });
  const url = await listen({ kms: own, keyIds: [name] });
  const client = new Client({ keyring: gcpKeyring({ kms: page(url, "42"), keyId: name }) });
  const message = await client.encrypt("x", { encryptionContext: { tenant: "42" } });
  assert.equal((await client.decrypt(message)).text(), "x");
  assert.equal((await new Client({ keyring: gcpKeyring({ kms: own, keyId: name }) }).decrypt(message)).text(), "x");
  const azure = await fakeAzure({ token: "t", vault: "https://fake.vault.azure.net" });
  const options = (algorithm) => ({ kms: azureKms({ token: "t", fetch: azure.fetch, algorithm }), keyIds: [azure.createKey("k", "AES")], authenticate: tokens.authenticate });
  for (const algorithm of [undefined, "A256KW"]) assert.throws(() => brokerHandler(options(algorithm)), { code: "InvalidInput", message: /no encryption context/ });
  assert.ok(brokerHandler(options("A256GCM")));
});

test("sessions may leave keys of the context open, and `authenticate` may fail", TIMEOUT, async () => {
  const expires = new Date(Date.now() + 60_000);
  const session = { subject: "s", encryptionContext: { tenant: "42" }, openKeys: ["document"], expires };
  let answer = () => session;
  const url = await listen({ authenticate: () => answer() });
  const ask = (EncryptionContext) => brokerKms({ url, token: "t", attempts: 1 }).generateDataKey({ KeyId: keyId, NumberOfBytes: 32, EncryptionContext });
  await ask({ tenant: "42" });
  await ask({ tenant: "42", document: "7", "aws-crypto-public-key": "A+==" });
  await assert.rejects(ask({ document: "7" }), { name: "EncryptionContextNotAllowed" });
  await assert.rejects(ask({ tenant: "42", folder: "7" }), { name: "EncryptionContextNotAllowed" });
  for (const [given, name] of [
    [() => undefined, "Unauthenticated"],
    [() => ({ ...session, expires: new Date(0) }), "Unauthenticated"],
    [() => ({ ...session, expires: "later" }), "Unauthenticated"],
    [() => ({ ...session, encryptionContext: undefined }), "Unauthenticated"],
    [() => ({ ...session, subject: "" }), "Unauthenticated"],
    [() => Promise.reject(new Error("the database is down")), "KmsUnavailable"],
  ]) {
    answer = given;
    await assert.rejects(ask({ tenant: "42" }), (error) => error instanceof KmsClientError && error.name === name, name);
  }
});

test("what can not be meant is refused at once", () => {
  const good = { kms: awsKms(settings), keyIds: [keyId], authenticate: tokens.authenticate };
  assert.ok(brokerHandler(good));
  for (const wrong of [{ kms: {} }, { keyIds: [] }, { keyIds: [7] }, { authenticate: undefined }, { operations: ["sign"] }, { rate: { requests: 0 } }, { replays: {} }, { rates: {} }]) {
    assert.throws(() => brokerHandler({ ...good, ...wrong }), { code: "InvalidInput" });
  }
  assert.throws(() => sessionTokens({ key: new Uint8Array(16) }), { code: "InvalidInput" });
});

/** `fetch` with so many requests at a time, while the others wait. */
function queued(most) {
  const waiting = [];
  let under = 0;
  return async (...request) => {
    if (under === most) await new Promise((resolve) => waiting.push(resolve));
    else under++;
    try {
      return await fetch(...request);
    } finally {
      if (waiting.length > 0) waiting.shift()();
      else under--;
    }
  };
}

/** A broker on Node: its address. */
async function listen(options) {
  const handler = brokerHandler({ kms: awsKms(settings), keyIds: [keyId], authenticate: tokens.authenticate, ...options });
  const http = createServer(nodeListener(handler)).listen(0, "127.0.0.1");
  await once(http, "listening");
  after(() => {
    http.closeAllConnections();
    http.close();
  });
  return `http://127.0.0.1:${http.address().port}/keys`;
}

function onNode() {
  return listen({ kms: awsKms({ ...settings, timeout: 60_000, deadline: 90_000 }), origins: [ORIGIN] });
}

/** The example Worker, in workerd: its address. */
async function onWorkerd() {
  const project = dirname(dirname(packageFolder));
  await cp(fileURLToPath(new URL("../../www/examples/broker-worker.mjs", import.meta.url)), join(project, "broker-worker.mjs"));
  const { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET_ACCESS_KEY } = settings.credentials;
  const bindings = { TOKEN_KEY: key.toString("hex"), KEY_ARN: keyId, ACCESS_KEY_ID, SECRET_ACCESS_KEY, ENDPOINT: settings.endpoint, ORIGIN };
  const modules = await bundled(project, "broker-worker.mjs");
  const miniflare = new Miniflare({ modules, compatibilityDate: "2026-04-01", cf: false, bindings, durableObjects: { TOKENS: "Token" }, port: 0 });
  after(() => miniflare.dispose());
  return `${(await miniflare.ready).origin}/keys`;
}
