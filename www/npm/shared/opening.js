// Decrypts. A short message that is not signed goes through WebAssembly as a whole, where that has ciphers. The data of others stays here: WebAssembly reads the header
// and plans the frames, and an engine opens them. Nothing is shown before everything is verified.

import { allocated } from "./bytes.js";
import { framesAtOnce, isPromise, NONE, Pauses, sealerFor } from "./engines/engine.js";
import { Frames, OVERHEAD } from "./engines/frames.js";
import { MAX_HEAD_LENGTH } from "./engines/record.js";
import { isShort } from "./engines/table.js";
import { isWaxsealError } from "./errors.js";

/**
 * @param {{ settings, reading, signal?: AbortSignal, traced? }} call
 * @param {import("./bytes.js").Input} input the message
 * @returns {Promise<{ plaintext: Uint8Array, encryptionContext, header }>}
 */
export async function decrypt(instance, platform, call, input) {
  const keep = () => input.keep();
  if (instance.entered === undefined) {
    keep();
    await instance.enter();
  }
  const length = input.bytes.length;
  const isWhole = instance.machine.takesWhole && isShort(platform.name, length);
  let given = isWhole ? length : Math.min(length, FIRST_BYTES);
  const first = input.bytes.subarray(0, given);
  const more = (count) => input.bytes.subarray(given, (given += count));
  const reading = { ...call.reading, verifyElsewhere: platform.signs };
  const message = { first, length, more, whole: isWhole ? () => input.bytes : undefined };
  return instance.machine.startOpening(instance, { ...call, reading, keep }, message, ({ session, ...opened }) => {
    return session ? open(session, platform, input, opened) : opened;
  });
}

async function open(session, platform, input, opened) {
  let plaintext;
  try {
    // A signature is verified at the end, after waits.
    const { isSigned, isObserved } = session.facts;
    if (isSigned) input.keep();
    let { batches, end, dataLength } = located(session, input.bytes, opened.header.frameLength ?? Infinity, isObserved);
    plaintext = allocated(dataLength);
    let sealer = sealerFor(platform, session, { messageLength: input.bytes.length, frameLength: batches[0].frameLength });
    if (isPromise(sealer) || sealer.tellsSession) {
      input.keep();
      batches = batches.map((frames) => frames.in(input.bytes));
      sealer = await sealer;
    }
    await openAll(session, sealer, batches, plaintext, { isObserved, verifies: isSigned && !platform.signs }, input);
    const signature = session.call("finish", input.bytes.subarray(end));
    if (signature.length > 0) await verify(session, platform, signature, input.bytes.subarray(0, end));
    return { ...opened, plaintext };
  } catch (error) {
    // Nothing of a message is shown that was altered, cut short or given up.
    plaintext?.fill(0);
    throw error;
  } finally {
    session.free();
  }
}

/** Finds all frames, from their heads alone, before any of them is opened: so it is known how long the plaintext is, and that the message is whole. */
function located(session, message, frameLength, isObserved) {
  const most = framesAtOnce(frameLength, isObserved);
  const batches = [];
  let end = session.facts.headerLength;
  let dataLength = 0;
  while (session.call("missingHead") > 0) {
    const frames = new Frames(session.call("plan", starts(message, end, frameLength, most), MAX_HEAD_LENGTH), message, end);
    // Cut short: the session, which still waits for frames, says so.
    if (frames.count === 0 || frames.end > message.length) session.call("finish", NONE);
    batches.push(frames);
    end = frames.end;
    dataLength += frames.dataLength;
  }
  return { batches, end, dataLength };
}

/** What the next frames start with, each with room for the longest head. */
export function starts(message, at, frameLength, most) {
  const each = frameLength + OVERHEAD;
  const count = Math.max(1, Math.min(most, Math.ceil((message.length - at) / each)));
  const packed = new Uint8Array(count * MAX_HEAD_LENGTH);
  let length = 0;
  for (let index = 0; index < count; index++, at += each) {
    const start = message.subarray(at, at + MAX_HEAD_LENGTH);
    packed.set(start, length);
    length += start.length;
  }
  return packed.subarray(0, length);
}

async function openAll(session, sealer, batches, plaintext, { isObserved, verifies }, { isOwn: isKept }) {
  const pauses = new Pauses();
  let at = 0;
  for (const [index, frames] of batches.entries()) {
    try {
      const opening = sealer.open(frames, plaintext, at);
      if (isPromise(opening)) await opening;
      else if (pauses.isDue(frames.dataLength)) {
        if (!isKept) keep(batches, index + 1, plaintext, at + frames.dataLength);
        isKept = true;
        await pauses.take();
      }
    } catch (error) {
      // Whatever a platform says, that a frame is not what was sealed is all that is told.
      if (!isWaxsealError(error)) session.call("failed");
      throw error;
    }
    session.check();
    if (!sealer.tellsSession) session.call("opened", frames.count, isObserved ? frames.tags() : NONE);
    if (verifies) session.call("verify", frames.wire);
    at += frames.dataLength;
  }
}

/** Puts what the caller could change during a wait where its plaintext will be. */
function keep(batches, next, plaintext, at) {
  for (; next < batches.length; next++) {
    batches[next] = batches[next].moved(plaintext, at);
    at += batches[next].dataLength;
  }
}

async function verify(session, platform, packed, message) {
  const { verify } = await platform.signatures();
  const { curve, publicKey, signature } = signatureOf(packed);
  const isRight = await verify(curve, publicKey, message, signature);
  session.check();
  session.call("verified", isRight);
}

/** What a session has left to verify: the length of the public key, that key, the signature. */
export function signatureOf(packed) {
  const end = 1 + packed[0];
  return { curve: packed[0] === P256_POINT ? "P-256" : "P-384", publicKey: packed.subarray(1, end), signature: packed.subarray(end) };
}

/** Bytes of a compressed point. */
const P256_POINT = 33;
/** So much of a message is looked at for its header at first. */
const FIRST_BYTES = 4096;
