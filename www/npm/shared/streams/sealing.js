// Encrypts what arrives in pieces. WebAssembly plans the frames as their lengths become known, an engine seals them.

import { allocated } from "../bytes.js";
import { invalid } from "../check.js";
import { NONE, isPromise, sealerFor } from "../engines/engine.js";
import { Frames } from "../engines/frames.js";
import { isWaxsealError } from "../errors.js";
import { CURVES, signerFor } from "../sealing.js";
import { Gathered } from "./gathered.js";
import { Progress } from "./progress.js";
import { framesInBatch, windowed } from "./window.js";

/**
 * The message, piece by piece. Its header comes at once, a frame when it is known whether another one follows.
 * @param {(operation: (instance) => Promise<Session>) => Promise<Session>} inModule runs an operation in the module that can do it
 * @param {{ settings, encryptionContext, size?: number, onProgress?, traced? }} call
 * @param {import("./inlet.js").Inlet} inlet
 */
export async function* sealed(inModule, platform, call, inlet, signal) {
  const { settings, size } = call;
  const curve = CURVES[settings.suite];
  const { session, signer } = await inModule(async (instance) => {
    await instance.enter();
    // Where the platform can not sign what arrives in pieces, WebAssembly does: the full module.
    const signer = curve && platform.signsStreams ? await signerFor(platform, curve, settings, call.cache) : undefined;
    const message = { length: size, publicKey: signer?.publicKey };
    const session = await instance.machine.startSealing(instance, { ...call, signal }, message, (session) => session);
    return { session, signer: signer?.start() };
  });
  const sign = curve && (signer ? (bytes) => signer.update(bytes) : (bytes) => session.call("sign", bytes));
  let plaintext;
  try {
    const { header, frameLength, isObserved } = session.facts;
    signer?.update(header);
    const sealer = await sealerFor(platform, session, { messageLength: size ?? Infinity, frameLength });
    session.check();
    yield header;
    plaintext = new Plaintext(session, sealer, inlet);
    const progress = new Progress(call);
    for await (const { frames, wire } of windowed(() => plaintext.begin())) {
      session.check();
      if (!sealer.tellsSession) session.call("sealed", frames.count, isObserved ? frames.tags() : NONE);
      sign?.(wire);
      progress.add(frames.dataLength, frames.count);
      yield wire;
    }
    if (size !== undefined && progress.bytes !== size) throw invalid(`size is ${size}, and ${progress.bytes} bytes came`);
    const footer = session.call("finish", signer?.sign());
    if (footer.length > 0) yield footer;
  } catch (error) {
    if (!isWaxsealError(error)) session.call("failed", String(error));
    throw error;
  } finally {
    plaintext?.wipe();
    session.free();
  }
}

/** Cuts what arrives into frames. */
class Plaintext {
  #session;
  #sealer;
  #inlet;
  #frameLength;
  #most;
  /** One frame at most, because which one is the last shows only at the end. */
  #held = new Gathered();
  #isOver = false;

  constructor(session, sealer, inlet) {
    const { frameLength, isObserved } = session.facts;
    this.#session = session;
    this.#sealer = sealer;
    this.#inlet = inlet;
    this.#frameLength = frameLength;
    this.#most = framesInBatch(frameLength, isObserved);
  }

  /** Begins to seal the next frames, once there are any. */
  async begin() {
    while (!this.#isOver) {
      const rest = await this.#inlet.rest();
      this.#isOver = !rest;
      if (!rest) return this.#seal(this.#session.call("plan", 0, this.#held.length), this.#held.bytes);
      // More follows, so a frame that is full is not the last.
      if (this.#held.length === this.#frameLength) return this.#seal(this.#session.call("plan", 1), this.#held.bytes);
      const count = Math.min(this.#most, Math.floor((rest.length - 1) / this.#frameLength));
      if (this.#held.length === 0 && count > 0) {
        const batch = this.#seal(this.#session.call("plan", count), rest);
        this.#inlet.take(count * this.#frameLength);
        return batch;
      }
      this.#inlet.take(this.#held.append(rest, this.#frameLength));
    }
    return undefined;
  }

  wipe() {
    this.#held.wipe();
  }

  /** What is still to be encrypted when this returns is where that will be. */
  #seal(plans, plaintext) {
    const { end } = new Frames(plans, NONE, 0);
    const wire = allocated(end);
    const frames = new Frames(plans, wire, 0);
    frames.prepare(plaintext, 0);
    const wipe = () => wire.fill(0);
    try {
      const done = this.#sealer.seal(frames);
      this.#held.clear();
      return { frames, wire, bytes: end, done: isPromise(done) ? done : undefined, wipe };
    } catch (error) {
      wipe();
      throw error;
    }
  }
}
