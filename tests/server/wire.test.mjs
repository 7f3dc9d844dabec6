// What comes over the network and must not do anything: wrong signatures, too much, too slow, too many, and pages that reach for the controls.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { Server, folder } from "./server.mjs";

const state = await folder();
const limits = ["--max-connections", "20", "--max-requests", "4", "--request-timeout", "1"];
const server = await Server.start({ state, options: ["--control", "--clock", "virtual", ...limits] });
after(() => server.stop());
const client = await server.client();
const { KeyMetadata } = await client.call("CreateKey");
const KeyId = KeyMetadata.Arn;
const minutes = (count) => new Date(Date.now() + count * 60_000);

/** Status and error of an answer, which must be in AWS's shape. */
function errorOf({ status, headers, text }) {
  const { __type } = JSON.parse(text);
  assert.equal(headers["x-amzn-errortype"], __type);
  return [status, __type];
}

test("only what was signed by somebody known, for now and here, is answered", async () => {
  const body = { KeyId };
  const send = async (how, alter) => errorOf(await client.send("DescribeKey", body, how, alter));
  const wrong = (changes) => ({ credentials: { ...client.credentials, ...changes } });
  assert.deepEqual(await send(wrong({ secretAccessKey: "wrong" })), [400, "InvalidSignatureException"]);
  assert.deepEqual(await send(wrong({ accessKeyId: "AKIAIOSFODNN7EXAMPLE" })), [400, "UnrecognizedClientException"]);
  assert.deepEqual(await send(wrong({ sessionToken: "of somebody else" })), [400, "UnrecognizedClientException"]);
  assert.deepEqual(await send({ date: minutes(-16) }), [400, "InvalidSignatureException"], "expired");
  assert.deepEqual(await send({ date: minutes(16) }), [400, "InvalidSignatureException"], "from the future");
  const altered = (change) => send({}, change);
  const invalid = [400, "InvalidSignatureException"];
  assert.deepEqual(await altered(({ headers, text }) => ({ headers, text: text.replace("{", "{ ") })), invalid, "the body");
  assert.deepEqual(await altered(({ headers, text }) => ({ headers: { ...headers, "x-amz-target": "TrentService.DisableKey" }, text })), invalid);
  assert.deepEqual(await altered(({ headers, text }) => ({ headers: { ...headers, host: "elsewhere.example" }, text })), invalid);
  assert.deepEqual(await altered(({ headers, text }) => ({ headers: { ...headers, "x-amz-more": "1" }, text })), invalid, "a header that is not signed");
  assert.deepEqual(await altered(({ text }) => ({ headers: {}, text })), [400, "MissingAuthenticationTokenException"]);
  assert.equal((await client.send("DescribeKey", body, { date: minutes(-14) })).status, 200, "a clock may be a little off");
});

test("a request that is replayed later than its date allows is refused", async () => {
  const recorded = await new Promise((resolve) => client.send("DescribeKey", { KeyId }, { date: minutes(-14.95) }, (parts) => (resolve(parts), parts)));
  assert.equal((await client.raw("POST", "/", recorded)).status, 200);
  await pause(4000);
  assert.deepEqual(errorOf(await client.raw("POST", "/", recorded)), [400, "InvalidSignatureException"]);
});

test("malformed requests get AWS's names", async () => {
  const named = async (operation, body) => errorOf(await client.send(operation, body))[1];
  assert.equal(await named("NoSuchOperation", {}), "UnknownOperationException");
  assert.equal(await named("DescribeKey", "{"), "SerializationException");
  assert.equal(await named("DescribeKey", { KeyId: 7 }), "SerializationException");
  assert.equal(await named("DescribeKey", "[".repeat(500_000)), "SerializationException");
});

