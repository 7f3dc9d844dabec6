// Streams: whatever pieces data arrives in, the message is the same; nothing is released that is not verified; whoever is slow holds up everybody.

import { assert, equal, fails, find, includes, same } from "../checks.mjs";
import { names, under } from "./engines.mjs";
import { CONTEXT, derivedKeys, flipped, randomBytes, spy, world } from "./world.mjs";

const FRAME_LENGTH = 100;
/** Bytes of a message's last frame besides its data, and of others. */
const [LAST_OVERHEAD, OVERHEAD] = [40, 32];

export const streams = {
  async "data in pieces of any size"(given) {
    const { client } = await keyed(given);
    for (const length of [0, 1, FRAME_LENGTH - 1, FRAME_LENGTH, FRAME_LENGTH + 1, 3 * FRAME_LENGTH, 5000]) {
      const plaintext = randomBytes(length);
      const whole = await client.encrypt(plaintext, { encryptionContext: CONTEXT });
      for (const size of [length < 1000 ? 1 : 4, 7, FRAME_LENGTH - 1, FRAME_LENGTH, FRAME_LENGTH + 1, 4096, Infinity]) {
        const message = await bytesOf(pieces(plaintext, size).pipeThrough(client.encryptStream({ encryptionContext: CONTEXT })));
        equal(message.length, whole.length, `a message of ${length} bytes in pieces of ${size}`);
        const decrypted = await client.decrypt(message, { encryptionContext: CONTEXT });
        same([...decrypted.plaintext], [...plaintext]);
        for (const each of [message, whole]) {
          const pair = client.decryptStream({ encryptionContext: CONTEXT });
          same([...(await bytesOf(pieces(each, size).pipeThrough(pair)))], [...plaintext]);
          equal((await pair.header).suite, "0478");
          equal((await pair.encryptionContext).tenant, "42");
        }
      }
    }
  },

  async "every engine and suite, in pieces"(given) {
    const { Client, rawAesKeyring } = given;
    const keyring = rawAesKeyring({ namespace: "tests", name: "streams", key: randomBytes(32) });
    for (const suite of ["0478", "0578", "0178", "0146", "0114", "0378", "0214", "0014"]) {
      const commitmentPolicy = suite.endsWith("478") || suite.endsWith("578") ? undefined : "forbid-encrypt-allow-decrypt";
      const client = new Client({ keyring, suite, commitmentPolicy, frameLength: FRAME_LENGTH });
      const plaintext = randomBytes(777);
      for (const engine of names(given).slice(1)) {
        await under(given, engine, async () => {
          for (const size of [13, Infinity]) {
            const message = await bytesOf(pieces(plaintext, size).pipeThrough(client.encryptStream()));
            same([...(await client.decrypt(message)).plaintext], [...plaintext]);
            same([...(await bytesOf(pieces(message, size).pipeThrough(client.decryptStream())))], [...plaintext]);
            same([...(await bytesOf(pieces(await client.encrypt(plaintext), size).pipeThrough(client.decryptStream())))], [...plaintext]);
          }
        });
      }
    }
  },

  async "text, buffers, Blobs and files"(given) {
    const { client } = await keyed(given);
    const source = new ReadableStream({
      start(controller) {
        for (const chunk of ["größer ", new TextEncoder().encode("als "), new TextEncoder().encode("5").buffer, "", new Uint8Array()]) controller.enqueue(chunk);
        controller.close();
      },
    });
    const message = await new Response(source.pipeThrough(client.encryptStream())).blob();
    equal((await client.decrypt(message)).text(), "größer als 5");
    const back = await new Response(message.stream().pipeThrough(client.decryptStream())).text();
    equal(back, "größer als 5");
  },

  async "a chunk that is no bytes is named, and ends both sides"(given) {
    const { client } = await keyed(given);
    for (const [make, chunk, part] of [
      ["encryptStream", 7, "a chunk of the plaintext is a number"],
      ["encryptStream", undefined, "a chunk of the plaintext is undefined"],
      ["encryptStream", new Uint16Array(2), "an object of kind Uint16Array"],
      ["encryptStream", new Blob(["x"]), "an object of kind Blob"],
      ["encryptStream", "\ud800", "half of a surrogate pair"],
      ["decryptStream", "text", "a message is bytes, not text"],
    ]) {
      const { readable, writable } = client[make]();
      const reading = fails(bytesOf(readable));
      const error = await fails(writable.getWriter().write(chunk), part);
      equal(error.code, "InvalidInput");
      includes(error.message, part);
      equal(await reading, error);
    }
    for (const options of [{ size: -1 }, { size: 1.5 }, { onProgress: 7 }, { sizes: 1 }, { signal: {} }]) {
      let thrown;
      try {
        client.encryptStream(options);
      } catch (error) {
        thrown = error;
      }
      equal(thrown?.code, "InvalidInput", JSON.stringify(options));
    }
  },

  async "a consumer that is slow holds up the source"(given) {
    const { client } = await keyed(given, { frameLength: 64 * 1024 });
    const [chunk, many] = [64 * 1024, 1000];
    const through = [["encryptStream", new Uint8Array(chunk)]];
    const message = await client.encrypt(new Uint8Array(20 * 1024 * 1024));
    through.push(["decryptStream", undefined]);
    for (const [make, data] of through) {
      let taken = 0;
      const source = new ReadableStream(
        {
          pull(controller) {
            const piece = data ?? message.subarray(taken, taken + chunk);
            taken += piece.length;
            controller.enqueue(piece.slice());
            if (taken >= (data ? many * chunk : message.length)) controller.close();
          },
        },
        { highWaterMark: 0 },
      );
      const reader = source.pipeThrough(client[make]()).getReader();
      let read = 0;
      for (let round = 0; round < 5; round++) {
        read += (await reader.read()).value.length;
        await new Promise((resolve) => setTimeout(resolve, 20));
        assert(taken - read <= 6 * 1024 * 1024, `${make}: ${taken} bytes were taken where ${read} were read`);
      }
      await reader.cancel();
      const after = taken;
      await new Promise((resolve) => setTimeout(resolve, 20));
      equal(taken, after, "nothing is taken after the end");
    }
  },

  async "one huge write is not queued as thousands of frames"(given) {
    const { client } = await keyed(given, { frameLength: 1000 });
    const plaintext = new Uint8Array(32 * 1024 * 1024);
    const { readable, writable } = client.encryptStream();
    const writer = writable.getWriter();
    let isWritten = false;
    const writing = writer.write(plaintext).then(() => (isWritten = true));
    writing.catch(() => {});
    writer.close().catch(() => {});
    const reader = readable.getReader();
    let most = 0;
    for (let total = 0; total < 8 * 1024 * 1024; ) {
      const { value } = await reader.read();
      total += value.length;
      most = Math.max(most, value.length);
    }
    assert(most <= 1024 * 1024, `a piece has ${most} bytes`);
    assert(!isWritten, "the write waits for the consumer");
    await reader.cancel("enough");
    equal(await fails(writing), "enough");
  },

  async "progress is told, of what has come out"(given) {
    const { client } = await keyed(given);
    const plaintext = randomBytes(1050);
    const told = [];
    const onProgress = (progress) => told.push(progress);
    const message = await bytesOf(pieces(plaintext, 64).pipeThrough(client.encryptStream({ size: plaintext.length, onProgress })));
    same(told.at(-1), { bytes: 1050, frames: 11, total: 1050 });
    assert(told.length > 5 && told.every(({ bytes }, at) => at === 0 || bytes > told[at - 1].bytes), "it grows");
    told.length = 0;
    await bytesOf(pieces(message, 64).pipeThrough(client.decryptStream({ size: message.length, onProgress })));
    same(told.at(-1), { bytes: message.length, frames: 11, total: message.length });
    for (const size of [1049, 1051]) equal((await fails(bytesOf(pieces(plaintext, 64).pipeThrough(client.encryptStream({ size }))))).code, "InvalidInput");
  },

  async "an altered message ends in an error, after what was verified"(given) {
    for (const suite of ["committing", "committing-signed"]) {
      const { client } = await keyed(given, { suite });
      const plaintext = randomBytes(4 * FRAME_LENGTH + 10);
      const message = await client.encrypt(plaintext);
      const frame = FRAME_LENGTH + OVERHEAD;
      const start = headerLength(message, plaintext.length, suite);
      for (let at = 0; at < message.length; at += 11) {
        const outcome = await outcomeOf(client, flipped(message, at), 61);
        // Where the header names the raw key, it names another one then.
        assert(["DecryptionFailed", "InvalidMessage", "InvalidInput"].includes(outcome.error?.code), `byte ${at}: ${outcome.error}`);
        const most = suite === "committing-signed" || at < start + 4 * frame ? 4 * FRAME_LENGTH : plaintext.length;
        assert(outcome.released <= Math.min(most, FRAME_LENGTH * Math.max(0, Math.floor((at - start) / frame))), `byte ${at}: ${outcome.released} bytes`);
        assert(outcome.isPrefixOf(plaintext), "what was released is right");
      }
      const swapped = message.slice();
      swapped.set(message.subarray(start, start + frame), start + frame);
      swapped.set(message.subarray(start + frame, start + 2 * frame), start);
      equal((await outcomeOf(client, swapped, Infinity)).error?.code, "DecryptionFailed");
    }
  },

  async "a message that is cut off or continued never ends well"(given) {
    for (const suite of ["committing", "committing-signed"]) {
      const { client } = await keyed(given, { suite });
      const plaintext = randomBytes(2 * FRAME_LENGTH + 10);
      const message = await client.encrypt(plaintext);
      const start = headerLength(message, plaintext.length, suite);
      const frame = FRAME_LENGTH + OVERHEAD;
      const borders = [0, 1, start, start + frame, start + 2 * frame, start + 2 * frame + 50, message.length];
      const near = borders.flatMap((at) => [-17, -16, -1, 0, 1, 4, 16, 20, 24].map((by) => at + by));
      for (const length of new Set(near.filter((length) => length >= 0 && length < message.length))) {
        const { error, released } = await outcomeOf(client, message.subarray(0, length), length % 3 ? 50 : Infinity);
        assert(["DecryptionFailed", "InvalidMessage"].includes(error?.code), `${length} of ${message.length} bytes: ${error}`);
        assert(suite === "committing" || released <= 2 * FRAME_LENGTH, "the last frame waits for the signature");
      }
      for (const size of [1, 50, Infinity]) {
        const { error, released } = await outcomeOf(client, new Uint8Array([...message, 0]), size);
        equal(error?.code, "DecryptionFailed", `one byte more, in pieces of ${size}`);
        assert(suite === "committing" || released <= 2 * FRAME_LENGTH, "the last frame waits for the signature");
      }
    }
  },

  async "signed messages can be refused before a keyring is asked, and long frames too"(given) {
    const { kms, keyId } = await world(given);
    const own = spy(kms);
    const client = new given.Client({ kms: own, keyId, suite: "committing-signed", frameLength: FRAME_LENGTH });
    const message = await client.encrypt(randomBytes(250));
    const asked = own.seen.calls.length;
    const pair = client.decryptStream({ unsignedOnly: true });
    const [error, header] = await Promise.all([fails(bytesOf(pieces(message, 10).pipeThrough(pair))), fails(pair.header)]);
    equal(error.code, "InvalidMessage");
    equal(header, error);
    includes(error.message, "only unsigned messages were asked for");
    equal((await fails(client.decrypt(message, { unsignedOnly: true }))).code, "InvalidMessage");
    equal(own.seen.calls.length, asked, "the KMS was not asked");

    equal((await outcomeOf(client, message, 10, { maxBufferedFrame: FRAME_LENGTH })).error, undefined);
    const refused = await outcomeOf(client, message, 10, { maxBufferedFrame: FRAME_LENGTH - 1 });
    equal(refused.error.code, "InvalidMessage");
    assert(/max_?buffered_?frame/i.test(refused.error.message), refused.error.message);
    equal(refused.released, 0);
    equal((await fails(client.decrypt(message, { maxBufferedFrame: FRAME_LENGTH - 1 }))).code, "InvalidMessage");
    equal((await client.decrypt(await new given.Client({ kms, keyId }).encrypt("x"), { unsignedOnly: true, maxBufferedFrame: 1 })).text(), "x");
  },

  async "the header is there before anybody reads"(given) {
    const { client } = await keyed(given);
    const message = await client.encrypt(randomBytes(1000), { encryptionContext: CONTEXT });
    const { readable, writable, header, encryptionContext } = client.decryptStream();
    const piping = pieces(message, 100).pipeTo(writable);
    equal((await header).frameLength, FRAME_LENGTH);
    equal((await encryptionContext).tenant, "42");
    equal((await bytesOf(readable)).length, 1000);
    await piping;
  },

  async "whoever gives up ends both sides, and the reason reaches them"(given) {
    const { client } = await keyed(given);
    const message = await client.encrypt(randomBytes(1000));
    for (const [make, data] of [["encryptStream", randomBytes(1000)], ["decryptStream", message]]) {
      for (const reads of [0, 1, 3]) {
        for (const how of ["signal", "abort", "cancel"]) {
          const controller = new AbortController();
          const { readable, writable } = client[make]({ signal: controller.signal });
          const [reader, writer] = [readable.getReader(), writable.getWriter()];
          const writing = (async () => {
            for (let at = 0; at < data.length; at += 50) await writer.write(data.subarray(at, at + 50));
          })();
          writing.catch(() => {});
          for (let count = 0; count < reads; count++) assert(!(await reader.read()).done, "there is more");
          const reason = new Error("enough");
          if (how === "signal") controller.abort(reason);
          if (how === "abort") writer.abort(reason).catch(() => {});
          if (how === "cancel") await reader.cancel(reason);
          const thrown = await fails(writing, `${make}, ${how} after ${reads}`);
          if (how === "cancel") equal((await reader.read()).done, true);
          else {
            const error = await fails(reader.read(), `${make}, ${how} after ${reads}`);
            if (how === "signal") same([error.code, error.cause.message], ["Aborted", "enough"]);
            else equal(error, reason);
          }
          if (how === "signal") equal(thrown.code, "Aborted");
          await fails(writer.closed);
        }
      }
    }
    const aborted = client.encryptStream({ signal: AbortSignal.abort() });
    equal((await fails(bytesOf(aborted.readable))).code, "Aborted");
    equal((await fails(aborted.writable.getWriter().write("x"))).code, "Aborted");
    const failing = new ReadableStream({ pull: () => Promise.reject(new Error("the disk is gone")) });
    equal((await fails(bytesOf(failing.pipeThrough(client.encryptStream())))).message, "the disk is gone");
  },

  async "no key stays in memory of WebAssembly after a stream, however it ends"(given) {
    const { Client, memories } = given;
    const { kms, keyId } = await world(given);
    // So that there is a full module to search, whether streams take it or not.
    await new Client({ kms, keyId, onEvent() {} }).encrypt("x");
    for (const suite of ["committing", "committing-signed"]) {
      for (const engine of names(given).slice(1)) {
        await under(given, engine, async () => {
          const own = spy(kms);
          const client = new Client({ kms: own, keyId, suite, frameLength: FRAME_LENGTH });
          const plaintext = randomBytes(550);
          const message = await bytesOf(pieces(plaintext, 70).pipeThrough(client.encryptStream()));
          const { header } = await client.decrypt(message);
          const [dataKey] = own.seen.dataKeys;
          const secrets = suite === "committing" ? { ...(await derivedKeys(dataKey, header.messageId)), dataKey } : { dataKey };
          delete secrets.commitment;
          const searched = (when) => {
            for (const [name, memory] of Object.entries(memories())) {
              if (name === "kms") continue;
              const all = new Uint8Array(memory.buffer);
              for (const [what, secret] of Object.entries({ ...secrets, plaintext: plaintext.subarray(120, 152) })) {
                for (let at = 0; at < secret.length; at += 8) {
                  equal(find(all, secret.subarray(at, at + 8)), -1, `${what} in ${name} after ${when}, ${engine}, ${suite}`);
                }
              }
            }
          };
          searched("encryption");
          same([...(await bytesOf(pieces(message, 70).pipeThrough(client.decryptStream())))], [...plaintext]);
          searched("decryption");
          equal((await outcomeOf(client, flipped(message, message.length >> 1), 70)).error?.code !== undefined, true);
          searched("a message that was altered");
          for (const make of ["encryptStream", "decryptStream"]) {
            const { readable, writable } = client[make]();
            const [reader, writer] = [readable.getReader(), writable.getWriter()];
            const data = make === "encryptStream" ? plaintext : message.subarray(0, -200);
            writer.write(data).catch(() => {});
            writer.closed.catch(() => {});
            for (let reads = make === "encryptStream" ? 2 : 1; reads > 0; reads--) await reader.read();
            await reader.cancel();
            secrets.dataKey = own.seen.dataKeys.at(-1);
            searched(`${make} was given up`);
          }
        });
      }
    }
  },
};

