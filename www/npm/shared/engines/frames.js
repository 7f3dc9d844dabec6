// Frames that WebAssembly has planned, and the array they lie in. Plans come packed, as bytes in places of fixed length, so that those of a
// thousand frames are one call.

import { DATA_LENGTH, IV, IV_LENGTH, AAD, AAD_LENGTH, HEAD, HEAD_LENGTH, RECORD } from "./record.js";

const TAG_LENGTH = 16;
/** Bytes of a frame besides its data, for all but the last. */
export const OVERHEAD = 16 + TAG_LENGTH;

/** Some frames of a message, one after the other as they are in it: head, data, tag. */
export class Frames {
  #plans;
  #numbers;
  #message;
  #start;
  #stride;
  #plaintext;
  #from;
  #tags;

  /**
   * @param {Uint8Array} plans one record for each frame
   * @param {Uint8Array} message what they lie in
   * @param {number} start where the first one starts
   */
  constructor(plans, message, start) {
    this.#plans = plans;
    this.#numbers = new DataView(plans.buffer, plans.byteOffset, plans.byteLength);
    this.#message = message;
    this.#start = start;
    this.count = plans.length / RECORD;
    // All are as long as the first. A shorter one is the last, and nothing is to be found behind it.
    this.frameLength = this.count > 0 ? this.length(0) : 0;
    this.#stride = this.count > 0 ? this.#number(0, HEAD_LENGTH) + this.frameLength + TAG_LENGTH : 0;
  }

  /** The same frames in a copy of the message. */
  in(message) {
    return new Frames(this.#plans, message, this.#start);
  }

  /** The same frames with their data alone in another array, from some place on, and their tags kept besides. */
  moved(to, start) {
    const moved = new Frames(this.#plans, to, start);
    moved.#tags = this.tags();
    for (let index = 0; index < this.count; index++) moved.data(index).set(this.data(index));
    return moved;
  }

  /** Bytes of data in all of them. */
  get dataLength() {
    return this.count > 0 ? (this.count - 1) * this.frameLength + this.length(this.count - 1) : 0;
  }

  /** Where what follows them starts. */
  get end() {
    const last = this.count - 1;
    return last < 0 ? this.#start : this.#dataAt(last) + this.length(last) + TAG_LENGTH;
  }

  /** All of them in place. */
  get wire() {
    return this.#message.subarray(this.#start, this.end);
  }

  /** Bytes of data in one of them. */
  length(index) {
    const at = index * RECORD + DATA_LENGTH;
    return this.#numbers.getUint32(at + 4, true) * 2 ** 32 + this.#numbers.getUint32(at, true);
  }

  iv(index) {
    const at = index * RECORD + IV;
    return this.#plans.subarray(at, at + IV_LENGTH);
  }

  additionalData(index) {
    const at = index * RECORD + AAD;
    return this.#plans.subarray(at, at + this.#number(index, AAD_LENGTH));
  }

  /** A frame's data before it is sealed. */
  plaintext(index) {
    if (!this.#plaintext) return this.data(index);
    const at = this.#from + index * this.frameLength;
    return this.#plaintext.subarray(at, at + this.length(index));
  }

  /** A frame's data in place. */
  data(index) {
    const at = this.#dataAt(index);
    return this.#message.subarray(at, at + this.length(index));
  }

  /** A frame's tag in place. */
  tag(index) {
    if (this.#tags) return this.#tags.subarray(index * TAG_LENGTH, (index + 1) * TAG_LENGTH);
    const at = this.#dataAt(index) + this.length(index);
    return this.#message.subarray(at, at + TAG_LENGTH);
  }

  /** A frame's data and tag in place. */
  sealed(index) {
    const at = this.#dataAt(index);
    return this.#message.subarray(at, at + this.length(index) + TAG_LENGTH);
  }

  /** Puts the heads where they belong, for what is to be sealed: a plaintext, from some place on. */
  prepare(plaintext, from) {
    this.#plaintext = plaintext;
    this.#from = from;
    for (let index = 0; index < this.count; index++) {
      const [record, headLength] = [index * RECORD + HEAD, this.#number(index, HEAD_LENGTH)];
      this.#message.set(this.#plans.subarray(record, record + headLength), this.#dataAt(index) - headLength);
    }
  }

  /** Puts the plaintext where it will be sealed: whatever somebody does to theirs from now on changes nothing. */
  keep() {
    for (let index = 0; this.#plaintext && index < this.count; index++) this.data(index).set(this.plaintext(index));
    this.#plaintext = undefined;
  }

  /** The tags, one after the other. */
  tags() {
    const tags = new Uint8Array(this.count * TAG_LENGTH);
    for (let index = 0; index < this.count; index++) tags.set(this.tag(index), index * TAG_LENGTH);
    return tags;
  }

  #dataAt(index) {
    return this.#start + (this.#tags ? index * this.frameLength : index * this.#stride + this.#number(index, HEAD_LENGTH));
  }

  #number(index, field) {
    return this.#numbers.getUint32(index * RECORD + field, true);
  }
}
