// The entry `waxseal/aws`: AWS KMS over `fetch`, without AWS's SDK.

import { isUint8Array } from "../bytes.js";
import { invalid, list, optional, options, text } from "../check.js";
import { request as plainRequest } from "../plain.js";
import { Members } from "./answer.js";
import { kindOfCode } from "./aws-faults.js";
import { endpointOf, placeOf, region as checkRegion } from "./aws-place.js";
import { encode } from "./base64.js";
import { variable } from "./environment.js";
import { KmsClientError, kindOf, nonsense } from "./fault.js";
import { Renewed, endOf, printable } from "./renewed.js";
import { signed } from "./sigv4.js";
import { TRANSPORT_OPTIONS, Transport, addressOf } from "./transport.js";

export { KmsClientError } from "./fault.js";

export function awsKms(given) {
  return new AwsKms(options(given, "awsKms", OPTIONS));
}

class AwsKms {
  #transport;
  #credentials;
  #region;
  #replicas;
  #endpoint;
  #flavour;

  constructor({ region, replicaRegions, credentials, endpoint, fips, dualStack, ...transport }) {
    this.#transport = new Transport(VENDOR, transport);
    this.#credentials = new Renewed(credentials ?? fromEnvironment, checkCredentials, "credentials");
    this.#region = optional(region, checkRegion, "region");
    this.#replicas = (optional(replicaRegions, list, "replicaRegions") ?? []).map((each, n) => checkRegion(each, `replicaRegions[${n}]`));
    this.#endpoint = optional(endpoint, addressOf, "endpoint");
    const isSet = (given, name) => (given === undefined ? variable(name) === "true" : given === true);
    this.#flavour = { fips: isSet(fips, "AWS_USE_FIPS_ENDPOINT"), dualStack: isSet(dualStack, "AWS_USE_DUALSTACK_ENDPOINT") };
    if (this.#endpoint && (fips || dualStack || this.#replicas.length > 0)) {
      throw invalid("an endpoint is one address: it goes without fips, dualStack and replicaRegions");
    }
  }

