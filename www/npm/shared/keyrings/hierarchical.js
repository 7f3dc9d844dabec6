// Keyrings of branch keys, which a KMS keeps wrapped in a store of the user's.

import { wellFormed } from "../bytes.js";
import { invalid, optional, options, signal as checkSignal, text, whole } from "../check.js";
import { BranchKeyCache } from "./branch-key-cache.js";
import { checkKms } from "./kms.js";
import { Keyring } from "./keyring.js";

export function hierarchicalKeyring(given) {
  const { kms, keyArn, store, branchKeyId, cache } = options(given, "hierarchicalKeyring", ["kms", "keyArn", "store", "branchKeyId", "cache"]);
  checkKms(kms, ["decrypt"]);
  for (const method of ["active", "version"]) {
    if (typeof store?.[method] !== "function") throw invalid(`store has no method \`${method}\``);
  }
  return new Keyring({
    kind: "hierarchical",
    kms,
    keyArn: text(keyArn, "keyArn"),
    store,
    branchKeyId: typeof branchKeyId === "function" ? branchKeyId : name(branchKeyId, "branchKeyId"),
    cache: optional(cache, cacheOf, "cache"),
  });
}

/** The options of `makeBranchKey`. */
export function branchKeyRequest(given) {
  const { kms, keyArn, branchKeyId, tableName, signal } = options(given, "makeBranchKey", MAKE_OPTIONS);
  checkKms(kms, ["generateDataKey", "encrypt"]);
  return {
    kms,
    keyArn: text(keyArn, "keyArn"),
    branchKeyId: name(branchKeyId, "branchKeyId"),
    tableName: name(tableName, "tableName"),
    signal: optional(signal, checkSignal, "signal"),
  };
}

function cacheOf(given, what) {
  const { maxAge, capacity } = options(given, what, ["maxAge", "capacity"]);
  const seconds = whole(1, 0xffff_ffff)(maxAge, "maxAge of the cache");
  return new BranchKeyCache(seconds * 1000, optional(capacity, whole(1, 0xffff_ffff), "capacity of the cache") ?? 1000);
}

const name = (value, what) => wellFormed(text(value, what), what);
const MAKE_OPTIONS = ["kms", "keyArn", "branchKeyId", "tableName", "signal"];
