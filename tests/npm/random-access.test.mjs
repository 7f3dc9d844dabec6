// Parts of a message on a server: what is asked for, and what becomes of servers that do otherwise.

import assert from "node:assert/strict";
import { createCipheriv, createHash } from "node:crypto";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

import { project } from "./package.mjs";
import { serveParts } from "./range-server.mjs";

const TIMEOUT = { timeout: 60_000 };
const folder = await project(after);
const { given } = await import(pathToFileURL(join(folder, "given.mjs")).href);
const client = new given.Client({
  keyring: given.rawAesKeyring({ namespace: "tests", name: "parts", key: new Uint8Array(32).fill(7) }),
  frameLength: 64 * 1024,
});

/** What stands at some place of a plaintext of any length: AES in counter mode, which can be had from anywhere on. */
function plaintextAt(offset, length) {
  const counter = Buffer.alloc(16);
  counter.writeUInt32BE(Math.floor(offset / 16), 12);
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16, 1), counter);
  return cipher.update(Buffer.alloc(length + (offset % 16))).subarray(offset % 16);
}

/** A message on a server: of a small plaintext, unless told otherwise. */
async function served(misbehave, message) {
  message ??= await client.encrypt(plaintextAt(0, 1_000_000));
  const content = { size: message.length, tag: '"1"', part: (start, end) => message.subarray(start, end) };
  return { content, ...(await serveParts(after, () => content, misbehave)) };
}

test("100 parts of a long message cost 100 requests for the frames they are in, and two before", TIMEOUT, async () => {
  const [size, length, frame] = [Number(process.env.WAXSEAL_PARTS_OF ?? 64 * 1024 * 1024), 1024 * 1024, 64 * 1024 + 32];
  const plaintext = new ReadableStream({
    at: 0,
    pull(controller) {
      const count = Math.min(length, size - this.at);
      controller.enqueue(new Uint8Array(plaintextAt(this.at, count)));
      this.at += count;
      if (this.at === size) controller.close();
    },
  });
  const chunks = [];
  for await (const chunk of plaintext.pipeThrough(client.encryptStream({ size }))) chunks.push(chunk);
  const message = new Blob(chunks);
  const body = message.size - (Math.ceil(size / (64 * 1024)) * frame + 8);
  const whole = { size: message.size, tag: '"1"', part: () => assert.fail("all of it was asked for") };
  const { url, asked } = await serveParts(after, () => whole, (request, response, { start, end }) => {
    response.writeHead(206, { etag: '"1"', "content-range": `bytes ${start}-${end - 1}/${message.size}` });
    message.slice(start, end).arrayBuffer().then((bytes) => response.end(new Uint8Array(bytes)));
    return true;
  });
  const file = await client.open(url);
  assert.equal(file.size, size);
  assert.deepEqual(asked.splice(0), [[0, 4096], [message.size - frame - 8, frame + 8]], "the header and the last frame");
  const offsets = Array.from({ length: 100 }, (_, index) => (index === 0 ? size - length : createHash("sha256").update(`${index}`).digest().readUInt32BE() % (size - length)));
  for (const offset of offsets) {
    const part = await file.read(offset, length);
    assert.ok(plaintextAt(offset, length).equals(part), `the part from ${offset} on`);
    const [[start, count], ...others] = asked.splice(0);
    assert.deepEqual(others, [], "one request for each part");
    const [first, last] = [Math.floor(offset / 65_536), Math.floor((offset + length - 1) / 65_536)];
    const end = (last + 1) * 65_536 >= size ? message.size : body + (last + 1) * frame;
    assert.deepEqual([start, start + count], [body + first * frame, end], "whole frames, and only those that have a byte of the part");
  }
  file.close();
});