  async generateDataKey(given, how) {
    const length = given?.NumberOfBytes ?? { AES_128: 16, AES_256: 32 }[given?.KeySpec];
    return this.#ask("GenerateDataKey", given, how, (members) => ({
      Plaintext: members.dataKey(members.bytes("Plaintext"), length),
      CiphertextBlob: members.bytes("CiphertextBlob"),
    }));
  }

  async encrypt(given, how) {
    return this.#ask("Encrypt", given, how, (members) => ({ CiphertextBlob: members.bytes("CiphertextBlob") }));
  }

  async decrypt(given, how) {
    return this.#ask("Decrypt", given, how, (members) => ({ Plaintext: members.bytes("Plaintext") }));
  }

  async reEncrypt(given, how) {
    const read = (members) => ({ CiphertextBlob: members.bytes("CiphertextBlob"), SourceKeyId: members.text("SourceKeyId") });
    return this.#ask("ReEncrypt", given, how, read, ["DestinationKeyId", "SourceKeyId"]);
  }

  async describeKey(given, how) {
    const { KeyMetadata } = await this.#ask("DescribeKey", given, how, (members) => {
      const metadata = members.object("KeyMetadata");
      return { KeyId: metadata.Arn, KeyMetadata: metadata };
    });
    for (const name of ["CreationDate", "DeletionDate", "ValidTo"]) {
      if (typeof KeyMetadata[name] === "number") KeyMetadata[name] = new Date(KeyMetadata[name] * 1000);
    }
    return { KeyMetadata };
  }

  /** `read` gets the members that are not the same for every operation; `names` are the members that name keys, first the one that says where to ask. */
  async #ask(operation, given, how, read, names = ["KeyId"]) {
    const body = plainRequest(given, `the ${operation} request`);
    if (body.Recipient !== undefined) throw invalid("Recipient is not supported: plaintexts come to whoever asks, and to no enclave alone; ask by AWS's own SDK");
    const keyIds = names.map((name) => optional(body[name], text, name));
    if (keyIds[0] === undefined && operation !== "Decrypt") throw invalid(`${names[0]} is missing`);
    const places = this.#placesOf(keyIds);
    let place;
    return this.#transport.send({
      signal: how?.abortSignal,
      places: places.length,
      build: async (n, patience) => {
        place = places[n % places.length];
        const named = Object.fromEntries(names.map((name, n) => [name, nameAt(place, keyIds[n])]));
        return this.#build(operation, { ...body, ...named }, place, patience);
      },
      read: (answer) => this.#read(answer, place, keyIds, read),
    });
  }

  async #build(operation, body, { region, url }, patience) {
    const credentials = await this.#credentials.value(patience);
    const target = `TrentService.${operation}`;
    const more = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
    const request = { method: "POST", url: new URL(url), headers: more, body: jsonOf(body) };
    const headers = await signed(request, credentials, { region, service: "kms", date: new Date() });
    // The signature would do, for as long as it counts, whoever holds it.
    const secrets = [credentials.secretAccessKey, credentials.sessionToken, headers.authorization].filter(Boolean);
    return { ...request, url, headers, secrets };
  }

  #read(answer, place, keyIds, read) {
    const requestId = answer.headers.get("x-amzn-requestid") ?? undefined;
    if (answer.status !== 200) throw this.#refusal(answer, requestId);
    const members = new Members(VENDOR, answer, requestId);
    const result = read(members);
    result.KeyId ??= members.text("KeyId");
    for (const [n, name] of ["KeyId", "SourceKeyId"].slice(0, keyIds.length).entries()) {
      checkKey(result[name], nameAt(place, keyIds[n]), members);
      // What a replica wrapped, its key opens in every region; a message names the key that its writer named.
      if (place.isReplica) result[name] = keyIds[n] ?? result[name];
    }
    const more = ["KeyMaterialId", "EncryptionAlgorithm", "SourceEncryptionAlgorithm", "DestinationEncryptionAlgorithm", "SourceKeyMaterialId", "DestinationKeyMaterialId"];
    for (const name of more) if (typeof answer.json[name] === "string") result[name] = answer.json[name];
    return result;
  }

  #refusal(answer, requestId) {
    const { status, json, headers, retryAfter, clean } = answer;
    const said = headers.get("x-amzn-errortype") ?? json?.__type ?? json?.code;
    // `com.amazonaws.kms#NotFoundException:http://…`, in the older forms of the protocol.
    const code = typeof said === "string" ? said.split(":")[0].split("#").pop() : "";
    if (!/^\w{1,100}$/.test(code) && status < 500 && status !== 429) return nonsense(VENDOR, `status ${status} and no code`, { status, requestId });
    const kind = kindOfCode(code) ?? kindOf(status);
    // Credentials may end before their time.
    if (ENDED.test(code)) this.#credentials.forget();
    const vendorCode = code || `HTTP ${status}`;
    const words = clean(json?.message ?? json?.Message) || vendorCode;
    const message = /Signature|Skewed/.test(code) ? `${words}; check the secret access key and this machine's clock` : words;
    return new KmsClientError({ kind, vendor: VENDOR, vendorCode, message, status, requestId, retryAfter });
  }

  /** Where to ask, in order: about the first of the keys, and elsewhere if all of them are there too. */
  #placesOf(keyIds) {
    const [keyId] = keyIds;
    const arn = placeOf(keyId);
    if (/^arn:/.test(keyId) && !arn) throw invalid(`\`${keyId}\` is not the ARN of a key or alias of AWS KMS`);
    const own = arn ? checkRegion(arn.region, "the region of the key's ARN") : this.#ownRegion();
    const place = (region, isReplica) => ({ region, isReplica, url: `${this.#endpoint ?? this.#fromEnvironment() ?? endpointOf(region, arn?.partition, this.#flavour)}/` });
    const areElsewhere = arn && keyIds.every((keyId) => keyId === undefined || placeOf(keyId)?.resource.startsWith("key/mrk-"));
    const others = areElsewhere ? this.#replicas.filter((region) => region !== own) : [];
    return [place(own, false), ...others.map((region) => place(region, true))];
  }

  #ownRegion() {
    const region = this.#region ?? variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION");
    if (!region) throw invalid("no region: pass `region`, set AWS_REGION, or name the key by its ARN");
    return checkRegion(region, "the region");
  }

  #fromEnvironment() {
    const endpoint = variable("AWS_ENDPOINT_URL_KMS") ?? variable("AWS_ENDPOINT_URL");
    return endpoint && addressOf(endpoint, "the endpoint of the environment");
  }
}

/** How a key is named at a place. */
function nameAt({ region, isReplica }, keyId) {
  const arn = isReplica && placeOf(keyId);
  return arn ? `arn:${arn.partition}:kms:${region}:${arn.account}:${arn.resource}` : keyId;
}

/** The key that was used must be the one that was asked for, as far as the name says which that is. */
function checkKey(answered, asked, members) {
  const used = placeOf(answered);
  if (!used?.resource.startsWith("key/")) throw members.wrong("a `KeyId` that is not a key's ARN");
  const isAlias = !asked || /^alias\/|:alias\//.test(asked);
  if (!isAlias && answered !== asked && used.resource !== `key/${asked}`) throw members.wrong(`the key \`${answered}\` where \`${asked}\` was asked for`);
}

function fromEnvironment() {
  const [accessKeyId, secretAccessKey] = [variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")];
  if (!accessKeyId || !secretAccessKey) {
    throw invalid("no credentials: pass `credentials`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY where there is an environment");
  }
  return { accessKeyId, secretAccessKey, sessionToken: variable("AWS_SESSION_TOKEN") };
}

function checkCredentials(given) {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = given ?? {};
  const value = { accessKeyId: printable(accessKeyId, "access key's id"), secretAccessKey: printable(secretAccessKey, "secret access key") };
  if (sessionToken) value.sessionToken = printable(sessionToken, "session token");
  return { value, expires: endOf(expiration, "credentials") };
}

/** Bytes are base64 in AWS's JSON. Text can not be overwritten: a secret that went through JSON stays in memory until it is collected. */
function jsonOf(body) {
  return JSON.stringify(body, (_, value) => (isUint8Array(value) ? encode(value) : value));
}

const VENDOR = "AWS KMS";
const OPTIONS = ["region", "replicaRegions", "credentials", "endpoint", "fips", "dualStack", ...TRANSPORT_OPTIONS];
const ENDED = /^(ExpiredToken(Exception)?|UnrecognizedClientException|InvalidClientTokenId)$/;
