// The entry `waxseal/vault`: the Transit engine of HashiCorp Vault and OpenBao.

import { invalid, optional, options, text } from "../check.js";
import { lengthOf, wrapOwn } from "../own-data-key.js";
import { Members } from "./answer.js";
import { encode } from "./base64.js";
import { bindingOf } from "./binding.js";
import { vendorKeyring } from "./keyring.js";
import { TokenClient, askable, someBytes } from "./token-client.js";
import { TRANSPORT_OPTIONS, addressOf } from "./transport.js";

export { KmsClientError } from "./fault.js";

export function vaultKms(given) {
  return new VaultKms(options(given, "vaultKms", OPTIONS));
}

/** A message names the key by namespace, mount and name. Where the server is, it does not say. */
export function vaultKeyring(given) {
  return vendorKeyring(given, "vaultKeyring", "waxseal-vault-transit", (keyId, kms) => {
    const whole = kms instanceof VaultKms ? kms.wholeName(keyId) : keyId;
    return (named) => named === whole;
  });
}

class VaultKms {
  #client;
  #url;
  #mount;
  #place;
  #isDerived;

  constructor({ url, token, namespace, mount = "transit", derived, ...transport }) {
    const within = optional(namespace, path, "namespace");
    const more = within && { "x-vault-namespace": within };
    this.#client = new TokenClient(VENDOR, token, transport, (token) => ({ "x-vault-token": token, ...more }));
    this.#url = addressOf(url, "url");
    this.#mount = path(mount, "mount");
    this.#place = `${within ? `${within}/` : ""}${this.#mount}/keys/`;
    this.#isDerived = derived === true;
  }

  /** The key as a message names it: `NAMESPACE/MOUNT/keys/NAME`. */
  wholeName(keyId) {
    return `${this.#place}${this.#nameOf(keyId)}`;
  }

  /** Vault makes the data key if it can bind it to all that it has to be bound to; HashiCorp's takes no `associated_data` for that. */
  async generateDataKey(request, how) {
    const bound = this.#bound(askable(request).EncryptionContext);
    const bits = 8 * lengthOf(request);
    if (bound.associated_data !== undefined || ![128, 256, 512].includes(bits)) return wrapOwn(this, request, how);
    return this.#ask("datakey/plaintext", request.KeyId, { bits, ...bound }, how, (members) => {
      const Plaintext = members.dataKey(members.bytes("plaintext"), bits / 8);
      return { Plaintext, CiphertextBlob: ciphertextOf(members) };
    });
  }

  async encrypt(request, how) {
    const { KeyId, Plaintext, EncryptionContext } = askable(request);
    const body = { plaintext: encode(someBytes(Plaintext, "Plaintext")), ...this.#bound(EncryptionContext) };
    return this.#ask("encrypt", KeyId, body, how, (members) => ({ CiphertextBlob: ciphertextOf(members) }));
  }

  async decrypt(request, how) {
    const { KeyId, CiphertextBlob, EncryptionContext } = askable(request);
    const ciphertext = new TextDecoder().decode(someBytes(CiphertextBlob, "CiphertextBlob"));
    if (!CIPHERTEXT.test(ciphertext)) throw invalid("CiphertextBlob is not a ciphertext of Vault's");
    return this.#ask("decrypt", KeyId, { ciphertext, ...this.#bound(EncryptionContext) }, how, (members) => ({ Plaintext: members.bytes("plaintext") }));
  }

  async #ask(operation, keyId, body, how, read) {
    const name = this.#nameOf(keyId);
    const readAnswer = (answer) => {
      const whole = new Members(VENDOR, answer, requestIdOf(answer));
      return read(new Members(VENDOR, { json: whole.object("data"), status: answer.status }, requestIdOf(answer)));
    };
    const url = `${this.#url}/v1/${this.#mount}/${operation}/${name}`;
    return { ...(await this.#client.ask({ url, body, read: readAnswer, refusal, signal: how?.abortSignal })), KeyId: this.wholeName(name) };
  }

  /** A derived key is another one for each `context`, which binds as well as associated data do. */
  #bound(encryptionContext) {
    const bytes = bindingOf(encryptionContext);
    if (bytes.length > 0) return { [this.#isDerived ? "context" : "associated_data"]: encode(bytes) };
    if (this.#isDerived) throw invalid("a derived key needs an encryption context, from which it is derived");
    return {};
  }

  #nameOf(keyId) {
    const given = text(keyId, "KeyId");
    const name = given.startsWith(this.#place) ? given.slice(this.#place.length) : given;
    if (!/^\w([\w.-]*\w)?$/.test(name)) throw invalid(`\`${keyId}\` is not the name of a key, nor one in \`${this.#place}\``);
    return name;
  }
}

function ciphertextOf(members) {
  const ciphertext = members.text("ciphertext");
  if (!CIPHERTEXT.test(ciphertext)) throw members.wrong("a `ciphertext` that is not one of Vault's");
  return new TextEncoder().encode(ciphertext);
}

/** Names joined by slashes, as namespaces and mounts are. */
function path(value, what) {
  const names = text(value, what).replace(/^\/|\/$/g, "");
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(names)) throw invalid(`${what} is not a path of names`);
  return names;
}

function refusal(answer) {
  const errors = answer.json?.errors;
  const message = Array.isArray(errors) ? errors.filter((error) => typeof error === "string").join("; ") : undefined;
  // Vault has no codes, and one status for most.
  const kind = answer.status === 400 ? KINDS.find(([words]) => words.test(message))?.[1] : undefined;
  return { kind, message, requestId: requestIdOf(answer) };
}

function requestIdOf({ json }) {
  return typeof json?.request_id === "string" && json.request_id ? json.request_id : undefined;
}

const VENDOR = "Vault";
const OPTIONS = ["url", "token", "namespace", "mount", "derived", ...TRANSPORT_OPTIONS];
const CIPHERTEXT = /^vault:v\d+:[A-Za-z0-9+/]+={0,2}$/;
const KINDS = [
  [/key not found/, "not-found"],
  [/disallowed by policy|soft.deleted/, "disabled"],
];
