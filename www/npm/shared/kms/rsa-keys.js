// RSA keys from a platform that makes them faster than WebAssembly does.

/** @param generateKeyPairSync that of `node:crypto` */
export const rsaKeysOf = (generateKeyPairSync) => (bits) =>
  generateKeyPairSync("rsa", {
    modulusLength: bits,
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "der" },
  }).privateKey;
