// Every engine that this runtime has: they write the same format, refuse the same messages, and keep nothing.

import { assert, equal, find, fails, same, zeros } from "../checks.mjs";
import { CONTEXT, derivedKeys, flipped, memoriesWith, randomBytes, spy, world } from "./world.mjs";

const FRAME_LENGTH = 100;

export const engines = {
  async "what one engine writes, every other reads"(given) {
    const { Client, rawAesKeyring } = given;
    const keyring = rawAesKeyring({ namespace: "tests", name: "engines", key: randomBytes(32) });
    for (const suite of ["0478", "0578", "0178", "0146", "0114", "0378", "0346", "0214", "0014", "0046"]) {
      const commitmentPolicy = suite.endsWith("478") || suite.endsWith("578") ? undefined : "forbid-encrypt-allow-decrypt";
      const client = new Client({ keyring, suite, commitmentPolicy, frameLength: FRAME_LENGTH });
      for (const length of suite === "0478" ? [0, 1, FRAME_LENGTH - 1, FRAME_LENGTH, FRAME_LENGTH + 1, 10 * FRAME_LENGTH] : [0, 250]) {
        const plaintext = randomBytes(length);
        for (const writer of names(given)) {
          const message = await under(given, writer, () => client.encrypt(plaintext, { encryptionContext: CONTEXT }));
          equal(message.buffer.byteLength, message.length, "nothing else is in the message's buffer");
          for (const reader of names(given)) {
            const opened = await under(given, reader, () => client.decrypt(message));
            same([...opened.plaintext], [...plaintext]);
            equal(opened.plaintext.buffer.byteLength, length, "nothing else is in the plaintext's buffer");
            equal(opened.header.suite, suite);
          }
        }
      }
    }
  },

  async "a message that is altered in any frame, cut or continued is opened by no engine"(given) {
    const { Client, rawAesKeyring } = given;
    const keyring = rawAesKeyring({ namespace: "tests", name: "engines", key: randomBytes(32) });
    for (const suite of ["committing", "committing-signed"]) {
      const client = new Client({ keyring, suite, frameLength: FRAME_LENGTH });
      const message = await client.encrypt(randomBytes(4 * FRAME_LENGTH + 10));
      const frame = FRAME_LENGTH + 32;
      const body = message.length - 4 * frame - 50 - (suite === "committing" ? 0 : 105);
      const altered = [];
      for (let number = 0; number < 5; number++) {
        const at = body + number * frame;
        // Number or mark, nonce, length or ciphertext, ciphertext, tag.
        for (const offset of [3, 8, 21, 30, (number < 4 ? frame : 50) - 1]) altered.push(flipped(message, at + offset));
        altered.push(message.slice(0, at), message.slice(0, at + 20), message.slice(0, at + 40));
      }
      const swapped = message.slice();
      swapped.set(message.subarray(body, body + frame), body + frame);
      swapped.set(message.subarray(body + frame, body + 2 * frame), body);
      altered.push(swapped, new Uint8Array([...message, 0]), flipped(message, -1));
      for (const engine of names(given)) {
        await under(given, engine, async () => {
          for (const [index, each] of altered.entries()) {
            const error = await fails(client.decrypt(each), `${engine}, ${suite}, alteration ${index}`);
            equal(error.code, "DecryptionFailed", `${engine}, ${suite}, alteration ${index}: ${error.message}`);
          }
        });
      }
    }
  },

  async "no engine reads an argument after the call, or changes it"(given) {
    const { Client, rawAesKeyring } = given;
    const client = new Client({ keyring: rawAesKeyring({ namespace: "tests", name: "engines", key: randomBytes(32) }), frameLength: 5000 });
    // The greater one is more than is done without a pause.
    for (const length of [20_000, 17 * 1024 * 1024]) {
      const plaintext = randomBytes(length);
      for (const engine of names(given).filter((name) => length < 1e6 || !["whole", "wasm"].includes(name))) {
        await under(given, engine, async () => {
          const input = plaintext.slice();
          const encryption = client.encrypt(input);
          equal(find(input, plaintext), 0, "the plaintext is as it was");
          input.fill(0);
          const message = await encryption;
          const copy = message.slice();
          const decryption = client.decrypt(message);
          equal(find(message, copy), 0, "the message is as it was");
          message.fill(0);
          equal(find((await decryption).plaintext, plaintext), 0, `${engine} opens what was encrypted when the call was made`);
        });
      }
    }
  },

  async "memory that is shared, or that can shrink, is taken like any other"(given) {
    const { Client, rawAesKeyring } = given;
    const client = new Client({ keyring: rawAesKeyring({ namespace: "tests", name: "engines", key: randomBytes(32) }), frameLength: FRAME_LENGTH });
    const bytes = randomBytes(5000);
    // A page that is not isolated has no shared memory, and older platforms none that shrinks.
    const buffers = [globalThis.SharedArrayBuffer && new SharedArrayBuffer(5000), new ArrayBuffer(5000, { maxByteLength: 6000 })];
    for (const buffer of buffers.filter((buffer) => buffer !== undefined)) {
      const view = new Uint8Array(buffer);
      for (const engine of names(given)) {
        await under(given, engine, async () => {
          view.set(bytes);
          const message = await client.encrypt(view);
          view.set(message.subarray(0, 5000));
          equal((await fails(client.decrypt(view))).code, "DecryptionFailed");
          same([...(await client.decrypt(message)).plaintext], [...bytes]);
        });
      }
    }
  },

  async "an abort between batches ends the operation"(given) {
    const { Client, rawAesKeyring } = given;
    const client = new Client({ keyring: rawAesKeyring({ namespace: "tests", name: "engines", key: randomBytes(32) }), frameLength: 65_536 });
    const plaintext = randomBytes(40 * 1024 * 1024);
    for (const engine of names(given).filter((name) => !["whole", "wasm"].includes(name))) {
      await under(given, engine, async () => {
        const message = await client.encrypt(plaintext);
        for (const call of [(signal) => client.encrypt(plaintext, { signal }), (signal) => client.decrypt(message, { signal })]) {
          // It asks for the signal's state: before it starts, and after each batch.
          let asked = 0;
          const signal = new AbortController().signal;
          Object.defineProperty(signal, "aborted", { get: () => ++asked > 2 });
          equal((await fails(call(signal))).code, "Aborted", engine);
          equal(asked >= 3, true);
        }
      });
    }
  },

  async "the trace is the same whoever seals and opens"(given) {
    const { Client, rawAesKeyring } = given;
    const keyring = rawAesKeyring({ namespace: "tests", name: "engines", key: randomBytes(32) });
    const traces = [];
    for (const engine of names(given)) {
      const events = [];
      const client = new Client({ keyring, frameLength: FRAME_LENGTH, onEvent: (event) => events.push(event) });
      await under(given, engine, async () => {
        const message = await client.encrypt(new Uint8Array(250));
        await client.decrypt(message);
        await fails(client.decrypt(flipped(message, -1)));
        const last = events.filter(({ kind }) => kind === "frame-sealed").at(-1);
        same([...last.tag], [...message.slice(-16)]);
      });
      traces.push(events.map(({ kind, sequence, isFinal, plaintextLen, what, result }) => [kind, sequence, isFinal, plaintextLen, what, result?.code]));
    }
    for (const trace of traces) same(trace, traces[0]);
    assert(traces[0].length > 20, "there is a trace");
  },

  async "no key stays in memory of WebAssembly, whoever had it"(given) {
    const { Client } = given;
    const { kms, keyId } = await world(given);
    for (const engine of names(given)) {
      await under(given, engine, async () => {
        const own = spy(kms);
        const client = new Client({ kms: own, keyId, frameLength: FRAME_LENGTH });
        const plaintext = randomBytes(350);
        const message = await client.encrypt(plaintext);
        const { header } = await client.decrypt(message);
        const [dataKey] = own.seen.dataKeys;
        const { extracted, messageKey } = await derivedKeys(dataKey, header.messageId);
        const secrets = { "the data key": dataKey, "the extracted key": extracted, "the message key": messageKey, plaintext: plaintext.slice(150, 182) };
        const searched = (when) => {
          for (const [what, secret] of Object.entries(secrets)) {
            for (let at = 0; at < secret.length; at += 8) equal(memoriesWith(given, secret.subarray(at, at + 8)).join(), "", `${what} after ${when}, ${engine}`);
          }
        };
        searched("success");
        equal((await fails(client.decrypt(flipped(message, -1)))).code, "DecryptionFailed");
        searched("a tag that is wrong");
        let asked = 0;
        const signal = new AbortController().signal;
        Object.defineProperty(signal, "aborted", { get: () => ++asked > 4 });
        await client.decrypt(message, { signal }).catch(({ code }) => equal(code, "Aborted"));
        searched("an abort");
        for (const array of own.seen.plaintexts) zeros(array, "the KMS's array is overwritten");
      });
    }
  },

  async "without WebCrypto, WebAssembly does everything, signatures too"(given) {
    const { Client, rawAesKeyring } = given;
    const keyring = rawAesKeyring({ namespace: "tests", name: "engines", key: randomBytes(32) });
    const plaintext = randomBytes(3000);
    for (const suite of ["0478", "0578", "0146", "0346", "0214"]) {
      const commitmentPolicy = suite.endsWith("78") ? undefined : "forbid-encrypt-allow-decrypt";
      const make = (more) => new Client({ keyring, suite, commitmentPolicy, frameLength: FRAME_LENGTH, ...more });
      for (const client of [make(), make({ cache: { maxAge: 60 } })]) {
        const elsewhere = await client.encrypt(plaintext);
        const messages = await withoutWebCrypto(async () => {
          const messages = [];
          for (const engine of names(given)) {
            await under(given, engine, async () => {
              messages.push(await client.encrypt(plaintext));
              for (const message of [elsewhere, messages.at(-1)]) {
                same([...(await client.decrypt(message)).plaintext], [...plaintext]);
                for (const at of [-1, -30, 400]) equal((await fails(client.decrypt(flipped(message, at)))).code, "DecryptionFailed");
              }
              equal((await client.encrypt("")).length < 700, true);
            });
          }
          return messages;
        });
        // What signs there is verified here by the platform.
        for (const message of messages) same([...(await client.decrypt(message)).plaintext], [...plaintext]);
      }
    }
  },
};

/** As a page has it that is not of a secure origin. */
async function withoutWebCrypto(act) {
  const ours = Object.getOwnPropertyDescriptor(crypto, "subtle");
  Object.defineProperty(crypto, "subtle", { value: undefined, configurable: true });
  try {
    return await act();
  } finally {
    if (ours) Object.defineProperty(crypto, "subtle", ours);
    else delete crypto.subtle;
  }
}

/** `whole` is WebAssembly for the message as a whole, `wasm` for its frames. */
export function names({ hasNodeCrypto }) {
  return ["whole", "wasm", "webcrypto", ...(hasNodeCrypto ? ["node"] : [])];
}

/** Does something while one engine is taken for everything that it can do. */
export async function under({ table }, engine, act) {
  const before = { ...table };
  const only = engine === "whole" ? { message: Infinity, engines: [] } : { message: 0, engines: engine === "wasm" ? [] : [{ name: engine, frame: 0 }] };
  Object.assign(table, { web: only, node: only });
  try {
    return await act();
  } finally {
    Object.assign(table, before);
  }
}
