// What an application does with the package, in a few checks that need every part of it: for all the ways of building and loading it, where
// the whole scenario would say the same thing more slowly.

import { assert, equal, fails, includes, same } from "../checks.mjs";
import { CONTEXT, flipped, randomBytes, world } from "./world.mjs";

const rawAes = ({ Client, rawAesKeyring }, options) =>
  new Client({ keyring: rawAesKeyring({ namespace: "tests", name: "essentials", key: randomBytes(32) }), ...options });

export const essentials = {
  async "a message under a raw AES key"(given) {
    const client = rawAes(given);
    const message = await client.encrypt("top secret", { encryptionContext: CONTEXT });
    const decrypted = await client.decrypt(message, { encryptionContext: CONTEXT });
    same([decrypted.text(), decrypted.header.suite, decrypted.encryptionContext.tenant], ["top secret", "0478", "42"]);
  },

  async "a message under a key of the embedded KMS, for those who may use it"(given) {
    const { Client, isKmsDenied } = given;
    const { kms, keyId, client } = await world(given);
    const message = await client.encrypt("top secret", { encryptionContext: CONTEXT });
    equal((await client.decrypt(message, { encryptionContext: CONTEXT })).text(), "top secret");
    const eve = new Client({ kms: kms.as("arn:aws:iam::111122223333:user/eve"), keyId });
    const refused = await fails(eve.decrypt(message));
    assert(isKmsDenied(refused), "the guard of one entry knows the error of the other");
    equal(refused.kmsCode, "AccessDeniedException");
  },

  async "300 kB of either keyring's, and in a Blob"(given) {
    const plaintext = randomBytes(300_000);
    for (const client of [rawAes(given), (await world(given)).client]) {
      for (const input of [plaintext, new Blob([plaintext])]) {
        const { plaintext: opened } = await client.decrypt(await client.encrypt(input));
        assert(opened.length === plaintext.length && opened.every((byte, at) => byte === plaintext[at]), "the bytes come back");
      }
    }
  },

  async "300 kB through streams, and a part of them"(given) {
    const plaintext = randomBytes(300_000);
    const client = rawAes(given, { frameLength: 10_000 });
    const encrypting = new Blob([plaintext]).stream().pipeThrough(client.encryptStream());
    if (given.importsLater === false) return wantsOneScript(await fails(all(encrypting)));
    const message = new Blob(await all(encrypting));
    const opened = new Uint8Array(await new Blob(await all(message.stream().pipeThrough(client.decryptStream()))).arrayBuffer());
    assert(opened.length === plaintext.length && opened.every((byte, at) => byte === plaintext[at]), "the bytes come back");
    const file = await client.open(message);
    same([...(await file.read(123_450, 20))], [...plaintext.subarray(123_450, 123_470)]);
    file.close();
  },

  async "a tampered message is refused"(given) {
    const client = rawAes(given);
    const message = await client.encrypt(randomBytes(10_000));
    for (const at of [0, 20, message.length >> 1, -1]) {
      const { code } = await fails(client.decrypt(flipped(message, at)), `byte ${at}`);
      assert(code === "DecryptionFailed" || code === "InvalidMessage", `byte ${at}: ${code}`);
    }
  },

  async "both parts tell one trace"(given) {
    const events = [];
    const onEvent = (event) => events.push(event);
    const { client } = await world(given, { onEvent, client: { onEvent } });
    if (given.importsLater === false) return wantsOneScript(await fails(client.encrypt("traced")));
    await client.decrypt(await client.encrypt("traced"));
    same(events.map(({ seq }) => seq), events.map((_, index) => index));
    for (const kind of ["operation-started", "statement-evaluated", "frame-sealed", "frame-opened", "secret-wiped"]) {
      assert(events.some((event) => event.kind === kind), `there is ${kind} among ${[...new Set(events.map((event) => event.kind))]}`);
    }
  },

  async "signed messages"(given) {
    const client = rawAes(given, { suite: "committing-signed" });
    if (given.importsLater === false) return wantsOneScript(await fails(client.encrypt("signed")));
    const message = await client.encrypt("signed");
    const decrypted = await client.decrypt(message);
    same([decrypted.text(), decrypted.header.suite], ["signed", "0578"]);
    equal((await fails(client.decrypt(flipped(message, -1)))).code, "DecryptionFailed");
  },
};

/** A Service Worker that is a module has nothing that is loaded later, and is told how it gets it. */
function wantsOneScript({ code, message }) {
  equal(code, "LoadFailed");
  includes(message, "bundle it as one script");
}

/** What comes out of a stream. */
async function all(stream) {
  const [parts, reader] = [[], stream.getReader()];
  for (let next; !(next = await reader.read()).done; ) parts.push(next.value);
  return parts;
}
