// Whole messages, in any runtime: waxseal, the official AWS Encryption SDK for that runtime, and WebCrypto with nothing around it, call by call in turn,
// so that a busy machine slows all of them. Suite and frame length are the same on both sides, keys are raw AES-256, and the context has one pair.

const CONTEXT = { tenant: "42" };
export const KEY = new Uint8Array(32).fill(7); // a key that protects nothing
const KIB = 1024;
const MIB = 1024 * KIB;

/** `frameLength` 0 stands for the default of waxseal. */
const CELLS = [
  { suite: "committing", frameLength: 4 * KIB, sizes: [64, KIB, 4 * KIB, 64 * KIB, MIB, 64 * MIB] },
  { suite: "committing", frameLength: 4 * KIB, cached: true, sizes: [KIB] },
  { suite: "committing", frameLength: 0, sizes: [MIB, 64 * MIB] },
  { suite: "committing-signed", frameLength: 4 * KIB, sizes: [KIB, MIB, 64 * MIB] },
  { suite: "committing-signed", frameLength: 0, sizes: [64 * MIB] },
];

/**
 * @param waxseal the package
 * @param official `{ encrypt(plaintext, { suite, frameLength, context, cached }), decrypt(message, { cached }) }`; `cached` with a cache of data keys
 * @param say gets each line
 */
export async function compare({ waxseal, official, say }) {
  say("median milliseconds a call; ratio = official / waxseal, raw = WebCrypto alone / waxseal: above 1 waxseal is faster");
  say("suite              frames    size     operation   waxseal   official   ratio     raw");
  for (const { sizes, ...cell } of CELLS) {
    for (const size of sizes) {
      const peers = await peersOf(waxseal, official, cell);
      const times = await measure(peers, new Uint8Array(size).fill(1), roundsFor(size));
      for (const operation of ["encrypt", "decrypt"]) {
        const [ours, theirs, raw] = ["waxseal", "official", "raw"].map((name) => median(times[name][operation]));
        const numbers = [ours.toFixed(3).padStart(9), theirs.toFixed(3).padStart(10), (theirs / ours).toFixed(2).padStart(7), (raw / ours).toFixed(2).padStart(7)];
        say([`${cell.suite}${cell.cached ? ", cached" : ""}`.padEnd(18), text(peers.frameLength).padEnd(9), text(size).padEnd(8), operation.padEnd(10), ...numbers].join(" "));
      }
    }
  }
}

async function peersOf({ Client, rawAesKeyring }, official, { suite, frameLength: wanted, cached }) {
  const keyring = rawAesKeyring({ namespace: "bench", name: "key", key: KEY });
  const client = new Client({ keyring, suite, ...(wanted && { frameLength: wanted }), ...(cached && { cache: { maxAge: 3600 } }) });
  const { header } = await client.decrypt(await client.encrypt("x"));
  const { frameLength } = header;
  return {
    frameLength,
    waxseal: {
      encrypt: (plaintext) => client.encrypt(plaintext, { encryptionContext: CONTEXT }),
      decrypt: async (message) => (await client.decrypt(message)).plaintext,
    },
    official: {
      encrypt: (plaintext) => official.encrypt(plaintext, { suite, frameLength, context: CONTEXT, cached }),
      decrypt: (message) => official.decrypt(message, { cached }),
    },
    raw: await webCrypto(frameLength),
  };
}

/** The frames' ciphertexts in one array: what has to be done at the least. */
async function webCrypto(frameLength) {
  const { subtle } = crypto;
  const key = await subtle.importKey("raw", KEY, "AES-GCM", false, ["encrypt", "decrypt"]);
  const parameters = { name: "AES-GCM", iv: new Uint8Array(12), additionalData: new Uint8Array(72) };
  const convert = async (operation, input, from, to) => {
    const count = Math.ceil(input.length / from);
    const output = new Uint8Array(input.length + count * (to - from));
    let next = 0;
    const lane = async () => {
      while (next < count) {
        const index = next++;
        const part = input.subarray(index * from, (index + 1) * from);
        output.set(new Uint8Array(await subtle[operation](parameters, key, part)), index * to);
      }
    };
    await Promise.all(Array.from({ length: 16 }, lane));
    return output;
  };
  return {
    encrypt: (plaintext) => convert("encrypt", plaintext, frameLength, frameLength + 16),
    decrypt: (ciphertext) => convert("decrypt", ciphertext, frameLength + 16, frameLength),
  };
}

/** Two rounds warm up. */
async function measure({ frameLength, ...peers }, plaintext, { rounds, calls }) {
  const times = Object.fromEntries(Object.keys(peers).map((name) => [name, { encrypt: [], decrypt: [] }]));
  for (let round = -2; round < rounds; round++) {
    for (const [name, peer] of Object.entries(peers)) {
      let message, opened;
      const start = performance.now();
      for (let call = 0; call < calls; call++) message = await peer.encrypt(plaintext);
      const middle = performance.now();
      for (let call = 0; call < calls; call++) opened = await peer.decrypt(message);
      const end = performance.now();
      if (opened.length !== plaintext.length) throw new Error(`${name} gave back ${opened.length} bytes of ${plaintext.length}`);
      if (round < 0) continue;
      times[name].encrypt.push((middle - start) / calls);
      times[name].decrypt.push((end - middle) / calls);
    }
  }
  return times;
}

/** A browser's clock is too coarse for a single short call. */
const roundsFor = (size) => (size <= 64 * KIB ? { rounds: 20, calls: 10 } : { rounds: size <= MIB ? 15 : 5, calls: 1 });
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

function text(bytes) {
  return bytes >= MIB ? `${bytes / MIB} MiB` : bytes >= KIB ? `${bytes / KIB} KiB` : `${bytes} B`;
}
