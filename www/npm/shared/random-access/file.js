// A message of which parts are read. Only the frames that are needed are fetched, and each is verified before anything of it is shown.

import { allocated } from "../bytes.js";
import { invalid, options, optional, signal as checkSignal, whole } from "../check.js";
import { DISPOSE } from "../dispose.js";
import { isPromise, sealerFor } from "../engines/engine.js";
import { Frames, OVERHEAD } from "../engines/frames.js";
import { MAX_HEAD_LENGTH } from "../engines/record.js";
import { isWaxsealError } from "../errors.js";
import { aborted } from "../failed.js";
import { starts } from "../opening.js";
import { FIRST_BYTES } from "./http.js";
import { sourceOf } from "./sources.js";

/**
 * Verifies the header and the last frame, so that a message that was cut off is noticed.
 * @param inModule runs an operation in the module that can do it
 * @param {{ settings, reading, signal?: AbortSignal, traced?, fetch?, dangerIgnoreSignature: boolean }} call
 * @param source what `sourceOf` takes
 * @returns {Promise<SealedFile>}
 */
export async function openFile(inModule, platform, call, source) {
  const { signal, dangerIgnoreSignature } = call;
  if (signal?.aborted) throw aborted(signal);
  const message = await sourceOf(source, call);
  let at = Math.min(message.size, FIRST_BYTES);
  const first = await message.read(0, at, signal);
  const more = (count) => message.read((at += count) - count, count, signal);
  // A signature can not be verified in parts, wherever that is.
  const reading = { ...call.reading, verifyElsewhere: true };
  const { session, ...facts } = await inModule(async (instance) => {
    await instance.enter();
    at = first.length;
    return instance.machine.startOpeningParts(instance, { ...call, reading }, { first, length: message.size, more, dangerIgnoreSignature }, (started) => started);
  });
  try {
    const { frameLength } = facts.header;
    const sealer = await sealerFor(platform, session, { messageLength: message.size, frameLength });
    const frames = new FrameReader(session, sealer, message, frameLength);
    await frames.findEnd(signal);
    return new SealedFile(frames, facts);
  } catch (error) {
    session.free();
    throw error;
  }
}

class SealedFile {
  #frames;

  constructor(frames, { header, encryptionContext }) {
    this.#frames = frames;
    this.size = frames.plaintextLength;
    this.header = header;
    this.encryptionContext = encryptionContext;
  }

  async read(offset, length, given) {
    const signal = optional(options(given, "read", ["signal"]).signal, checkSignal, "signal");
    const start = Math.min(position(offset, "offset"), this.size);
    return this.#frames.read(start, Math.min(start + position(length, "length"), this.size), signal);
  }

  stream(given) {
    const { start = 0, end = this.size, signal } = options(given, "stream", ["start", "end", "signal"]);
    optional(signal, checkSignal, "signal");
    let at = Math.min(position(start, "start"), this.size);
    const last = Math.min(position(end, "end"), this.size);
    const stop = new AbortController();
    const abort = () => stop.abort(signal.reason);
    const over = () => signal?.removeEventListener("abort", abort);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort);
    const pull = async (controller) => {
      try {
        const next = this.#frames.endOfBatch(at, last);
        if (next > at) controller.enqueue(await this.#frames.read(at, next, stop.signal));
        at = next;
      } catch (error) {
        over();
        throw error;
      }
      if (at < last) return;
      over();
      controller.close();
    };
    const cancel = (reason) => (over(), stop.abort(reason));
    return new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
  }

  /** Forgets the key. */
  close() {
    this.#frames.close();
  }

  [DISPOSE]() {
    this.close();
  }
}

/** Fetches and opens frames by their numbers, from 1. */
class FrameReader {
  #session;
  #sealer;
  #message;
  #frameLength;
  #bodyAt;
  #count;
  #lastFrame;
  #bodyLength;
  #isSigned;
  #isObserved;

  constructor(session, sealer, message, frameLength) {
    this.#session = session;
    this.#sealer = sealer;
    this.#message = message;
    this.#frameLength = frameLength;
    const { headerLength, isSigned, isObserved } = session.facts;
    this.#bodyAt = headerLength;
    this.#isSigned = isSigned;
    this.#isObserved = isObserved;
  }

