// A WebAssembly module: loaded at the first use, and replaced after a trap.

import { WaxsealError, isWaxsealError } from "./errors.js";

export class Instance {
  #open;
  #glue;
  #module;
  #loading;
  #machine;
  #exports;
  #generation = 0;

  /**
   * `open` gives what wasm-bindgen generated, what loads the module and, of the SDK's, what starts messages in it: `{ glue, load, machine }`, at once or, where that is
   * a script of its own, later.
   *
   * @typedef {() => BufferSource | WebAssembly.Module | Promise<BufferSource | WebAssembly.Module>} Load
   * @param {() => { glue: object, load: Load, machine?: object } | Promise<{ glue: object, load: Load, machine?: object }>} open
   */
  constructor(open) {
    this.#open = open;
  }

  /** Loads the module; a failure is forgotten, so that the next call tries again. */
  async ready() {
    this.#loading ??= this.#compile();
    try {
      this.#module = await this.#loading;
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
  }

  /** Which instance there is now. */
  get generation() {
    return this.#generation;
  }

  /** The instance to work with, as `enter` names it, if there is one without waiting. */
  get entered() {
    return this.#exports ? this.#generation : undefined;
  }

  /** What starts messages in the module, once it is entered: `small/start.js` or `full/machine.js`. */
  get machine() {
    return this.#machine;
  }

  /** An instance to work with, named by its generation. */
  async enter() {
    await this.ready();
    try {
      if (!this.#exports) this.#instantiate();
    } catch (cause) {
      throw new WaxsealError({ code: "LoadFailed", message: whyNotLoaded(cause), cause, retryable: true });
    }
    return this.#generation;
  }

  /**
   * Every call into the module. The module returns the errors it knows; whatever it throws is a trap or as bad, and leaves memory in an
   * unknown state with secrets in it: the memory is overwritten, and another instance takes its place.
   */
  step(generation, call) {
    if (generation !== this.#generation) throw gone();
    try {
      return call(this.#glue);
    } catch (cause) {
      this.#replace();
      const message = "waxseal failed and has wiped its memory; this is a bug in waxseal, please report it";
      throw new WaxsealError({ code: "Internal", message, cause });
    }
  }

  /** Gives an object of the module back, unless it has gone with its instance. */
  free(generation, object) {
    if (generation === this.#generation) this.step(generation, (glue) => object.free(glue));
  }

  /** At once, because the garbage collector gives objects of the old instance back, and only a new one tells the glue that they are gone. */
  #replace() {
    new Uint8Array(this.#exports.memory.buffer).fill(0);
    this.#exports = undefined;
    this.#generation++;
    try {
      this.#instantiate();
    } catch {
      // No memory for another one just now; the next call tries again.
    }
    this.#machine?.replaced?.();
  }

  #instantiate() {
    if (this.#generation > 0) this.#glue.__wbg_reset_state();
    this.#exports = this.#glue.initSync({ module: this.#module });
  }

  async #compile() {
    try {
      const { glue, load, machine } = await this.#open();
      this.#glue = glue;
      this.#machine = machine;
      const source = await load();
      return source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
    } catch (cause) {
      if (isWaxsealError(cause)) throw cause;
      throw new WaxsealError({ code: "LoadFailed", message: whyNotLoaded(cause), cause, retryable: !(cause instanceof WebAssembly.CompileError) });
    }
  }
}

function gone() {
  const message = "another operation has failed, and what this one held in memory was wiped with it; start anew";
  return new WaxsealError({ code: "Internal", message });
}

function whyNotLoaded(cause) {
  if (typeof WebAssembly === "undefined") return "this platform has no WebAssembly";
  const text = String(cause?.message ?? cause);
  if (/content security policy|\bcsp\b|unsafe-eval|disallowed by embedder/i.test(text)) {
    return "the page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src (not 'unsafe-eval')";
  }
  return `waxseal's WebAssembly module can not be loaded: ${text}`;
}
