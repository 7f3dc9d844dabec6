// The keyrings there are.

export { hierarchicalKeyring } from "./keyrings/hierarchical.js";
export { kmsDiscoveryKeyring, kmsKeyring, mrkDiscoveryKeyring, mrkKeyring } from "./keyrings/kms.js";
export { multiKeyring } from "./keyrings/multi.js";
export { rawAesKeyring } from "./keyrings/raw.js";
export { rawRsaKeyring } from "./keyrings/raw-rsa.js";
