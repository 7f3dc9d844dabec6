// Encrypts and decrypts with waxseal and with the official AWS Encryption SDK for Node, call by call in turn, and prints the medians as a ratio.
// Both use a raw AES-256 keyring, suite 0478 (commitment, no signature), 4096-byte frames and one pair of encryption context.
// `cargo xtask bench` runs it with WAXSEAL_TARBALL set to the packed npm package.
import { performance } from "node:perf_hooks";

import aws from "@aws-crypto/client-node";

import { installed } from "./installed.mjs";

const SIZES = [
  { label: "64 B", bytes: 64, rounds: 400 },
  { label: "1 KiB", bytes: 1024, rounds: 400 },
  { label: "64 KiB", bytes: 65_536, rounds: 100 },
  { label: "1 MiB", bytes: 1_048_576, rounds: 20 },
  { label: "16 MiB", bytes: 16_777_216, rounds: 5 },
];
const FRAME_LENGTH = 4096;
const CONTEXT = { tenant: "42" };
const KEY = new Uint8Array(32).fill(7); // a key that protects nothing

const peers = { waxseal: await waxseal(), official: official() };
console.log("median milliseconds a call; ratio = official / waxseal, above 1 waxseal is faster\n");
console.log("size     operation  waxseal    official   ratio");
for (const { label, bytes, rounds } of SIZES) {
  const times = await measure(new Uint8Array(bytes).fill(1), rounds);
  for (const operation of ["encrypt", "decrypt"]) {
    const [ours, theirs] = ["waxseal", "official"].map((name) => median(times[name][operation]));
    console.log([label.padEnd(8), operation.padEnd(10), ours.toFixed(3).padStart(8), theirs.toFixed(3).padStart(11), (theirs / ours).toFixed(2).padStart(8)].join(" "));
  }
}

/** One call of each in turn, so that a busy machine slows both; a tenth of the rounds, at least two, warm up. */
async function measure(plaintext, rounds) {
  const times = { waxseal: { encrypt: [], decrypt: [] }, official: { encrypt: [], decrypt: [] } };
  const warmUp = Math.max(2, Math.floor(rounds / 10));
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, peer] of Object.entries(peers)) {
      const start = performance.now();
      const message = await peer.encrypt(plaintext);
      const middle = performance.now();
      const opened = await peer.decrypt(message);
      const end = performance.now();
      if (opened.length !== plaintext.length) throw new Error(`${name} gave back ${opened.length} bytes of ${plaintext.length}`);
      if (round >= 0) {
        times[name].encrypt.push(middle - start);
        times[name].decrypt.push(end - middle);
      }
    }
  }
  return times;
}

async function waxseal() {
  const { Client, rawAesKeyring } = await installed("sdk/node.js");
  const client = new Client({ keyring: rawAesKeyring({ namespace: "bench", name: "key", key: KEY }), frameLength: FRAME_LENGTH });
  return {
    encrypt: (plaintext) => client.encrypt(plaintext, { encryptionContext: CONTEXT }),
    decrypt: async (message) => (await client.decrypt(message)).plaintext,
  };
}

function official() {
  const client = aws.buildClient(aws.CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const keyring = new aws.RawAesKeyringNode({
    keyNamespace: "bench",
    keyName: "key",
    unencryptedMasterKey: KEY,
    wrappingSuite: aws.RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
  const suiteId = aws.AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
  return {
    encrypt: async (plaintext) => (await client.encrypt(keyring, plaintext, { suiteId, frameLength: FRAME_LENGTH, encryptionContext: CONTEXT })).result,
    decrypt: async (message) => (await client.decrypt(keyring, message)).plaintext,
  };
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
