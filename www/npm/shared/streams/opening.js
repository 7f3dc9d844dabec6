// Decrypts what arrives in pieces. WebAssembly reads the header and the heads of frames, an engine opens them, and each is given away when its tag is
// verified, the last ones of a signed message once the signature is.

import { allocated } from "../bytes.js";
import { NONE, isPromise, sealerFor } from "../engines/engine.js";
import { Frames, OVERHEAD } from "../engines/frames.js";
import { MAX_HEAD_LENGTH } from "../engines/record.js";
import { isWaxsealError } from "../errors.js";
import { signatureOf, starts } from "../opening.js";
import { CURVES } from "../sealing.js";
import { Gathered } from "./gathered.js";
import { Progress } from "./progress.js";
import { framesInBatch, windowed } from "./window.js";

/**
 * First `{ header, encryptionContext }`, then the plaintext, piece by piece.
 * @param {(operation: (instance) => Promise<object>) => Promise<object>} inModule runs an operation in the module that can do it
 * @param {{ settings, reading, size?: number, onProgress?, traced? }} call
 * @param {import("./inlet.js").Inlet} inlet
 */
export async function* opened(inModule, platform, call, inlet, signal) {
  const first = new FirstBytes(inlet);
  const { session, facts, signatures } = await inModule(async (instance) => {
    await instance.enter();
    // Where the platform can not verify what arrives in pieces, WebAssembly does: the full module.
    const signatures = platform.signsStreams ? await platform.signatures() : undefined;
    const reading = { ...call.reading, verifyElsewhere: signatures !== undefined };
    first.rewind();
    const message = { first: NONE, length: call.size, more: (count) => first.more(count) };
    return instance.machine.startOpening(instance, { ...call, reading, signal }, message, ({ session, ...facts }) => ({ session, facts, signatures }));
  });
  let body;
  // Plaintext that is opened and not given away.
  let waiting;
  try {
    const { isSigned, isObserved } = session.facts;
    const verifier = isSigned ? signatures?.makeStreamVerifier(CURVES[facts.header.suite]) : undefined;
    const verify = isSigned && (verifier ? (bytes) => verifier.update(bytes) : (bytes) => session.call("verify", bytes));
    verifier?.update(first.bytes);
    const { frameLength = Infinity } = facts.header;
    const sealer = await sealerFor(platform, session, { messageLength: call.size ?? Infinity, frameLength });
    session.check();
    yield facts;
    body = new Body(session, sealer, inlet, frameLength);
    const progress = new Progress(call);
    progress.bytes = first.bytes.length;
    for await (const { frames, wire, plaintext, isLast } of windowed(() => body.begin())) {
      waiting = plaintext;
      session.check();
      if (!sealer.tellsSession) session.call("opened", frames.count, isObserved ? frames.tags() : NONE);
      if (verify) verify(wire);
      if (isLast && isSigned) await finish(session, inlet, verifier);
      progress.add(wire.length, frames.count);
      body.reuse(wire);
      waiting = undefined;
      if (plaintext.length > 0) yield plaintext;
      if (isLast && !isSigned) await finish(session, inlet);
    }
  } catch (error) {
    if (error === NOT_WHAT_WAS_SEALED) session.call("failed");
    throw error;
  } finally {
    waiting?.fill(0);
    body?.wipe();
    session.free();
  }
}

/** Takes what follows the last frame: a signature, which is verified, or nothing. */
async function finish(session, inlet, verifier) {
  const footer = new Gathered();
  for (let rest; footer.length < MAX_FOOTER_LENGTH && (rest = await inlet.rest()); ) inlet.take(footer.append(rest, MAX_FOOTER_LENGTH));
  session.check();
  const packed = session.call("finish", footer.bytes);
  if (packed.length === 0) return;
  const { publicKey, signature } = signatureOf(packed);
  session.call("verified", verifier.verify(publicKey, signature));
}

/** The bytes before the body. They are kept, because another module may have to start anew with them. */
class FirstBytes {
  #inlet;
  #kept = new Gathered();
  #at = 0;

  constructor(inlet) {
    this.#inlet = inlet;
  }

  get bytes() {
    return this.#kept.bytes;
  }

  rewind() {
    this.#at = 0;
  }

  /** So many of the next bytes, fewer at the end of all. */
  async more(count) {
    const end = this.#at + count;
    for (let rest; this.#kept.length < end && (rest = await this.#inlet.rest()); ) this.#inlet.take(this.#kept.append(rest, end));
    const bytes = this.#kept.bytes.subarray(this.#at, end);
    this.#at += bytes.length;
    return bytes;
  }
}

/** Takes frames from what arrives. */
class Body {
  #session;
  #sealer;
  #inlet;
  #frameLength;
  #most;
  /** Of the frames that are planned, or of the head of the next one. */
  #held = new Gathered();
  #isOver = false;

  constructor(session, sealer, inlet, frameLength) {
    this.#session = session;
    this.#sealer = sealer;
    this.#inlet = inlet;
    this.#frameLength = frameLength;
    this.#most = framesInBatch(frameLength, session.facts.isObserved);
  }

  /** Begins to open the next frames, once they are there. */
  async begin() {
    if (this.#isOver) return undefined;
    const rest = await this.#rest();
    const count = Math.min(this.#most, Math.floor(rest.length / (this.#frameLength + OVERHEAD)));
    const plans = count > 0 ? this.#session.call("plan", starts(rest, 0, this.#frameLength, count), MAX_HEAD_LENGTH) : await this.#planOne();
    const { end } = new Frames(plans, NONE, 0);
    this.#isOver = this.#session.call("missingHead") === 0;
    await this.#hold(end);
    return this.#open(new Frames(plans, this.#held.release(), 0));
  }

  /** Takes back where frames were that are opened. */
  reuse(wire) {
    this.#held.reuse(wire);
  }

  wipe() {
    this.#held.wipe();
  }

  /** From its head alone, which tells how long it is. */
  async #planOne() {
    for (;;) {
      const [start, missing] = [this.#held.length, this.#session.call("missingHead")];
      await this.#hold(start + missing);
      const plans = this.#session.call("plan", this.#held.bytes.subarray(start), missing);
      if (plans.length > 0) return plans;
    }
  }

  async #hold(length) {
    while (this.#held.length < length) this.#inlet.take(this.#held.append(await this.#rest(), length));
  }

  async #rest() {
    const rest = await this.#inlet.rest();
    this.#session.check();
    // Cut short: the session, which still waits for frames, says so.
    if (!rest) this.#session.call("finish", NONE);
    return rest;
  }

  #open(frames) {
    const plaintext = allocated(frames.dataLength);
    const wipe = () => plaintext.fill(0);
    const refused = (error) => {
      wipe();
      throw isWaxsealError(error) ? error : NOT_WHAT_WAS_SEALED;
    };
    const batch = { frames, wire: frames.wire, plaintext, bytes: plaintext.length, isLast: this.#isOver, wipe };
    try {
      const done = this.#sealer.open(frames, plaintext, 0);
      return { ...batch, done: isPromise(done) ? done.catch(refused) : undefined };
    } catch (error) {
      return refused(error);
    }
  }
}

/** Whatever a platform says, that a frame is not what was sealed is all that is told. */
const NOT_WHAT_WAS_SEALED = new Error("a frame is not what was sealed");
/** The length of a signature is written in two bytes. One byte more is too much of a footer, and none is asked for after it. */
const MAX_FOOTER_LENGTH = 2 + 65_535 + 1;
