// Google Cloud KMS and Azure Key Vault as their documentation has them, for want of an emulator of either. That they are honest is shown by
// the vendors' own clients, which the same test has work on them.

import { constants, createCipheriv, createDecipheriv, generateKeyPairSync, privateDecrypt, publicEncrypt, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after } from "node:test";

/** How a fake refuses; what that looks like is each vendor's own. */
class Refused extends Error {
  constructor(status, code, message, inner) {
    super(message);
    Object.assign(this, { status, code, inner });
  }
}

/** Serves `answer({ method, path, query, headers, body })`, which gives `[status, body]`, or `said(refused)`: the address. */
async function serve(answer, said) {
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    const { pathname, searchParams } = new URL(request.url, "http://fake");
    const body = text ? JSON.parse(text) : {};
    const [status, told, headers] = attempt(() => answer({ method: request.method, path: pathname, query: searchParams, headers: request.headers, body }), said);
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(told));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

function attempt(act, said) {
  try {
    return act();
  } catch (error) {
    if (error instanceof Refused) return said(error);
    throw error;
  }
}

function seal(key, plaintext, aad) {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(aad);
  const value = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return { iv, value, tag: cipher.getAuthTag() };
}

function open(key, { iv, value, tag }, aad) {
  const decipher = createDecipheriv("aes-256-gcm", key, iv).setAAD(aad).setAuthTag(tag);
  return Buffer.concat([decipher.update(value), decipher.final()]);
}

/** Google's: keys by their names, with versions; `alter` may change a good answer. */
export async function fakeGoogle({ token }) {
  const keys = new Map();
  const state = { requests: [], alter: (answer) => answer };
  const answer = ({ method, path, headers, body }) => {
    state.requests.push({ path, body });
    if (headers.authorization !== `Bearer ${token}`) throw new Refused(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
    const [, name, , version, verb] = GOOGLE_PATH.exec(path) ?? [];
    if (!name || method !== "POST" || (version && verb === "decrypt")) throw new Refused(404, "NOT_FOUND", "no such method");
    const versions = keys.get(name);
    if (!versions) throw new Refused(404, "NOT_FOUND", `CryptoKey ${name} not found.`);
    const bytes = googleBytes(body);
    return [200, state.alter(verb === "encrypt" ? googleEncrypt(name, versions, version, bytes, body) : googleDecrypt(versions, bytes))];
  };
  const said = ({ status, code, message }) => [status, { error: { code: status, status: code, message } }];
  state.url = await serve(answer, said);
  state.createKey = (name) => keys.set(name, [randomBytes(32)]);
  state.rotate = (name) => keys.get(name).push(randomBytes(32));
  state.disable = (name) => keys.get(name).push("DISABLED");
  return state;
}

/** The bytes of a request, if they sum up to what it says. */
function googleBytes(body) {
  const bytes = {};
  for (const member of ["plaintext", "ciphertext", "additionalAuthenticatedData"]) {
    bytes[member] = Buffer.from(body[member] ?? "", "base64");
    const sum = body[`${member}Crc32c`];
    if (sum !== undefined && `${sum}` !== `${checksum(bytes[member])}`) throw new Refused(400, "INVALID_ARGUMENT", `${member} does not match ${member}Crc32c`);
  }
  return bytes;
}

function googleEncrypt(name, versions, version, { plaintext, additionalAuthenticatedData }, body) {
  const number = Number(version ?? versions.length);
  const key = versions[number - 1];
  if (key === "DISABLED") throw new Refused(400, "FAILED_PRECONDITION", `${name}/cryptoKeyVersions/${number} is not enabled, current state is: DISABLED.`);
  const { iv, value, tag } = seal(key, plaintext, additionalAuthenticatedData);
  const ciphertext = Buffer.concat([Buffer.of(number), iv, value, tag]);
  return {
    name: `${name}/cryptoKeyVersions/${number}`,
    ciphertext: ciphertext.toString("base64"),
    ciphertextCrc32c: `${checksum(ciphertext)}`,
    protectionLevel: "SOFTWARE",
    ...(body.plaintextCrc32c !== undefined && { verifiedPlaintextCrc32c: true }),
    ...(body.additionalAuthenticatedDataCrc32c !== undefined && { verifiedAdditionalAuthenticatedDataCrc32c: true }),
  };
}

function googleDecrypt(versions, { ciphertext, additionalAuthenticatedData }) {
  try {
    const parts = { iv: ciphertext.subarray(1, 13), value: ciphertext.subarray(13, -16), tag: ciphertext.subarray(-16) };
    const plaintext = open(versions[ciphertext[0] - 1], parts, additionalAuthenticatedData);
    return { plaintext: plaintext.toString("base64"), plaintextCrc32c: `${checksum(plaintext)}`, usedPrimary: ciphertext[0] === versions.length };
  } catch {
    throw new Refused(400, "INVALID_ARGUMENT", "Decryption failed: the ciphertext is invalid.");
  }
}

/** Bit by bit and from the other end than the package's, so that one mistake is not made twice. */
function checksum(bytes) {
  let crc = 0xffffffffn;
  const reversed = (value, bits) => BigInt(`0b${value.toString(2).padStart(bits, "0").split("").reverse().join("")}`);
  for (const byte of bytes) {
    crc ^= reversed(BigInt(byte), 8) << 24n;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000n ? ((crc << 1n) ^ 0x11edc6f41n) & 0xffffffffn : crc << 1n;
  }
  return reversed(crc ^ 0xffffffffn, 32);
}

/** Azure's, one vault with RSA keys and, as a Managed HSM has, AES keys. Its name leads to `url`. */
export async function fakeAzure({ token, vault }) {
  const keys = new Map();
  const state = { vault, requests: [] };
  const answer = ({ method, path, query, headers, body }) => {
    state.requests.push({ path, body });
    if (headers.authorization !== `Bearer ${token}`) throw new Refused(401, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token.");
    if (!/^(\d+\.\d+|\d{4}-\d\d-\d\d)$/.test(query.get("api-version") ?? "")) throw new Refused(400, "BadParameter", "api-version must be specified");
    const [, name, given, verb] = AZURE_PATH.exec(path) ?? [];
    const versions = keys.get(name);
    const version = given ?? Array.from(versions?.keys() ?? []).at(-1);
    const key = versions?.get(version);
    if (!key) throw new Refused(404, "KeyNotFound", `A key with (name/id) ${name}/${version} was not found in this key vault.`);
    // Nobody may read it, so that the vendor's client can not do the work itself.
    if (!verb) throw new Refused(403, "Forbidden", "The user does not have keys get permission", "AccessDenied");
    if (method !== "POST") throw new Refused(405, "MethodNotAllowed", "POST");
    if (key.disabled) throw new Refused(403, "Forbidden", `Operation ${verb} is not allowed on a disabled key.`, "KeyDisabled");
    return [200, { kid: `${vault}/keys/${name}/${version}`, ...azurePerform(key, verb, body) }];
  };
  const said = ({ status, code, message, inner }) => {
    const challenge = status === 401 && { "www-authenticate": 'Bearer authorization="https://login.windows.net/tenant", resource="https://vault.azure.net"' };
    return [status, { error: { code, message, ...(inner && { innererror: { code: inner } }) } }, { "x-ms-request-id": "azure-request", ...challenge }];
  };
  state.url = await serve(answer, said);
  state.createKey = (name, kind) => {
    const version = randomBytes(16).toString("hex");
    const key = kind === "RSA" ? { rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }) } : { aes: randomBytes(32) };
    keys.set(name, (keys.get(name) ?? new Map()).set(version, key));
    return `${vault}/keys/${name}/${version}`;
  };
  state.disable = (kid) => {
    const [name, version] = kid.split("/").slice(-2);
    keys.get(name).get(version).disabled = true;
  };
  /** `fetch` to where the name leads. */
  state.fetch = (url, init) => fetch(url.replace(vault, state.url), init);
  return state;
}

