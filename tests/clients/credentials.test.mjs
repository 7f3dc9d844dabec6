// Credentials and tokens that end: asked for once, in time, and again when they must be.

import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { awsKms, gcpKms } from "./vendors.mjs";

const MINUTE = 60_000;
const KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
afterEach(() => mock.timers.reset());

/** A client whose credentials are numbered and good for ten minutes, or as `give` says; `used` are those that requests were signed with. */
function numbered(give = (n) => credentials(n), answer = () => ok(), options = {}) {
  const told = { asked: 0, used: [] };
  const kms = awsKms({
    ...options,
    credentials: () => give(++told.asked),
    async fetch(url, { headers }) {
      told.used.push(/Credential=A(\d+)/.exec(headers.authorization)[1]);
      return answer();
    },
  });
  return { told, kms, call: () => kms.decrypt({ KeyId: KEY, CiphertextBlob: new Uint8Array(1) }) };
}

function credentials(n, minutes = 10) {
  return { accessKeyId: `A${n}`, secretAccessKey: "s", expiration: new Date(Date.now() + minutes * MINUTE) };
}

const ok = () => Response.json({ KeyId: KEY, Plaintext: "AAAA" });

test("credentials are asked for once for all who wait, and kept", async () => {
  const { told, call } = numbered(async (n) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return credentials(n);
  });
  await Promise.all(Array.from({ length: 50 }, call));
  await call();
  assert.deepEqual([told.asked, told.used.length, new Set(told.used).size], [1, 51, 1]);
});

test("they are renewed five minutes before their end", async () => {
  mock.timers.enable({ apis: ["Date"], now: Date.now() });
  const { told, call } = numbered();
  for (const minutes of [0, 4.9, 0.2, 0]) {
    mock.timers.tick(minutes * MINUTE);
    await call();
  }
  assert.deepEqual(told.used, ["1", "1", "2", "2"]);
});

test("if that hangs, the old ones do in time", async () => {
  mock.timers.enable({ apis: ["Date"], now: Date.now() });
  const { told, call } = numbered((n) => (n === 1 ? credentials(n) : new Promise(() => {})), ok, { deadline: 200 });
  await call();
  mock.timers.tick(6 * MINUTE);
  await call();
  assert.deepEqual([told.asked, told.used], [2, ["1", "1"]]);
});

test("if that fails, the old ones do until they end", async () => {
  mock.timers.enable({ apis: ["Date"], now: Date.now() });
  const cause = new Error("no metadata service");
  const { told, call } = numbered((n) => (n === 1 ? credentials(n) : Promise.reject(cause)));
  await call();
  mock.timers.tick(6 * MINUTE);
  await call();
  assert.deepEqual([told.asked, told.used], [2, ["1", "1"]]);
  mock.timers.tick(5 * MINUTE);
  await assert.rejects(call(), { code: "KmsUnavailable", cause, retryable: false });
  assert.equal(told.used.length, 2, "nothing is signed with ended ones");
});

test("a function that never answers costs a call its deadline, and is asked again", async () => {
  const { told, call } = numbered((n) => (n === 1 ? new Promise(() => {}) : credentials(n)), undefined, { deadline: 2_000 });
  await assert.rejects(call(), { code: "KmsUnavailable" });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await call();
  assert.deepEqual(told.used, ["2"]);
});

test("nothing is sent for a call that is aborted while it waits for them", async () => {
  let give;
  const { told, kms } = numbered(() => new Promise((resolve) => (give = () => resolve(credentials(1)))));
  const controller = new AbortController();
  const call = kms.describeKey({ KeyId: KEY }, { abortSignal: controller.signal });
  await new Promise((resolve) => setTimeout(resolve, 20));
  controller.abort();
  await assert.rejects(call, { code: "Aborted" });
  give();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(told.used, []);
});

