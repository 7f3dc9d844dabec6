// A keyring is a description of what wraps and unwraps data keys, made at once; each operation builds what it needs from it.

import { invalid } from "../check.js";
import { DISPOSE } from "../dispose.js";

const descriptions = new WeakMap();

/** What `description` says is documented in `crates/npm-sdk/src/keyring.rs`. */
export class Keyring {
  constructor(description) {
    descriptions.set(this, description);
  }

  /** Overwrites the keyring's own copies of keys; the keyring can not be used any more. */
  [DISPOSE]() {
    const description = descriptions.get(this);
    descriptions.delete(this);
    description?.cache?.clear();
    if (description?.isOurs) description.keyring.clear();
    for (const name of SECRETS) {
      description?.[name]?.fill(0);
      // An operation that has not yet taken the key over finds none, rather than zeros.
      if (description?.[name]) description[name] = new Uint8Array();
    }
  }
}

/** What WebAssembly gets of a keyring. */
export function describe(keyring, what) {
  if (!(keyring instanceof Keyring)) return describeOwn(keyring, what);
  const description = descriptions.get(keyring);
  if (!description) throw invalid(`${what} has been disposed of`);
  if (description.kind !== "multi") return description;
  const { generator, children } = description;
  return {
    kind: "multi",
    generator: generator && describe(generator, "generator"),
    children: children.map((child, index) => describe(child, `children[${index}]`)),
  };
}

/** An object of the user's own is a keyring by its methods. */
function describeOwn(keyring, what) {
  const [makes, wraps, unwraps] = ["makeDataKey", "wrapDataKey", "unwrapDataKey"].map((method) => typeof keyring?.[method] === "function");
  if (makes || wraps || unwraps) return { kind: "own", keyring, makes, wraps, unwraps };
  throw invalid(`${what} is not a keyring; make one with kmsKeyring or one of the others, or pass an object with wrapDataKey and unwrapDataKey`);
}

const SECRETS = ["key", "privateKey"];
