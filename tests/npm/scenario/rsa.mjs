// Who makes the RSA keys of the embedded KMS: WebCrypto, or Node where there is Node; WebAssembly would need seconds for each.

import { assert, equal, fails, same, zeros } from "../checks.mjs";
import { BOB, ENDPOINT, EVE, ROOT, encoder, signed } from "./world.mjs";

export const rsa = {
  async "RSA keys are the platform's, each of its own size, and good to sign with"({ LocalKms }) {
    const kms = await LocalKms.open({ storage: "memory" });
    const made = await watching(async () => {
      const keys = await Promise.all(["RSA_4096", "RSA_2048"].map((KeySpec) => kms.createKey({ KeySpec, KeyUsage: "SIGN_VERIFY" })));
      for (const { KeyMetadata } of keys) await checkSignature(kms, KeyMetadata);
      const publicKeys = await Promise.all(keys.map(({ KeyMetadata }) => kms.getPublicKey({ KeyId: KeyMetadata.Arn })));
      return publicKeys.map(({ PublicKey }) => PublicKey);
    });
    checkMade(made, made.result);
  },

  async "whatever makes an RSA key pair has it from the platform, by every way to ask"({ LocalKms }) {
    const kms = await LocalKms.open({ storage: "memory" });
    const wrapping = (await kms.createKey()).KeyMetadata.Arn;
    const external = (await kms.createKey({ Origin: "EXTERNAL" })).KeyMetadata.Arn;
    const handler = kms.requestHandler();
    const ask = async (operation, request) => signed(await kms.credentials(ROOT), operation, JSON.stringify(request));
    const made = await watching(async () => {
      const pair = await kms.as(ROOT).generateDataKeyPair({ KeyId: wrapping, KeyPairSpec: "RSA_2048" });
      const half = await kms.generateDataKeyPairWithoutPlaintext({ KeyId: wrapping, KeyPairSpec: "RSA_2048" });
      const WrappingAlgorithm = "RSAES_OAEP_SHA_256";
      const parameters = await kms.getParametersForImport({ KeyId: external, WrappingAlgorithm, WrappingKeySpec: "RSA_2048" });
      const fetched = await (await kms.fetch(await ask("GenerateDataKeyPair", { KeyId: wrapping, KeyPairSpec: "RSA_2048" }))).json();
      const request = await ask("CreateKey", { CustomerMasterKeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" });
      // A page's Request does not show the host.
      const sent = { ...Object.fromEntries(request.headers), host: new URL(ENDPOINT).host };
      const body = new Uint8Array(await request.arrayBuffer());
      const { response } = await handler.handle({ method: "POST", path: "/", headers: sent, body });
      const KeyId = JSON.parse(new TextDecoder().decode(response.body)).KeyMetadata.Arn;
      const bytes = Uint8Array.from(atob(fetched.PublicKey), (character) => character.charCodeAt(0));
      return [pair.PublicKey, half.PublicKey, parameters.PublicKey, bytes, (await kms.getPublicKey({ KeyId })).PublicKey];
    });
    checkMade(made, made.result);
  },

  async "an RSA key of a refused request is wiped, and none is made in vain"({ LocalKms }) {
    const kms = await LocalKms.open({ storage: "memory" });
    const symmetric = (await kms.createKey()).KeyMetadata.Arn;
    const refused = await watching(() => fails(kms.as(EVE).createKey({ KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" })));
    equal(refused.result.name, "AccessDeniedException");
    equal(refused.exported.length, isNode ? 0 : 1, "keys made for it");
    for (const bytes of refused.exported) zeros(bytes, "the unused key is wiped");
    const next = await watching(() => kms.createKey({ KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" }));
    const { PublicKey } = await kms.getPublicKey({ KeyId: next.result.KeyMetadata.Arn });
    checkMade(next, [PublicKey]);

    const { exported } = await watching(async () => {
      await kms.createKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
      await kms.createKey({ KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY", Origin: "EXTERNAL" });
      await fails(kms.createKey({ KeySpec: "RSA_1024" }));
      await fails(kms.createKey({ KeySpec: "constructor" }));
      await fails(kms.generateDataKeyPair({ KeyId: symmetric, KeyPairSpec: "RSA_2048", DryRun: true }));
      for (const body of ["null", "[", '{"KeySpec":["RSA_2048"]}']) await kms.fetch(await signed(await kms.credentials(BOB), "CreateKey", body));
    });
    equal(exported.length, 0, "keys made in vain");
  },

  async "without WebCrypto's keys the engine makes RSA keys itself, and with a seed always"({ LocalKms }) {
    const kms = await LocalKms.open({ storage: "memory" });
    const failing = await watching(() => kms.createKey({ KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" }), () => Promise.reject(new Error("no")));
    await checkSignature(kms, failing.result.KeyMetadata);
    const { exported } = await watching(async () => {
      const seeded = async () => {
        const kms = await LocalKms.open({ storage: "memory", dangerSeed: 7, clock: () => new Date(0) });
        const { KeyMetadata } = await kms.createKey({ KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" });
        return [...(await kms.getPublicKey({ KeyId: KeyMetadata.Arn })).PublicKey];
      };
      same(await seeded(), await seeded());
    });
    equal(exported.length, 0, "keys of a KMS with a seed");
  },
};

/** Node, Bun and Deno have a faster way than WebCrypto. */
const isNode = globalThis.process?.versions?.node !== undefined;

/** Signs by the KMS, verifies by WebCrypto. */
async function checkSignature(kms, { Arn: KeyId, KeySpec }) {
  const Message = encoder.encode("to be signed");
  const { Signature } = await kms.sign({ KeyId, Message, SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256" });
  const { PublicKey } = await kms.getPublicKey({ KeyId });
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("spki", PublicKey, algorithm, false, ["verify"]);
  equal(`RSA_${key.algorithm.modulusLength}`, KeySpec);
  assert(await crypto.subtle.verify(algorithm, key, Signature, Message), `a signature by ${KeySpec}`);
}

/** The KMS's public keys are those of the pairs that WebCrypto made, of which nothing is left. */
function checkMade({ publicKeys, exported }, wanted) {
  const sorted = (keys) => keys.map((key) => [...key].join()).sort();
  equal(exported.length, isNode ? 0 : wanted.length, "keys made");
  if (!isNode) same(sorted(publicKeys), sorted(wanted));
  for (const bytes of exported) zeros(bytes, "the exported key is wiped");
}

/** What WebCrypto made while `work` ran: public keys, and the private ones as they were exported. `generate` takes its place. */
async function watching(work, generate) {
  const prototype = Object.getPrototypeOf(crypto.subtle);
  const { generateKey, exportKey } = prototype;
  const [publicKeys, exported] = [[], []];
  prototype.generateKey = generate ?? async function (...given) {
    const pair = await generateKey.apply(this, given);
    if (pair.publicKey) publicKeys.push(new Uint8Array(await exportKey.call(this, "spki", pair.publicKey)));
    return pair;
  };
  prototype.exportKey = async function (...given) {
    const bytes = await exportKey.apply(this, given);
    exported.push(new Uint8Array(bytes));
    return bytes;
  };
  try {
    return { result: await work(), publicKeys, exported };
  } finally {
    Object.assign(prototype, { generateKey, exportKey });
  }
}
