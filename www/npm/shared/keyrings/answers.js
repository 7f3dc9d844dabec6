// What a keyring of ours that is written in JavaScript can answer besides what those of users can.

/** It can not do it. */
export class Refused {
  /** @param {string} [reason] what the caller can do something about; nobody is told why a data key does not unwrap */
  constructor(reason = "") {
    this.reason = reason;
  }
}

/** A data key, and which of the copies that it was given it unwrapped: for the trace. */
export class Unwrapped {
  constructor(dataKey, at) {
    this.dataKey = dataKey;
    this.at = at;
  }
}
