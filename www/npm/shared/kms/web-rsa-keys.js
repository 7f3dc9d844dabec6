// RSA keys from WebCrypto, for platforms that make none at once: a call that will need one is known by its request, the key is made while the
// page goes on, and then the engine is asked, which finds it ready. In WebAssembly a key takes seconds, in which nothing else runs.

export class WebRsaKeys {
  /** For the one step of the engine's that is running. */
  #lent;

  /** What the engine asks. Without a key of that size it makes one itself. */
  makeRsaKey = (bits) => {
    const lent = this.#lent;
    this.#lent = undefined;
    return lent?.bits === bits ? lent.bytes : undefined;
  };

  /**
   * Asks the KMS: at once, or when the key that this will take is made, `{ bits, bytes }`, which is handed over. What of it the engine did not
   * take, such as for a request that it refused, is wiped.
   */
  before(method, args, ask) {
    const bits = globalThis.crypto?.subtle && BITS.get(specIn(method, args));
    return bits ? whenMade(bits, ask) : ask();
  }

  /** Does a step of the engine's that may take the key. */
  lend(key, step) {
    this.#lent = key;
    try {
      return step();
    } finally {
      this.#lent = undefined;
    }
  }
}

async function whenMade(bits, ask) {
  const key = await make(bits);
  try {
    return await ask(key);
  } finally {
    key?.bytes.fill(0);
  }
}

/** Its bytes are PKCS #8 in DER; undefined where WebCrypto makes none, such as for want of memory. */
async function make(bits) {
  try {
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: bits, publicExponent: Uint8Array.of(1, 0, 1) };
    const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    return { bits, bytes: new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey)) };
  } catch {
    return undefined;
  }
}

/** The spec of the key pair that a call will make, if it makes one. */
function specIn(method, args) {
  const [operation, members] = method === "call" ? args.slice(2) : method === "handle" ? asked(args) : [];
  if (!members || members.DryRun === true) return undefined;
  switch (operation) {
    case "CreateKey":
      return (members.Origin ?? "AWS_KMS") === "AWS_KMS" ? (members.KeySpec ?? members.CustomerMasterKeySpec) : undefined;
    case "GenerateDataKeyPair":
    case "GenerateDataKeyPairWithoutPlaintext":
      return members.KeyPairSpec;
    case "GetParametersForImport":
      return members.WrappingKeySpec;
  }
  return undefined;
}

/** What a request of AWS's protocol asks, if it may need a key pair; none of these has a secret in it. Whether it is one is the engine's to say. */
function asked([, , words, body]) {
  const target = words.find((_, index) => words[index - 1]?.toLowerCase() === "x-amz-target" && index % 2 === 1);
  const operation = target?.slice(target.indexOf(".") + 1);
  if (!OPERATIONS.includes(operation)) return [];
  try {
    return [operation, JSON.parse(new TextDecoder().decode(body))];
  } catch {
    return [];
  }
}

const OPERATIONS = ["CreateKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GetParametersForImport"];
const BITS = new Map([["RSA_2048", 2048], ["RSA_3072", 3072], ["RSA_4096", 4096]]);
