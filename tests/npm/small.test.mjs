// What the small module and the fast one leave to JavaScript and to the full module: inputs that are kept, words, keys of a wrong length, sessions that nobody ends.

import assert from "node:assert/strict";
import { createCipheriv, hkdfSync } from "node:crypto";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

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

  test(`${name}: a frame that is too long is told as that, also in a short message`, async () => {
    const { Client } = await load();
    const client = new Client({ keyring: own() });
    for (const length of [10, 10_000]) {
      const refused = client.decrypt(await client.encrypt(bytes(length, 65)), { maxBufferedFrame: 9 });
      await assert.rejects(refused, { code: "InvalidMessage", message: /maxBufferedFrame/ });
    }
  });

  test(`${name}: a copy of the data key that is too long is told as that`, async () => {
    const { Client } = await load();
    const long = { ...copy("tests", "own"), ciphertext: bytes(70_000, 1) };
    const client = new Client({ keyring: own({ makeDataKey: () => ({ dataKey: dataKey(), encryptedDataKeys: [long] }) }) });
    for (const length of [10, 10_000]) await assert.rejects(client.encrypt(bytes(length, 65)), { code: "InvalidInput", message: /70000 bytes long/ });
  });

  test(`${name}: more plaintext than was announced is told as that`, async () => {
    const { Client } = await load();
    const { readable, writable } = new Client({ keyring: own(), frameLength: 2 }).encryptStream({ size: 4 });
    new Blob(["seven.."]).stream().pipeTo(writable).catch(() => {});
    await assert.rejects(new Response(readable).arrayBuffer(), { code: "InvalidInput", message: /longer than it was said to be/ });
  });

  test(`${name}: a data key of another length opens nothing, also what was written with it`, async () => {
    const { Client } = await load();
    const message = await new Client({ keyring: own() }).encrypt("12345");
    for (const length of [0, 16, 32]) {
      const opened = new Client({ keyring: own({ unwrapDataKey: () => bytes(length, 9) }) }).decrypt(written(message, bytes(length, 9)));
      if (length === 32) assert.equal((await opened).text(), "12345");
      else await assert.rejects(opened, { code: "DecryptionFailed" });
    }
  });

  test(`${name}: a message with very many copies that do not unwrap is refused like any other`, async () => {
    const { Client, rawAesKeyring } = await load();
    const keyring = rawAesKeyring({ namespace: "tests", name: "raw", key: bytes(32, 1) });
    const info = Uint8Array.from([...Buffer.from("raw"), 0, 0, 0, 128, 0, 0, 0, 12, ...bytes(12, 3)]);
    for (const length of [20, 48]) {
      const encryptedDataKeys = Array(30_000).fill({ providerId: "tests", providerInfo: info, ciphertext: bytes(length, 8) });
      const message = await new Client({ keyring: own({ makeDataKey: () => ({ dataKey: dataKey(), encryptedDataKeys }) }) }).encrypt("x");
      await assert.rejects(new Client({ keyring }).decrypt(message), { code: "DecryptionFailed" });
    }
  });

  test(`${name}: sessions end with the streams that they were of`, async () => {
    const { Client } = await load();
    const glue = await import(here(`dist/${name === "small" ? "sdk" : "sdk-fast"}.js`));
    const client = new Client({ keyring: own() });
    const message = await client.encrypt("top secret");
    const left = () => SESSIONS.filter((session) => glue.call(MISSING_HEAD, session, new Uint8Array())).length;
    const abandon = async () => {
      const { writable, header } = client.decryptStream();
      writable.getWriter().write(message);
      await header;
    };
    for (const _ of SESSIONS) await abandon();
    assert.equal(left(), SESSIONS.length);
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc");
    // The platform itself may hold the first, or the last.
    for (let turns = 0; left() > 2 && turns < 100; turns++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert(left() <= 2, `${left()} are left`);
    assert.equal((await client.decrypt(message)).text(), "top secret");
  });
}

/** The message of five bytes, with commitment, tag of its header and frame made anew from another data key. */
function written(message, key) {
  const made = message.slice();
  const [messageId, commitmentAt] = [made.subarray(3, 35), made.length - 45 - 16 - 32];
  const derive = (info) => new Uint8Array(hkdfSync("sha512", key, messageId, info, 32));
  made.set(derive("COMMITKEY"), commitmentAt);
  const messageKey = derive(Uint8Array.from([4, 0x78, ...Buffer.from("DERIVEKEY")]));
  const seal = (iv, aad, plaintext) => {
    const cipher = createCipheriv("aes-256-gcm", messageKey, iv).setAAD(aad);
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  };
  made.set(seal(new Uint8Array(12), made.subarray(0, commitmentAt + 32), ""), commitmentAt + 32);
  const frame = made.subarray(-45);
  const aad = Buffer.concat([messageId, Buffer.from("AWSKMSEncryptionClient Final Frame"), frame.subarray(4, 8), Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5)]);
  frame.set(seal(frame.subarray(8, 20), aad, "12345"), 24);
  return made;
}

/** The numbers that the first ones have. */
const SESSIONS = [0, 1, 2, 3, 4, 5, 6, 7];
const MISSING_HEAD = 16;
