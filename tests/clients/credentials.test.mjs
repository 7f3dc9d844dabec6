// Credentials and tokens that end: asked for once, in time, and again when they must be.

import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { awsKms } from "./vendors.mjs";

const MINUTE = 60_000;
const KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
afterEach(() => mock.timers.reset());

/** A client whose credentials are numbered and good for ten minutes, or as `give` says; `used` are those that requests were signed with. */
function numbered(give = (n) => credentials(n), answer = () => ok()) {
  const told = { asked: 0, used: [] };
  const kms = awsKms({
    deadline: 200,
    credentials: () => give(++told.asked),
    async fetch(url, { headers }) {
      told.used.push(/Credential=A(\d+)/.exec(headers.authorization)[1]);
      return answer();
    },
  });
  return { told, call: () => kms.decrypt({ KeyId: KEY, CiphertextBlob: new Uint8Array(1) }) };
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
  const { told, call } = numbered((n) => (n === 1 ? new Promise(() => {}) : credentials(n)));
  await assert.rejects(call(), { code: "KmsUnavailable" });
  await new Promise((resolve) => setTimeout(resolve, 20));
  await call();
  assert.deepEqual(told.used, ["2"]);
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
