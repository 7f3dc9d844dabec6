// What the small module and the fast one leave to JavaScript and to the full module: inputs that are kept, words, keys of a wrong length, sessions that nobody ends.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

import { bytes, copy, dataKey } from "./keyrings/world.mjs";
import { project } from "./package.mjs";

const folder = await project(after);
const here = (file) => pathToFileURL(join(folder, "node_modules/waxseal", file)).href;
let count = 0;

/** An entry of its own each time, for after some operations that of pages goes on in the fast module. */
const small = () => import(`${here("sdk/web.js")}?${count++}`);
const fast = () => import(here("sdk/node.js"));
const own = (more) => ({
  makeDataKey: () => ({ dataKey: dataKey(), encryptedDataKeys: [copy("tests", "own")] }),
  unwrapDataKey: () => dataKey(),
  ...more,
});

for (const [name, load] of Object.entries({ small, fast })) {
  test(`${name}: what the full module takes over is what the caller gave`, async () => {
    const { Client, rawAesKeyring } = await load();
    const client = new Client({ keyring: rawAesKeyring({ namespace: "tests", name: "raw", key: bytes(16, 1) }) });
    for (const length of [10, 10_000]) {
      const plaintext = bytes(length, 65);
      const encrypting = client.encrypt(plaintext);
      plaintext.fill(66);
      const message = await encrypting;
      const decrypting = client.decrypt(message);
      message.fill(0);
      assert.deepEqual((await decrypting).plaintext, bytes(length, 65));
    }
  });
}
