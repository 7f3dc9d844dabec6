// Typed members of what a service answered. One that is not there, or is something else, makes all of it no answer.

import { decode } from "./base64.js";
import { nonsense } from "./fault.js";

export class Members {
  #vendor;
  #json;
  #told;

  constructor(vendor, { json, status }, requestId) {
    this.#vendor = vendor;
    this.#json = json;
    this.#told = { status, requestId };
    if (!json) throw this.wrong("what is no JSON object");
  }

  text(name) {
    const value = this.#json[name];
    if (typeof value !== "string" || value === "") throw this.wrong(`no \`${name}\` that is a string`);
    return value;
  }

  bytes(name) {
    const value = decode(this.text(name));
    if (!value?.length) throw this.wrong(`a \`${name}\` that is not base64 of anything`);
    return value;
  }

  object(name) {
    const value = this.#json[name];
    if (typeof value !== "object" || value === null) throw this.wrong(`no \`${name}\` that is an object`);
    return value;
  }

  /** A data key of the length that was asked for; a wrong one is overwritten. */
  dataKey(bytes, length) {
    if (bytes.length === length) return bytes;
    bytes.fill(0);
    throw this.wrong(`a data key of ${bytes.length} bytes where ${length} were asked for`);
  }

  wrong(what) {
    return nonsense(this.#vendor, what, this.#told);
  }
}
