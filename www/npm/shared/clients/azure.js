// The entry `waxseal/azure`: Azure Key Vault and Managed HSM over REST.

import { invalid, options, text } from "../check.js";
import { wrapOwn } from "../own-data-key.js";
import { Members } from "./answer.js";
import { encodeUrl } from "./base64.js";
import { bindingOf, joined } from "./binding.js";
import { vendorKeyring } from "./keyring.js";
import { TokenClient, askable, someBytes } from "./token-client.js";
import { TRANSPORT_OPTIONS, addressOf } from "./transport.js";

export { KmsClientError } from "./fault.js";

export function azureKms(given) {
  return new AzureKms(options(given, "azureKms", OPTIONS));
}

/** A message names the key's version. One that is given without a version opens what any of its versions wrapped. */
export function azureKeyring(given) {
  return vendorKeyring(given, "azureKeyring", "waxseal-azure-key-vault", (keyId) => {
    const key = keyOf(keyId);
    return (named) => isVersionOf(named, key);
  });
}

class AzureKms {
  #client;
  #algorithm;

  constructor({ token, algorithm = "RSA-OAEP-256", ...transport }) {
    this.#client = new TokenClient(VENDOR, token, transport, (token) => ({ authorization: `Bearer ${token}` }));
    if (!Object.hasOwn(ALGORITHMS, algorithm)) throw invalid(`there is no algorithm \`${algorithm}\`; there is ${Object.keys(ALGORITHMS).join(", ")}`);
    this.#algorithm = algorithm;
  }

  /** Whether what is wrapped opens under its own encryption context only, as it does at all other vendors. */
  get bindsContext() {
    return ALGORITHMS[this.#algorithm].isAuthenticated;
  }

  /** Azure makes no data keys. */
  generateDataKey(request, how) {
    return wrapOwn(this, request, how);
  }

  async encrypt(request, how) {
    const { KeyId, Plaintext, EncryptionContext } = askable(request);
    const key = keyOf(KeyId);
    const { wrap, isAuthenticated } = ALGORITHMS[this.#algorithm];
    const body = { value: encodeUrl(someBytes(Plaintext, "Plaintext")), ...this.#aad(EncryptionContext) };
    return this.#ask(`${key.url}/${wrap}`, body, how, (members) => {
      const kid = members.text("kid");
      if (!isVersionOf(kid, key)) throw members.wrong(`the key \`${kid}\` where \`${KeyId}\` was asked for`);
      const parts = isAuthenticated ? [ofLength(members, "iv", IV_LEN), members.bytes("value"), ofLength(members, "tag", TAG_LEN)] : [members.bytes("value")];
      return { KeyId: kid, CiphertextBlob: joined(parts) };
    });
  }

  async decrypt(request, how) {
    const { KeyId, CiphertextBlob, EncryptionContext } = askable(request);
    const { url, version } = keyOf(KeyId);
    if (!version) throw invalid(`\`${KeyId}\` names no version of the key, and a ciphertext does not either`);
    const { unwrap, isAuthenticated } = ALGORITHMS[this.#algorithm];
    const bytes = someBytes(CiphertextBlob, "CiphertextBlob");
    const end = bytes.length - TAG_LEN;
    if (isAuthenticated && end <= IV_LEN) throw invalid(`CiphertextBlob is too short for ${this.#algorithm}`);
    const parts = isAuthenticated
      ? { iv: encodeUrl(bytes.subarray(0, IV_LEN)), value: encodeUrl(bytes.subarray(IV_LEN, end)), tag: encodeUrl(bytes.subarray(end)) }
      : { value: encodeUrl(bytes) };
    return this.#ask(`${url}/${unwrap}`, { ...parts, ...this.#aad(EncryptionContext) }, how, (members) => {
      const kid = members.text("kid");
      if (kid !== url) throw members.wrong(`the key \`${kid}\` where \`${url}\` was asked for`);
      return { KeyId: kid, Plaintext: members.bytes("value") };
    });
  }

  /** Only an authenticated cipher binds anything. */
  #aad(encryptionContext) {
    const bytes = bindingOf(encryptionContext);
    return ALGORITHMS[this.#algorithm].isAuthenticated && bytes.length > 0 ? { aad: encodeUrl(bytes) } : {};
  }

  #ask(url, body, how, read) {
    const readAnswer = (answer) => read(new Members(VENDOR, answer, requestIdOf(answer)));
    const whole = { alg: this.#algorithm, ...body };
    return this.#client.ask({ url: `${url}?api-version=${VERSION}`, body: whole, read: readAnswer, refusal, signal: how?.abortSignal });
  }
}

/** The parts of `https://…/keys/NAME/VERSION`; the address is where the token is sent. */
function keyOf(keyId) {
  const [, vault, name, version] = /^([^?#]+)\/keys\/([\w-]+)(?:\/(\w+))?$/.exec(text(keyId, "KeyId")) ?? [];
  if (!name) throw invalid(`\`${keyId}\` is not https://…/keys/NAME or https://…/keys/NAME/VERSION`);
  const whole = `${addressOf(vault, "KeyId")}/keys/${name}`;
  return { url: version ? `${whole}/${version}` : whole, version };
}

/** Whether `kid` is that version, or any if the key is named without one. */
function isVersionOf(kid, { url, version }) {
  return version ? kid === url : kid.startsWith(`${url}/`) && /^\w+$/.test(kid.slice(url.length + 1));
}

function ofLength(members, name, length) {
  const bytes = members.bytes(name);
  if (bytes.length !== length) throw members.wrong(`a \`${name}\` of ${bytes.length} bytes`);
  return bytes;
}

function refusal(answer) {
  const { code, message, innererror } = answer.json?.error ?? {};
  const inner = typeof innererror?.code === "string" ? innererror.code : "";
  const kind = KINDS.find(([codes]) => codes.test(inner) || codes.test(code))?.[1];
  return { kind, vendorCode: inner || (typeof code === "string" ? code : undefined), message, requestId: requestIdOf(answer) };
}

const requestIdOf = ({ headers }) => headers.get("x-ms-request-id") ?? undefined;

const VENDOR = "Azure Key Vault";
const VERSION = "7.4";
const OPTIONS = ["token", "algorithm", ...TRANSPORT_OPTIONS];
/** Azure's own client has AES-GCM among the operations that encrypt, and the others among those that wrap. */
const ALGORITHMS = {
  "RSA-OAEP-256": { wrap: "wrapkey", unwrap: "unwrapkey", isAuthenticated: false },
  A256KW: { wrap: "wrapkey", unwrap: "unwrapkey", isAuthenticated: false },
  A256GCM: { wrap: "encrypt", unwrap: "decrypt", isAuthenticated: true },
};
const IV_LEN = 12;
const TAG_LEN = 16;
const KINDS = [
  [/Disabled|Expired|NotYetValid/, "disabled"],
  [/NotFound/, "not-found"],
  [/Throttled/, "throttled"],
];