test("a refusal that says that they have ended makes the next call ask", async () => {
  const answers = [ok, () => Response.json({ __type: "ExpiredTokenException" }, { status: 400 }), ok];
  const { told, call } = numbered(undefined, () => answers.shift()());
  await call();
  await assert.rejects(call(), { name: "ExpiredTokenException", kind: "denied" });
  await call();
  assert.deepEqual(told.used, ["1", "1", "2"]);
});

test("credentials that are none, or have ended, are said to be so", async () => {
  for (const [given, message] of [
    [undefined, /access key's id/],
    [{ accessKeyId: "A1" }, /secret access key/],
    [{ ...credentials(1), sessionToken: "a\nb" }, /session token/],
    [{ ...credentials(1), expiration: "tomorrow" }, /end of the credentials is not a Date/],
    [credentials(1, -1), /gave what has ended already/],
  ]) {
    await assert.rejects(numbered(() => given).call(), { code: "InvalidInput", message });
  }
});

/** A client whose tokens are numbered, or as `give` says; `used` are those that were sent. */
function numberedTokens(give, answer = () => Response.json({ error: {} }, { status: 400 })) {
  const told = { asked: 0, used: [] };
  const token = typeof give === "function" ? () => give(++told.asked) : give;
  const kms = gcpKms({
    token,
    async fetch(url, { headers }) {
      told.used.push(headers.authorization);
      return answer();
    },
  });
  return { told, call: () => kms.decrypt({ KeyId: "projects/p/locations/l/keyRings/r/cryptoKeys/k", CiphertextBlob: new Uint8Array(1) }).catch((error) => error) };
}

test("a token is a value, a function that is asked each time, or one that says when its token ends", async () => {
  const inAnHour = () => new Date(Date.now() + 60 * MINUTE);
  for (const [give, used, asked] of [
    ["T", ["Bearer T", "Bearer T", "Bearer T"], 0],
    [(n) => `T${n}`, ["Bearer T1", "Bearer T2", "Bearer T3"], 3],
    [async (n) => ({ token: `T${n}` }), ["Bearer T1", "Bearer T1", "Bearer T1"], 1],
    [(n) => ({ token: `T${n}`, expires: inAnHour() }), ["Bearer T1", "Bearer T1", "Bearer T1"], 1],
    // Always less than five minutes.
    [(n) => ({ token: `T${n}`, expires: new Date(Date.now() + MINUTE) }), ["Bearer T1", "Bearer T2", "Bearer T3"], 3],
  ]) {
    const { told, call } = numberedTokens(give);
    for (let calls = 0; calls < 3; calls++) await call();
    assert.deepEqual([told.used, told.asked], [used, asked]);
  }
});

test("a token that is refused is asked for again, and one that is for one request is, for every try", async () => {
  const refused = numberedTokens((n) => ({ token: `T${n}` }), () => Response.json({ error: { status: "UNAUTHENTICATED" } }, { status: 401 }));
  assert.equal((await refused.call()).kind, "denied");
  await refused.call();
  assert.deepEqual(refused.told.used, ["Bearer T1", "Bearer T2"]);
  const retried = numberedTokens((n) => `T${n}`, () => Response.json({}, { status: 500 }));
  assert.equal((await retried.call()).kind, "unavailable");
  assert.deepEqual(retried.told.used, ["Bearer T1", "Bearer T2", "Bearer T3"]);
});

test("a token that is for one request is given to one, however many wait", async () => {
  const { told, call } = numberedTokens(async (n) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return `T${n}`;
  });
  await Promise.all(Array.from({ length: 50 }, call));
  assert.deepEqual([told.used.length, new Set(told.used).size], [50, 50]);
});

test("what is no token is said to be none, without quoting it", () => {
  for (const token of [undefined, "", "two words", "line\nbreak", 7, { token: "a b" }, { token: "a", expires: "soon" }]) {
    assert.throws(() => gcpKms({ token }), (error) => error.code === "InvalidInput" && !/two words|line|a b/.test(error.message));
  }
});