  /** Opens the last frame, which proves how long the message is. */
  async findEnd(signal) {
    const rest = this.#message.size - this.#bodyAt;
    for (const footerLength of this.#isSigned ? await this.#footers(signal) : [0]) {
      const shape = this.#session.call("shape", rest - footerLength);
      if (!shape) continue;
      this.#count = shape.frames;
      this.#lastFrame = shape.lastFrame;
      this.#bodyLength = rest - footerLength;
      this.plaintextLength = shape.plaintextLength;
      try {
        const plaintext = await this.#open(shape.frames, shape.frames, signal);
        return plaintext.fill(0);
      } catch (error) {
        // What looked like a footer was none; the next is tried.
        if (!isWaxsealError(error) || error.code !== "DecryptionFailed" || !this.#isSigned) throw error;
      }
    }
    return this.#session.call("failed");
  }

  /** The bytes of the plaintext from some place to another. */
  async read(start, end, signal) {
    if (!this.#sealer) throw closed();
    if (start >= end) return new Uint8Array();
    const first = Math.floor(start / this.#frameLength) + 1;
    const last = Math.floor((end - 1) / this.#frameLength) + 1;
    const plaintext = await this.#open(first, last, signal);
    const from = start - (first - 1) * this.#frameLength;
    const wanted = from === 0 && end - start === plaintext.length ? plaintext : plaintext.slice(from, from + end - start);
    if (wanted !== plaintext) plaintext.fill(0);
    return wanted;
  }

  /** How far a stream goes that reads whole frames, some at once. */
  endOfBatch(start, end) {
    const frames = Math.max(1, Math.floor(BATCH_BYTES / this.#frameLength));
    return Math.min(end, (Math.floor(start / this.#frameLength) + frames) * this.#frameLength);
  }

  close() {
    this.#session.free();
    this.#sealer = undefined;
  }

  async #open(first, last, signal) {
    const each = this.#frameLength + OVERHEAD;
    const from = (first - 1) * each;
    const to = last === this.#count ? this.#bodyLength : last * each;
    const wire = await this.#message.read(this.#bodyAt + from, to - from, signal);
    if (signal?.aborted) throw aborted(signal);
    const heads = starts(wire, 0, this.#frameLength, last - first + 1);
    const frames = new Frames(this.#session.call("plan", first, heads, MAX_HEAD_LENGTH), wire, 0);
    if (frames.count !== last - first + 1 || frames.end !== wire.length) this.#session.call("failed");
    const plaintext = await this.#opened(frames, first, heads);
    if (!signal?.aborted) return plaintext;
    plaintext.fill(0);
    throw aborted(signal);
  }

  async #opened(frames, first, heads) {
    const sealer = this.#sealer;
    if (!sealer) throw closed();
    if (sealer.tellsSession) return this.#session.call("open", first, heads, MAX_HEAD_LENGTH, frames.wire);
    const plaintext = allocated(frames.dataLength);
    try {
      const opening = sealer.open(frames, plaintext, 0);
      if (isPromise(opening)) await opening;
    } catch {
      plaintext.fill(0);
      // Whatever a platform says, that a frame is not what was sealed is all that is told.
      this.#session.call("failed");
    }
    if (this.#isObserved) this.#session.call("opened", first, heads, MAX_HEAD_LENGTH, frames.tags());
    return plaintext;
  }

  /** How long a footer may be, by what the message ends with: two bytes of length, then a signature, which is a sequence in DER. */
  async #footers(signal) {
    const length = Math.min(MAX_FOOTER_LENGTH, this.#message.size - this.#bodyAt);
    const tail = await this.#message.read(this.#message.size - length, length, signal);
    const found = [];
    for (let at = 0; at + 4 <= tail.length; at++) {
      const rest = tail.length - at - 2;
      if (tail[at] === 0 && tail[at + 1] === rest && tail[at + 2] === 0x30 && tail[at + 3] === rest - 2) found.push(rest + 2);
    }
    return found;
  }
}

function closed() {
  return invalid("the file has been closed");
}

function position(value, what) {
  return whole(0, Number.MAX_SAFE_INTEGER)(value, what);
}

/** So much of it a stream fetches at once. */
const BATCH_BYTES = 1024 * 1024;
/** Two bytes of length, and the longest signature on P-384. */
const MAX_FOOTER_LENGTH = 2 + 104;