test("a long body is refused, also one that does not say how long it is", async () => {
  assert.deepEqual(errorOf(await client.send("DescribeKey", " ".repeat(1_048_577))), [413, "RequestEntityTooLargeException"]);
  const head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const chunk = `${(65_536).toString(16)}\r\n${"x".repeat(65_536)}\r\n`;
  assert.match(await talk([head, ...Array(20).fill(chunk)]), /^HTTP\/1\.1 413 /);
  const expecting = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\nExpect: 100-continue\r\n\r\n";
  assert.match(await talk([expecting]), /^HTTP\/1\.1 413 /, "and is not asked for");
  assert.match(await talk(["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n", "{}"]), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 400 /);
  assert.equal((await client.send("DescribeKey", { KeyId })).status, 200);
});

test("whoever is slow loses the connection", async () => {
  for (const beginning of ["POST / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{"]) {
    assert.match(await talk([beginning]), /^HTTP\/1\.1 408 [\s\S]*RequestTimeoutException/);
  }
  assert.match(await talk(["NOT HTTP\r\n\r\n"]), /^HTTP\/1\.1 400 [\s\S]*SerializationException/);
  assert.match(await talk([`GET / HTTP/1.1\r\nHost: a\r\nA: ${"x".repeat(70_000)}\r\n\r\n`]), /^HTTP\/1\.1 431 /);
});

