// Encrypts. A short message goes through WebAssembly as a whole, where that has ciphers. The data of others stays here: WebAssembly writes the header and plans the
// frames, and an engine seals them.

import { allocated } from "./bytes.js";
import { framesAtOnce, isPromise, NONE, Pauses, sealerFor } from "./engines/engine.js";
import { Frames } from "./engines/frames.js";
import { isShort } from "./engines/table.js";
import { isWaxsealError } from "./errors.js";

/**
 * @param {{ settings, encryptionContext, signal?: AbortSignal, traced?, cache? }} call
 * @param {import("./bytes.js").Input} input the plaintext
 * @returns {Promise<Uint8Array>} the message
 */
export async function encrypt(instance, platform, call, input) {
  const { settings, cache } = call;
  const keep = () => input.keep();
  const length = input.bytes.length;
  const curve = CURVES[settings.suite];
  if (instance.entered === undefined) {
    keep();
    await instance.enter();
  }
  if (!curve && instance.machine.takesWhole && isShort(platform.name, length)) {
    return instance.machine.startSealing(instance, { ...call, keep }, { length, whole: () => input.bytes }, (message) => message);
  }
  let signer;
  if (curve && platform.signs) {
    keep();
    signer = await signerFor(platform, curve, settings, cache);
  }
  return instance.machine.startSealing(instance, { ...call, keep }, { length, publicKey: signer?.publicKey }, (session) => {
    return seal(session, platform, input, { signer, signs: curve && !signer });
  });
}

/** Who signs the message: of a cache, whose data keys are bound to one. */
export function signerFor(platform, curve, { cachePartition }, cache) {
  const make = async () => (await platform.signatures()).makeSigner(curve);
  return cache ? cache.signer(cachePartition, curve, make) : make();
}

/** @param signing who signs; without anybody, whether WebAssembly does, which only the full module can */
async function seal(session, platform, input, { signer, signs }) {
  let message;
  try {
    const { header, frameLength, bodyLength, isObserved } = session.facts;
    const end = header.length + bodyLength;
    message = allocated(end + (signer?.footerLength ?? 0));
    message.set(header);
    let batches = planned(session, message, input.bytes);
    // Before a wait: whatever the caller does to the plaintext then, all of it is where it will be encrypted.
    const keep = () => {
      if (!input.isOwn) batches = [...batches].map((frames) => (frames.keep(), frames)).values();
    };
    let sealer = sealerFor(platform, session, { messageLength: input.bytes.length, frameLength });
    if (isPromise(sealer)) {
      keep();
      sealer = await sealer;
    }
    const pauses = new Pauses();
    for (let frames; (frames = batches.next().value); ) {
      const sealing = sealer.seal(frames);
      if (isPromise(sealing)) await sealing;
      else if (pauses.isDue(frames.dataLength)) {
        keep();
        await pauses.take();
      }
      session.check();
      if (!sealer.tellsSession) session.call("sealed", frames.count, isObserved ? frames.tags() : NONE);
      if (signs) session.call("sign", frames.wire);
    }
    const signature = signer && (await signer.sign(message.subarray(0, end)));
    return withFooter(message, end, session.call("finish", signature));
  } catch (error) {
    // Where it was not encrypted yet, it has plaintext.
    message?.fill(0);
    if (!isWaxsealError(error)) session.call("failed", String(error));
    throw error;
  } finally {
    session.free();
  }
}

/** The frames of the message in batches, planned one batch ahead of whoever asks for them. */
function* planned(session, message, plaintext) {
  const { header, frameLength, isObserved } = session.facts;
  const most = framesAtOnce(frameLength, isObserved);
  let full = Math.max(0, Math.ceil(plaintext.length / frameLength) - 1);
  const last = plaintext.length - full * frameLength;
  let [start, at] = [header.length, 0];
  for (let isOver = false; !isOver; ) {
    const count = Math.min(most, full);
    full -= count;
    isOver = count < most;
    const frames = new Frames(session.call("plan", count, isOver ? last : undefined), message, start);
    frames.prepare(plaintext, at);
    yield frames;
    [start, at] = [frames.end, at + frames.dataLength];
  }
}

/** A footer is nearly always as long as there is room for. */
function withFooter(message, end, footer) {
  if (message.length !== end + footer.length) {
    const exact = allocated(end + footer.length);
    exact.set(message.subarray(0, end));
    message = exact;
  }
  message.set(footer, end);
  return message;
}

/** On which curve the suites sign that do. */
export const CURVES = { __proto__: null, "0214": "P-256", "0346": "P-384", "0378": "P-384", "0578": "P-384" };