/** A client under a raw key. */
async function keyed({ Client, rawAesKeyring }, options) {
  const keyring = rawAesKeyring({ namespace: "tests", name: "streams", key: randomBytes(32) });
  return { client: new Client({ keyring, frameLength: FRAME_LENGTH, ...options }) };
}

/** A stream of the bytes in pieces of that size. */
function pieces(bytes, size) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, Math.min(at + size, bytes.length)));
      at += size;
    },
  });
}

/** All that comes out. Not by a Response, which in Chromium has another error than the stream's. */
async function bytesOf(stream) {
  const [parts, reader] = [[], stream.getReader()];
  for (let next; !(next = await reader.read()).done; ) parts.push(next.value);
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** What came out of a message, and how that ended. */
async function outcomeOf(client, message, size, options) {
  const released = [];
  const reader = pieces(message, size).pipeThrough(client.decryptStream(options)).getReader();
  let error;
  try {
    for (let next; !(next = await reader.read()).done; ) released.push(...next.value);
  } catch (thrown) {
    error = thrown;
  }
  return { error, released: released.length, isPrefixOf: (plaintext) => released.every((byte, at) => byte === plaintext[at]) };
}

/** Where the first frame starts. */
function headerLength(message, plaintextLength, suite) {
  const full = Math.ceil(plaintextLength / FRAME_LENGTH) - 1;
  const body = full * (FRAME_LENGTH + OVERHEAD) + (plaintextLength - full * FRAME_LENGTH) + LAST_OVERHEAD;
  return message.length - body - (suite === "committing-signed" ? 105 : 0);
}
