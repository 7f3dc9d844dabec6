// The entry `waxseal/broker`: a KMS behind a server of the user's own, for pages and devices that have no credentials of a cloud. The protocol is in
// `BROKER.md`.

import { optional, options, text } from "../check.js";
import { lengthOf } from "../own-data-key.js";
import { Members } from "./answer.js";
import { encode } from "./base64.js";
import { TokenClient, askable, someBytes } from "./token-client.js";
import { TRANSPORT_OPTIONS, addressOf } from "./transport.js";

export { KmsClientError } from "./fault.js";

export function brokerKms(given) {
  return new BrokerKms(options(given, "brokerKms", OPTIONS));
}

class BrokerKms {
  #client;
  #url;

  constructor({ url, token, ...transport }) {
    this.#client = new TokenClient(VENDOR, token, transport, (token) => ({ authorization: `Bearer ${token}` }));
    this.#url = addressOf(url, "url");
  }

  async generateDataKey(request, how) {
    const NumberOfBytes = lengthOf(request);
    return this.#ask("generate-data-key", request, { NumberOfBytes }, how, (members) => ({
      Plaintext: members.dataKey(members.bytes("Plaintext"), NumberOfBytes),
      CiphertextBlob: members.bytes("CiphertextBlob"),
    }));
  }

  async encrypt(request, how) {
    const Plaintext = encode(someBytes(request.Plaintext, "Plaintext"));
    return this.#ask("encrypt", request, { Plaintext }, how, (members) => ({ CiphertextBlob: members.bytes("CiphertextBlob") }));
  }

  async decrypt(request, how) {
    const CiphertextBlob = encode(someBytes(request.CiphertextBlob, "CiphertextBlob"));
    return this.#ask("decrypt", request, { CiphertextBlob }, how, (members) => ({ Plaintext: members.bytes("Plaintext") }));
  }

  async #ask(operation, request, more, how, read) {
    const { KeyId, EncryptionContext = {} } = askable(request);
    const body = { KeyId: optional(KeyId, text, "KeyId"), EncryptionContext, ...more };
    const readAnswer = (answer) => {
      const members = new Members(VENDOR, answer, requestIdOf(answer));
      return { ...read(members), KeyId: members.text("KeyId") };
    };
    return this.#client.ask({ url: `${this.#url}/${operation}`, body, read: readAnswer, refusal, signal: how?.abortSignal });
  }
}

function refusal(answer) {
  const { kind, code, message } = answer.json?.error ?? {};
  return { kind: KINDS.find((known) => known === kind), vendorCode: typeof code === "string" ? code : undefined, message, requestId: requestIdOf(answer) };
}

const requestIdOf = ({ headers }) => headers.get("x-request-id") ?? undefined;

const VENDOR = "the broker";
const OPTIONS = ["url", "token", ...TRANSPORT_OPTIONS];
const KINDS = ["denied", "not-found", "disabled", "throttled", "unavailable", "invalid"];
