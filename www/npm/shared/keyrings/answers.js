// What a keyring of ours that is written in JavaScript answers when it can not do it.

export class Refused {
  /** @param {string} [reason] what the caller can do something about; nobody is told why a data key does not unwrap */
  constructor(reason = "") {
    this.reason = reason;
  }
}