test("parts that are read at the same time, and streams of parts", TIMEOUT, async () => {
  const { url, asked } = await served();
  const file = await client.open(new URL(url));
  const offsets = [0, 65_535, 65_536, 500_000, 999_999];
  await Promise.all(offsets.map(async (offset) => assert.deepEqual([...(await file.read(offset, 100))], [...plaintextAt(offset, Math.min(100, 1_000_000 - offset))])));
  assert.equal(asked.length, 2 + offsets.length);
  const streamed = await new Response(file.stream({ start: 100_000, end: 900_000 })).arrayBuffer();
  assert.ok(plaintextAt(100_000, 800_000).equals(new Uint8Array(streamed)));
});

test("a frame that was altered on the server fails when it is read, and alone", TIMEOUT, async () => {
  const message = await client.encrypt(plaintextAt(0, 1_000_000));
  const altered = message.slice();
  altered[300_000] ^= 1;
  const { url } = await served(undefined, altered);
  const file = await client.open(url);
  await assert.rejects(file.read(262_144, 100_000), { code: "DecryptionFailed" });
  assert.ok(plaintextAt(600_000, 100).equals(await file.read(600_000, 100)));
  const cut = await served(undefined, message.subarray(0, message.length - 70_000));
  await assert.rejects(client.open(cut.url), { code: "DecryptionFailed" });
});

test("a message that is replaced while it is read is noticed", TIMEOUT, async () => {
  const { url, content } = await served();
  const file = await client.open(url);
  content.tag = '"2"';
  await assert.rejects(file.read(500_000, 10), { code: "InvalidInput", message: /changed/ });
  const weak = await served();
  weak.content.tag = 'W/"1"';
  const other = await client.open(weak.url);
  weak.content.tag = 'W/"2"';
  await assert.rejects(other.read(500_000, 10), { code: "InvalidInput", message: /was changed while it was read/ });
  const untagged = await served();
  untagged.content.tag = undefined;
  assert.equal((await (await client.open(untagged.url)).read(500_000, 10)).length, 10);
});

for (const [what, expected, misbehave] of [
  ["has no ranges", /has no range requests/, (_, response) => response.writeHead(200).end("all of it")],
  ["has no such message", /status 404/, (_, response) => response.writeHead(404).end()],
  ["has nothing there", /status 416/, (_, response) => response.writeHead(416).end()],
  ["does not say what it gives", /does not say which part/, (_, response) => response.writeHead(206).end("part")],
  ["gives another part", /gave `bytes 1-4096\/9999`/, (_, response) => response.writeHead(206, { "content-range": "bytes 1-4096/9999" }).end("part")],
  ["does not know how long it is", /gave `bytes 0-4095\/\*`/, (_, response) => response.writeHead(206, { "content-range": "bytes 0-4095/*" }).end("part")],
  ["gives fewer bytes than it says", /the source gave|can not be read/, (_, response) => response.writeHead(206, { "content-range": "bytes 0-4095/9999" }).end("part")],
  ["hangs up", /can not be read/, (_, response) => response.destroy()],
]) {
  test(`a server that ${what}`, TIMEOUT, async () => {
    const { url } = await served((...given) => (misbehave(...given), true));
    await assert.rejects(client.open(url), { code: "InvalidInput", message: expected });
  });
}

test("an own fetch asks, and an abort reaches it", TIMEOUT, async () => {
  const { url, asked } = await served((request, response) => request.headers.authorization !== "Bearer 7" && response.writeHead(401).end());
  await assert.rejects(client.open(url), { message: /status 401/ });
  const authorized = (url, { headers, ...options }) => fetch(url, { ...options, headers: { ...headers, Authorization: "Bearer 7" } });
  const file = await client.open(url, { fetch: authorized });
  assert.equal((await file.read(0, 10)).length, 10);
  assert.ok(asked.length >= 3);
  const controller = new AbortController();
  const stuck = client.open(url, { signal: controller.signal, fetch: (_, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))) });
  controller.abort();
  await assert.rejects(stuck, { code: "Aborted" });
});
