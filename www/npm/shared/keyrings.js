// The keyrings there are.

export { hierarchicalKeyring } from "./keyrings/hierarchical.js";
export { kmsDiscoveryKeyring, kmsKeyring, mrkDiscoveryKeyring, mrkKeyring } from "./keyrings/kms.js";
export { multiKeyring } from "./keyrings/multi.js";
export { rawAesKeyring, rawRsaKeyring } from "./keyrings/raw.js";
