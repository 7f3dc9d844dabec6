// That streams take no more memory however much goes through them.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

import { project } from "./package.mjs";

const MIB = 1024 * 1024;
const folder = await project(after);
const { given } = await import(pathToFileURL(join(folder, "given.mjs")).href);
const keyring = given.rawAesKeyring({ namespace: "tests", name: "streams", key: new Uint8Array(32).fill(7) });

for (const suite of ["committing", "committing-signed"]) {
  test(`256 MiB go through ${suite} streams in a few`, { timeout: 120_000 }, async () => {
    const client = new given.Client({ keyring, suite });
    const [size, chunk] = [256 * MIB, new Uint8Array(64 * 1024)];
    let left = size;
    const plaintext = new ReadableStream({
      pull(controller) {
        controller.enqueue(chunk);
        left -= chunk.length;
        if (left === 0) controller.close();
      },
    });
    const inUse = () => process.memoryUsage().arrayBuffers;
    const before = inUse();
    let [most, length] = [0, 0];
    for await (const piece of plaintext.pipeThrough(client.encryptStream({ size })).pipeThrough(client.decryptStream())) {
      length += piece.length;
      most = Math.max(most, inUse() - before);
    }
    assert.equal(length, size);
    // What waits for the garbage collector counts too.
    assert.ok(most < 128 * MIB, `${Math.round(most / MIB)} MiB were in use`);
  });
}
