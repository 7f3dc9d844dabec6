// Every client against a server that misbehaves: the error is the right one, in time, after as many requests as are allowed.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { inspect } from "node:util";

import { drips, floods, hangs, json, misbehaving, resets, resetsMidBody } from "./faults.mjs";
import { Client, KmsClientError, vendors } from "./vendors.mjs";

const TIMEOUT = { timeout: 20_000 };
const server = await misbehaving();
/** For what is to come before the first try's end, or never. */
const LONG = { timeout: 10_000, deadline: 15_000 };

for (const { name, make, secrets, refused, wrong, ...vendor } of vendors) {
  const [good, opened] = [vendor.good, vendor.opened].map((answer) => (typeof answer === "function" ? answer(server.url) : answer));
  const kms = (options = {}) => make(server.url, { ...LONG, ...options });
  const ok = json(200, good);

  /** `[what, ways, options, expected, requests]`; the outcome of making a data key. */
  const rows = [
    ["an answer", [ok], {}, undefined, 1],
    ["a connection that is reset, twice", [resets, resets, ok], {}, undefined, 3],
    ["a connection that is always reset", [resets], {}, { kind: "unavailable", message: /could not be reached/ }, 3],
    ["a reset in the middle of the body, once", [resetsMidBody, ok], {}, undefined, 2],
    ["a reset in the middle of every body", [resetsMidBody], { attempts: 2 }, { kind: "unavailable", message: /hung up/ }, 2],
    ["a try that is not answered", [hangs, ok], { timeout: 1_000 }, undefined, 2],
    ["no answer at all", [hangs], { timeout: 60 }, { kind: "unavailable", message: /did not answer in 60 milliseconds/ }, 3],
    ["no answer before the deadline", [hangs], { deadline: 120 }, { kind: "unavailable", message: /no answer in 120 milliseconds/ }, 1],
    ["a slow drip", [drips], { timeout: 100, attempts: 2 }, { kind: "unavailable", message: /did not answer in 100 milliseconds/ }, 2],
    ["a slow drip up to the deadline", [drips], { deadline: 120 }, { kind: "unavailable", message: /no answer in 120/ }, 1],
    ["status 500, twice", [json(500, {}), json(503, "<html>"), ok], {}, undefined, 3],
    ["status 500, always", [json(500, {})], {}, { kind: "unavailable", retryable: true }, 3],
    ["status 502 with a page", [json(502, "<html>bad gateway</html>")], { attempts: 1 }, { kind: "unavailable" }, 1],
    ["status 429 without Retry-After", [json(429, {}), ok], {}, undefined, 2],
    ["status 429, always", [json(429, {})], { attempts: 4 }, { kind: "throttled", retryable: true, $fault: "client" }, 4],
    ["a Retry-After beyond the deadline", [json(429, {}, { "retry-after": "60" })], {}, { kind: "throttled", retryAfter: 60_000 }, 1],
    ["a Retry-After that says nothing", [json(429, {}, { "retry-after": "soon" }), ok], {}, undefined, 2],
    ["status 403", [json(403, {})], {}, { kind: /denied|unavailable/, retryable: false }, 1],
    ["status 400 with a page", [json(400, "<html>")], {}, { retryable: false }, 1],
    ["a redirect", [json(307, "", { location: server.url })], {}, { kind: "unavailable", retryable: false }, 1],
    ["an empty answer", [json(200, "")], {}, { kind: "unavailable", message: /no JSON/ }, 1],
    ["truncated JSON", [json(200, JSON.stringify(good).slice(0, -9))], {}, { kind: "unavailable", message: /no JSON/ }, 1],
    ["JSON null", [json(200, "null")], {}, { kind: "unavailable", message: /no JSON/ }, 1],
    ["a JSON array", [json(200, [good])], {}, { kind: "unavailable" }, 1],
    ["an answer that says it is too long", [json(200, " ".repeat(70_000))], {}, { kind: "unavailable", message: /more than 65536 bytes/ }, 1],
    ["an answer without end", [floods], {}, { kind: "unavailable", message: /more than 65536 bytes/ }, 1],
    ...refused.map(([what, status, body, kind, headers]) => [what, [json(status, body, headers)], {}, { kind, retryable: false, $fault: "client" }, 1]),
    ...wrong.map(([what, body, message]) => [what, [json(200, { ...good, ...body })], {}, { kind: "unavailable", message, retryable: false }, 1]),
  ];

  for (const [what, ways, options, expected, requests] of rows) {
    test(`${name}: ${what}`, TIMEOUT, async () => {
      server.plan(...ways);
      const start = Date.now();
      if (expected) await assert.rejects(kms(options).generate(), isError(expected));
      else assert.equal((await kms(options).generate()).Plaintext.length, 32);
      assert.equal(server.requests.length, requests);
      assert.ok(Date.now() - start < 5_000);
    });
  }

  for (const [what, body, message] of vendor.wrongOpened) {
    test(`${name}: a decryption that is answered with ${what}`, TIMEOUT, async () => {
      server.plan(json(200, opened));
      assert.equal((await kms().open()).Plaintext.length, 32);
      server.plan(json(200, { ...opened, ...body }));
      await assert.rejects(kms().open(), isError({ kind: "unavailable", message, retryable: false }));
      assert.equal(server.requests.length, 1);
    });
  }

  test(`${name}: Retry-After is waited for`, TIMEOUT, async () => {
    // A date has no parts of a second.
    for (const after of [() => "1", () => new Date(Date.now() + 2_000).toUTCString()]) {
      server.plan(json(429, {}, { "retry-after": after() }), ok);
      await kms().generate();
      const [first, second] = server.requests;
      assert.ok(second.at - first.at >= 950, `${second.at - first.at}`);
    }
  });

  test(`${name}: an abort ends the call at once, also in a pause, and is no error of the KMS`, TIMEOUT, async () => {
    for (const way of [hangs, drips, json(429, {}, { "retry-after": "10" })]) {
      server.plan(way);
      const reason = new Error("changed my mind");
      const controller = new AbortController();
      setTimeout(() => controller.abort(reason), 80);
      const start = Date.now();
      await assert.rejects(kms().generate({ abortSignal: controller.signal }), { name: "AbortError", code: "Aborted", cause: reason });
      assert.ok(Date.now() - start < 3_000);
      assert.equal(server.requests.length, 1);
    }
    server.plan(ok);
    await assert.rejects(kms().generate({ abortSignal: AbortSignal.abort() }), { code: "Aborted" });
    assert.equal(server.requests.length, 0);
  });

  test(`${name}: nothing is left of a call that is over`, TIMEOUT, async () => {
    const { signal } = new AbortController();
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    for (const [way, outcome] of [[ok, "fulfilled"], [json(400, {}), "rejected"], [resets, "rejected"]]) {
      server.plan(way);
      const [{ status }] = await Promise.allSettled([kms().generate({ abortSignal: signal })]);
      assert.deepEqual([status, getEventListeners(signal, "abort").length, timers() <= before], [outcome, 0, true]);
    }
  });

  test(`${name}: a fetch that never settles is left alone at the deadline`, TIMEOUT, async () => {
    const call = kms({ deadline: 100, fetch: () => new Promise(() => {}) }).generate();
    await assert.rejects(call, isError({ kind: "unavailable" }));
  });

  test(`${name}: nothing secret is in an error, even if the service says it`, TIMEOUT, async () => {
    const echo = secrets.join(" / ");
    for (const body of [{ message: echo }, { errors: [echo] }, { error: { message: echo, code: "X", status: "X" } }, { error: { code: "denied", message: echo } }]) {
      server.plan(json(400, body, { "x-amzn-errortype": "ValidationException" }));
      await assert.rejects(kms().generate(), (error) => {
        const told = inspect(error, { depth: 9, showHidden: true });
        for (const secret of secrets) assert.ok(!told.includes(secret), told);
        return true;
      });
    }
    const told = inspect(kms(), { depth: 9, showHidden: true });
    for (const secret of secrets) assert.ok(!told.includes(secret), told);
  });

  test(`${name}: a data key that is to be wrapped is not in an error, even if the service says it`, TIMEOUT, async () => {
    let sent;
    const fetch = async (url, { body }) => {
      sent = JSON.parse(body);
      return Response.json({ errors: [body], error: { message: body } }, { status: 400 });
    };
    await assert.rejects(kms({ fetch }).generate(), (error) => {
      const told = inspect(error, { depth: 9, showHidden: true });
      return !told.includes(sent.plaintext ?? sent.value ?? "a data key of the service's own making");
    });
  });
}