test("too many at once are told to come again", async () => {
  client.close();
  await pause(50);
  const slow = Array.from({ length: 4 }, () => connect(server.port, "127.0.0.1"));
  for (const socket of slow) socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{");
  await pause(100);
  const busy = await client.send("DescribeKey", { KeyId });
  assert.deepEqual([...errorOf(busy), busy.headers["retry-after"]], [503, "ThrottlingException", "1"]);
  for (const socket of slow) socket.destroy();
  await pause(100);
  const idle = Array.from({ length: 20 }, () => connect(server.port, "127.0.0.1"));
  await pause(100);
  assert.match(await talk(["GET /_waxseal/health HTTP/1.1\r\nHost: a\r\n\r\n"]), /^HTTP\/1\.1 503 [\s\S]*retry-after: 1[\s\S]*ThrottlingException/);
  for (const socket of idle) socket.destroy();
  await pause(100);
  assert.equal((await client.send("DescribeKey", { KeyId })).status, 200);
});

test("pages may ask, and read the answer", async () => {
  const preflight = await client.raw("OPTIONS", "/", { headers: { origin: "https://a.example", "access-control-request-method": "POST" } });
  assert.deepEqual([preflight.status, preflight.headers["access-control-allow-origin"]], [204, "*"]);
  const answer = await client.send("DescribeKey", { KeyId }, {}, ({ headers, text }) => ({ headers: { ...headers, origin: "https://a.example" }, text }));
  assert.deepEqual([answer.status, answer.headers["access-control-allow-origin"]], [200, "*"]);
});

test("health is for anybody", async () => {
  const { status, text } = await client.raw("GET", "/_waxseal/health", { headers: { host: "a.example", origin: "https://a.example" } });
  assert.deepEqual([status, JSON.parse(text).status], [200, "ok"]);
});

const control = (name, body, headers = {}, method = "POST") => client.raw(method, `/_waxseal/${name}`, { headers, text: JSON.stringify(body) });

test("no page reaches the controls", async () => {
  await client.call("CreateKey", { Description: "must stay" });
  for (const headers of [
    { origin: "https://a.example" },
    { origin: "null" },
    { origin: `http://127.0.0.1:${server.port}` },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { host: "a.example" },
    { host: `a.example:${server.port}` },
    { host: "127.0.0.1.a.example" },
    { host: "localhost.a.example" },
    { host: "0.0.0.0" },
    { host: "[::2]" },
  ]) {
    for (const name of ["reset", "clock"]) {
      assert.deepEqual(errorOf(await control(name, { advance_seconds: 1 }, headers)), [403, "AccessDeniedException"], JSON.stringify(headers));
    }
  }
  assert.deepEqual(errorOf(await control("reset", {}, {}, "GET")), [405, "UnknownOperationException"]);
  assert.deepEqual(errorOf(await control("clocks", {})), [404, "NotFoundException"]);
  assert.equal((await client.call("ListKeys")).Keys.length, 2);
  for (const host of ["localhost", "127.0.0.1:80", "[::1]:80", "LOCALHOST"]) assert.equal((await control("clock", { advance_seconds: 0 }, { host })).status, 200);
});

test("without --control there are none, and a real clock is not moved", async () => {
  const plain = await Server.start({ state: await folder() });
  const asked = await (await plain.client()).raw("POST", "/_waxseal/reset", {});
  assert.deepEqual(errorOf(asked), [403, "AccessDeniedException"]);
  assert.match(asked.text, /without --control/);
  await plain.stop();
  const real = await Server.start({ state: await folder(), options: ["--control"] });
  const moved = await (await real.client()).raw("POST", "/_waxseal/clock", { text: '{"advance_seconds":1}' });
  assert.match(moved.text, /the clock is real; start the server with --clock virtual/);
  await real.stop();
});

test("a virtual clock performs what falls due, keeps the time over a restart, and leaves clients their own", async () => {
  const state = join(await folder(), "state");
  const options = ["--control", "--clock", "virtual"];
  const first = await Server.start({ state, options });
  let client = await first.client();
  const [doomed, rotated] = [(await client.call("CreateKey")).KeyMetadata.KeyId, (await client.call("CreateKey")).KeyMetadata.KeyId];
  const { CiphertextBlob } = await client.call("Encrypt", { KeyId: rotated, Plaintext: "YQ==" });
  await client.call("EnableKeyRotation", { KeyId: rotated, RotationPeriodInDays: 90 });
  await client.call("ScheduleKeyDeletion", { KeyId: doomed, PendingWindowInDays: 7 });
  for (const text of ["", "{}", '{"advance_seconds":-1}', '{"advance_seconds":"1"}', '{"advance_seconds":1e300}', '{"advance_seconds":1,"more":2}']) {
    assert.deepEqual(errorOf(await client.raw("POST", "/_waxseal/clock", { text })), [400, "ValidationException"], text);
  }
  const advance = async (days) => JSON.parse((await client.raw("POST", "/_waxseal/clock", { text: JSON.stringify({ advance_seconds: days * 86_400 }) })).text);
  const begun = Date.parse((await advance(0)).now);
  const { now, events } = await advance(91);
  assert.deepEqual(events.map((event) => event.eventName), ["DeleteKey", "RotateKey"]);
  assert.equal(Date.parse(now) - begun, 91 * 86_400_000);
  const { headers, text } = await client.send("DescribeKey", { KeyId: doomed });
  assert.equal(JSON.parse(text).__type, "NotFoundException");
  assert.ok(Math.abs(Date.parse(headers.date) - Date.now()) < 5000, "the date by which clients sign");
  await first.kill();

  const second = await Server.start({ state, options });
  client = await second.client();
  assert.equal((await advance(0)).now, now);
  assert.equal((await client.call("Decrypt", { CiphertextBlob })).Plaintext, "YQ==");
  assert.equal((await client.call("ListKeyRotations", { KeyId: rotated })).Rotations.length, 1);
  await second.stop();
  await assert.rejects(Server.start({ state }), /it ended with 6: .*the state has a virtual clock, which stands at/);

  const third = await Server.start({ state, options });
  client = await third.client();
  const reset = JSON.parse((await client.raw("POST", "/_waxseal/reset", {})).text);
  assert.ok(Math.abs(Date.parse(reset.now) - Date.now()) < 5000);
  assert.deepEqual((await client.call("ListKeys")).Keys, []);
  await client.call("CreateKey");
  await third.stop();
});

/** Sends pieces over a connection of its own, and returns all that came back until it was closed. */
function talk(pieces) {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, "127.0.0.1");
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk) => (text += chunk));
    // Whoever is refused in the midst of sending may find the connection gone.
    socket.on("error", (error) => (text === "" ? reject(error) : resolve(text)));
    socket.on("close", () => resolve(text));
    for (const piece of pieces) socket.write(piece);
    setTimeout(() => socket.end(), 3000).unref();
  });
}