function azurePerform({ rsa, aes }, verb, body) {
  const bytes = Object.fromEntries(["value", "iv", "aad", "tag"].map((member) => [member, Buffer.from(body[member] ?? "", "base64url")]));
  const isWrapping = ["wrapkey", "encrypt"].includes(verb);
  const url64 = (members) => Object.fromEntries(Object.entries(members).map(([name, value]) => [name, value.toString("base64url")]));
  try {
    if (rsa && body.alg === "RSA-OAEP-256") {
      const how = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
      return url64({ value: isWrapping ? publicEncrypt({ key: rsa.publicKey, ...how }, bytes.value) : privateDecrypt({ key: rsa.privateKey, ...how }, bytes.value) });
    }
    if (aes && body.alg === "A256KW" && verb.endsWith("wrapkey")) {
      const cipher = (isWrapping ? createCipheriv : createDecipheriv)("id-aes256-wrap", aes, Buffer.alloc(8, 0xa6));
      return url64({ value: Buffer.concat([cipher.update(bytes.value), cipher.final()]) });
    }
    if (aes && body.alg === "A256GCM" && !verb.endsWith("wrapkey")) {
      if (!isWrapping) return url64({ value: open(aes, bytes, bytes.aad) });
      return url64({ ...seal(aes, bytes.value, bytes.aad), ...(body.aad && { aad: bytes.aad }) });
    }
  } catch {
    throw new Refused(400, "BadParameter", "The parameter is incorrect.");
  }
  throw new Refused(400, "BadParameter", `Key and algorithm ${body.alg} do not go together for ${verb}.`);
}

const GOOGLE_PATH =
  /^\/v1\/(projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/:]+)(\/cryptoKeyVersions\/(\d+))?:(encrypt|decrypt)$/;
const AZURE_PATH = /^\/keys\/([^/]+)(?:\/([0-9a-f]{32}))?(?:\/(wrapkey|unwrapkey|encrypt|decrypt))?\/?$/;