test("AWS KMS: through the client, each has its code", TIMEOUT, async () => {
  const { make, keyId } = vendors[0];
  const client = new Client({ kms: make(server.url, { ...LONG, attempts: 1 }).kms, keyId });
  for (const [way, expected] of [
    [json(500, {}), { code: "KmsUnavailable", retryable: true }],
    [json(400, {}, { "x-amzn-errortype": "AccessDeniedException", "x-amzn-requestid": "r-1" }), { code: "KmsDenied", kmsCode: "AccessDeniedException", requestId: "r-1", retryable: false }],
    [json(400, {}, { "x-amzn-errortype": "ThrottlingException" }), { code: "KmsDenied", kmsCode: "ThrottlingException", retryable: true }],
    [json(200, {}), { code: "KmsUnavailable" }],
  ]) {
    server.plan(way);
    await assert.rejects(client.encrypt("x"), (error) => {
      for (const [name, value] of Object.entries(expected)) assert.equal(error[name], value, inspect(error));
      return error.cause instanceof KmsClientError;
    });
  }
  server.plan(hangs);
  const signal = AbortSignal.timeout(50);
  await assert.rejects(client.encrypt("x", { signal }), { code: "Aborted" });
});

function isError(expected) {
  return (error) => {
    assert.ok(error instanceof KmsClientError, inspect(error));
    for (const [name, value] of Object.entries(expected)) {
      if (value instanceof RegExp) assert.match(error[name], value);
      else assert.equal(error[name], value, inspect(error));
    }
    return true;
  };
}
