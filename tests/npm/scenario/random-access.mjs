// Parts of a message: only what is needed is fetched, each frame is verified, and a message that was cut off is noticed at once.

import { assert, equal, fails, find, includes, same } from "../checks.mjs";
import { names, under } from "./engines.mjs";
import { CONTEXT, derivedKeys, flipped, randomBytes, spy, world } from "./world.mjs";

const FRAME_LENGTH = 100;
const FRAME = FRAME_LENGTH + 32;

export const randomAccess = {
  async "any part of a message, by every engine and of every kind of source"(given) {
    const { Client, rawAesKeyring } = given;
    const keyring = rawAesKeyring({ namespace: "tests", name: "parts", key: randomBytes(32) });
    const client = new Client({ keyring, frameLength: FRAME_LENGTH });
    for (const length of [0, 1, FRAME_LENGTH, FRAME_LENGTH + 1, 1234]) {
      const plaintext = randomBytes(length);
      const message = await client.encrypt(plaintext, { encryptionContext: CONTEXT });
      for (const engine of names(given).slice(1)) {
        await under(given, engine, async () => {
          for (const source of [new Blob([message]), counted(message), { ...counted(message), read: (at, count) => message.slice(at, at + count).buffer }]) {
            const file = await client.open(source, { encryptionContext: CONTEXT });
            same([file.size, file.header.suite, file.encryptionContext.tenant], [length, "0478", "42"]);
            const ranges = [[0, length], [0, 1], [length, 5], [length - 1, 5], [99, 1], [99, 2], [100, 100], [150, 700], [0, 1e15], [1e15, 1]];
            const read = ranges.filter(([at]) => at >= 0).map(async ([at, count]) => {
              same([...(await file.read(at, count))], [...plaintext.subarray(Math.min(at, length), Math.min(at + count, length))]);
            });
            await Promise.all(read);
            for (const [start, end] of [[undefined, undefined], [0, 0], [50, 51], [99, 1000], [500, 100]]) {
              const streamed = new Uint8Array(await new Response(file.stream({ start, end })).arrayBuffer());
              same([...streamed], [...plaintext.slice(start, end)]);
            }
            file.close();
            equal((await fails(file.read(0, 1))).code, "InvalidInput");
          }
        });
      }
    }
  },

  async "only the frames that are needed are asked for"(given) {
    const { client } = keyed(given);
    const plaintext = randomBytes(40_000);
    const message = await client.encrypt(plaintext);
    const source = counted(message);
    const file = await client.open(source);
    const start = message.length - (400 * FRAME + 8);
    same(source.asked, [[0, 4096], [message.length - FRAME - 8, FRAME + 8]]);
    source.asked.length = 0;
    await file.read(12_345, 1000);
    same(source.asked, [[start + 123 * FRAME, 11 * FRAME]]);
    source.asked.length = 0;
    await file.read(12_300, 1000);
    same(source.asked, [[start + 123 * FRAME, 10 * FRAME]]);
    source.asked.length = 0;
    await file.read(5, 0);
    await file.read(40_000, 10);
    same(source.asked, []);
  },

  async "a frame that was altered fails when it is read, and no other does"(given) {
    const { client } = keyed(given);
    const plaintext = randomBytes(1050);
    const message = await client.encrypt(plaintext);
    const start = message.length - (10 * FRAME + 90);
    for (const offset of [0, 5, 16, 80, FRAME - 1]) {
      const file = await client.open(new Blob([flipped(message, start + 3 * FRAME + offset)]));
      const error = await fails(file.read(250, 100));
      equal(error.code, "DecryptionFailed");
      same([...(await file.read(0, 300))], [...plaintext.subarray(0, 300)]);
      same([...(await file.read(400, 650))], [...plaintext.subarray(400)]);
      equal((await fails(new Response(file.stream()).arrayBuffer())) !== undefined, true);
    }
    const swapped = message.slice();
    swapped.set(message.subarray(start, start + FRAME), start + FRAME);
    equal((await fails((await client.open(new Blob([swapped]))).read(100, 1))).code, "DecryptionFailed");
  },

  async "a message that was cut off, continued or altered at its ends is not opened"(given) {
    for (const suite of ["committing", "committing-signed"]) {
      const { client } = keyed(given, { suite });
      const message = await client.encrypt(randomBytes(350));
      const options = { dangerIgnoreSignature: true };
      equal((await client.open(new Blob([message]), options)).size, 350);
      for (let length = 0; length < message.length; length++) {
        const { code } = await fails(client.open(new Blob([message.subarray(0, length)]), options), `${length} of ${message.length} bytes`);
        assert(["DecryptionFailed", "InvalidMessage"].includes(code), `${length} bytes: ${code}`);
      }
      equal((await fails(client.open(new Blob([message, new Uint8Array(1)]), options))).code, "DecryptionFailed");
      equal((await fails(client.open(new Blob([message, new Uint8Array(FRAME)]), options))).code, "DecryptionFailed");
      const altered = [flipped(message, 0), flipped(message, 40), flipped(message, message.length - (suite === "committing" ? 1 : 106))];
      for (const each of altered) assert((await fails(client.open(new Blob([each]), options))).code !== undefined, "it is refused");
    }
  },

  async "signed messages are opened only by those who know that no signature is checked, and pieces not at all"(given) {
    const { Client, rawAesKeyring } = given;
    const keyring = rawAesKeyring({ namespace: "tests", name: "parts", key: randomBytes(32) });
    for (const suite of ["0578", "0378", "0346", "0214"]) {
      const commitmentPolicy = suite === "0578" ? undefined : "forbid-encrypt-allow-decrypt";
      const client = new Client({ keyring, suite, commitmentPolicy, frameLength: FRAME_LENGTH });
      const plaintext = randomBytes(250);
      for (let round = 0; round < 5; round++) {
        const message = new Blob([await client.encrypt(plaintext)]);
        const error = await fails(client.open(message));
        equal(error.code, "InvalidInput");
        includes(error.message, "signed");
        equal((await fails(client.open(message, { unsignedOnly: true, dangerIgnoreSignature: true }))).code, "InvalidMessage");
        const file = await client.open(message, { dangerIgnoreSignature: true });
        same([...(await file.read(50, 150))], [...plaintext.subarray(50, 200)]);
      }
    }
  },

  async "what is no source, or one that fails, is told as such"(given) {
    const { client } = keyed(given);
    const message = await client.encrypt(randomBytes(10_000));
    for (const source of [undefined, {}, message, { size: -1, read() {} }, { size: 1.5, read() {} }, 7]) {
      equal((await fails(client.open(source))).code, "InvalidInput");
    }
    for (const read of [() => undefined, () => new Uint8Array(1), () => "text"]) {
      const error = await fails(client.open({ size: message.length, read }));
      equal(error.code, "InvalidInput");
      includes(error.message, "the source gave");
    }
    const broken = new Error("the disk is gone");
    const error = await fails(client.open({ size: message.length, read: () => Promise.reject(broken) }));
    same([error.code, error.cause === broken], ["InvalidInput", true]);
    const file = await client.open(new Blob([message]));
    for (const [offset, length] of [[-1, 1], [0, -1], [0.5, 1], ["0", 1], [0, undefined]]) equal((await fails(file.read(offset, length))).code, "InvalidInput");
    equal((await fails(file.read(0, 1, { sign: 1 }))).code, "InvalidInput");
    equal((await fails(client.open(new Blob([message]), { danger: true }))).code, "InvalidInput");
    equal((await fails(client.open(new Blob([message]), { encryptionContext: CONTEXT }))).code, "EncryptionContextMismatch");
  },

  async "an abort ends what it is given to"(given) {
    const { client } = keyed(given);
    const message = await client.encrypt(randomBytes(10_000));
    equal((await fails(client.open(new Blob([message]), { signal: AbortSignal.abort() }))).code, "Aborted");
    const controller = new AbortController();
    const stuck = { size: message.length, read: (at, count, { signal }) => (at === 0 ? message.slice(0, count) : new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))) };
    const opening = client.open(stuck, { signal: controller.signal });
    setTimeout(() => controller.abort(), 5);
    equal((await fails(opening)).code, "Aborted");
    const file = await client.open(new Blob([message]));
    equal((await fails(file.read(0, 1, { signal: AbortSignal.abort() }))).code, "Aborted");
    equal((await file.read(0, 1)).length, 1);
    const streaming = new AbortController();
    const reader = file.stream({ signal: streaming.signal }).getReader();
    streaming.abort();
    equal((await fails(reader.read())).code, "Aborted");
  },

  async "the trace tells of every frame that was opened, and no key stays once the file is closed"(given) {
    const { Client, memories } = given;
    const { kms, keyId } = await world(given);
    for (const engine of ["wasm", "webcrypto"]) {
      await under(given, engine, async () => {
        const own = spy(kms);
        const events = [];
        const plaintext = randomBytes(550);
        const message = await new Client({ kms: own, keyId, frameLength: FRAME_LENGTH }).encrypt(plaintext);
        const told = await new Client({ kms: own, keyId, onEvent: (event) => events.push(event) }).open(new Blob([message]));
        await told.read(150, 200);
        told.close();
        await Promise.resolve();
        same(events.filter(({ kind }) => kind === "frame-opened").map(({ sequence }) => sequence), [6, 2, 3, 4]);
        equal(events.at(-1).kind, "operation-finished");
        const file = await new Client({ kms: own, keyId }).open(new Blob([message]));
        await file.read(150, 200);
        const { extracted, messageKey } = await derivedKeys(own.seen.dataKeys[0], file.header.messageId);
        const isThere = (secret) => [0, 8, 16, 24].some((at) => find(new Uint8Array(memories().full.buffer), secret.subarray(at, at + 8)) >= 0);
        assert(isThere(messageKey), "the search finds the key of a file that is open");
        file[Symbol.dispose ?? Symbol.for("Symbol.dispose")]();
        await fails(new Client({ kms: own, keyId }).open(new Blob([flipped(message, -1)])));
        for (const [what, secret] of Object.entries({ messageKey, extracted, dataKey: own.seen.dataKeys[0], plaintext: plaintext.slice(150, 182) })) {
          assert(!isThere(secret), `${what} is gone, ${engine}`);
        }
      });
    }
  },
};

function keyed({ Client, rawAesKeyring }, options) {
  const keyring = rawAesKeyring({ namespace: "tests", name: "parts", key: randomBytes(32) });
  return { client: new Client({ keyring, frameLength: FRAME_LENGTH, ...options }) };
}

/** A source that notes what it is asked for. */
function counted(message) {
  const asked = [];
  const read = async (at, count) => {
    asked.push([at, count]);
    return message.slice(at, at + count);
  };
  return { size: message.length, read, asked };
}
