// Google Cloud KMS and Azure Key Vault as their documentation has them, for want of an emulator of either. That they are honest is shown by
// the vendors' own clients, which the same test has work on them.

import { constants, createCipheriv, createDecipheriv, generateKeyPairSync, privateDecrypt, publicEncrypt, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after } from "node:test";

/** Serves `answer({ method, path, headers, body })`, which gives `[status, body, headers?]`: the address. */
async function serve(answer) {
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    const { pathname, searchParams } = new URL(request.url, "http://fake");
    const body = text ? JSON.parse(text) : {};
    const [status, said, headers] = answer({ method: request.method, path: pathname, query: searchParams, headers: request.headers, body });
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(said));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
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
  const refuse = (code, status, message) => [code, { error: { code, status, message } }];
  state.url = await serve(({ method, path, headers, body }) => {
    state.requests.push({ path, body });
    if (headers.authorization !== `Bearer ${token}`) return refuse(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
    const [, name, , version, verb] = /^\/v1\/(projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/:]+)(\/cryptoKeyVersions\/(\d+))?:(encrypt|decrypt)$/.exec(path) ?? [];
    if (!name || method !== "POST" || (version && verb === "decrypt")) return refuse(404, "NOT_FOUND", "no such method");
    const versions = keys.get(name);
    if (!versions) return refuse(404, "NOT_FOUND", `CryptoKey ${name} not found.`);
    const bytes = {};
    for (const member of ["plaintext", "ciphertext", "additionalAuthenticatedData"]) {
      bytes[member] = Buffer.from(body[member] ?? "", "base64");
      const sum = body[`${member}Crc32c`];
      if (sum !== undefined && `${sum}` !== `${checksum(bytes[member])}`) return refuse(400, "INVALID_ARGUMENT", `${member} does not match ${member}Crc32c`);
    }
    const aad = bytes.additionalAuthenticatedData;
    if (verb === "encrypt") {
      const number = Number(version ?? versions.length);
      if (versions[number - 1] === "DISABLED") return refuse(400, "FAILED_PRECONDITION", `${name}/cryptoKeyVersions/${number} is not enabled, current state is: DISABLED.`);
      const { iv, value, tag } = seal(versions[number - 1], bytes.plaintext, aad);
      const ciphertext = Buffer.concat([Buffer.of(number), iv, value, tag]);
      const answer = { name: `${name}/cryptoKeyVersions/${number}`, ciphertext: ciphertext.toString("base64"), ciphertextCrc32c: `${checksum(ciphertext)}`, protectionLevel: "SOFTWARE" };
      if (body.plaintextCrc32c !== undefined) answer.verifiedPlaintextCrc32c = true;
      if (body.additionalAuthenticatedDataCrc32c !== undefined) answer.verifiedAdditionalAuthenticatedDataCrc32c = true;
      return [200, state.alter(answer)];
    }
    try {
      const [number, iv, value, tag] = [bytes.ciphertext[0], bytes.ciphertext.subarray(1, 13), bytes.ciphertext.subarray(13, -16), bytes.ciphertext.subarray(-16)];
      const plaintext = open(versions[number - 1], { iv, value, tag }, aad);
      return [200, state.alter({ plaintext: plaintext.toString("base64"), plaintextCrc32c: `${checksum(plaintext)}`, usedPrimary: number === versions.length })];
    } catch {
      return refuse(400, "INVALID_ARGUMENT", "Decryption failed: the ciphertext is invalid.");
    }
  });
  state.createKey = (name) => keys.set(name, [randomBytes(32)]);
  state.rotate = (name) => keys.get(name).push(randomBytes(32));
  state.disable = (name) => keys.get(name).push("DISABLED");
  return state;
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
  const refuse = (status, code, message, inner) => [status, { error: { code, message, ...(inner && { innererror: { code: inner } }) } }, { "x-ms-request-id": "azure-request" }];
  const url64 = (bytes) => bytes.toString("base64url");
  state.url = await serve(({ method, path, query, headers, body }) => {
    state.requests.push({ path, body });
    if (headers.authorization !== `Bearer ${token}`) {
      const challenge = 'Bearer authorization="https://login.windows.net/tenant", resource="https://vault.azure.net"';
      return [401, { error: { code: "Unauthorized", message: "AKV10000: Request is missing a Bearer or PoP token." } }, { "www-authenticate": challenge }];
    }
    if (!/^(\d+\.\d+|\d{4}-\d\d-\d\d)$/.test(query.get("api-version") ?? "")) return refuse(400, "BadParameter", "api-version must be specified");
    const [, name, given, verb] = /^\/keys\/([^/]+)(?:\/([0-9a-f]{32}))?(?:\/(wrapkey|unwrapkey|encrypt|decrypt))?\/?$/.exec(path) ?? [];
    const versions = keys.get(name);
    if (!versions) return refuse(404, "KeyNotFound", `A key with (name/id) ${name} was not found in this key vault.`);
    const version = given ?? Array.from(versions.keys()).at(-1);
    const key = versions.get(version);
    if (!key) return refuse(404, "KeyNotFound", `${name}/${version} was not found`);
    const kid = `${vault}/keys/${name}/${version}`;
    // Nobody may read it, so that the vendor's client can not do the work itself.
    if (!verb) return refuse(403, "Forbidden", "The user does not have keys get permission", "AccessDenied");
    if (method !== "POST") return refuse(405, "MethodNotAllowed", "POST");
    if (key.disabled) return refuse(403, "Forbidden", `Operation ${verb} is not allowed on a disabled key.`, "KeyDisabled");
    const bytes = Object.fromEntries(["value", "iv", "aad", "tag"].map((member) => [member, Buffer.from(body[member] ?? "", "base64url")]));
    const isWrapping = ["wrapkey", "encrypt"].includes(verb);
    const { alg } = body;
    try {
      if (key.rsa && alg === "RSA-OAEP-256") {
        const how = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
        const value = isWrapping ? publicEncrypt({ key: key.rsa.publicKey, ...how }, bytes.value) : privateDecrypt({ key: key.rsa.privateKey, ...how }, bytes.value);
        return [200, { kid, value: url64(value) }];
      }
      if (key.aes && alg === "A256KW" && verb.endsWith("wrapkey")) {
        const cipher = (isWrapping ? createCipheriv : createDecipheriv)("id-aes256-wrap", key.aes, Buffer.alloc(8, 0xa6));
        return [200, { kid, value: url64(Buffer.concat([cipher.update(bytes.value), cipher.final()])) }];
      }
      if (key.aes && alg === "A256GCM" && !verb.endsWith("wrapkey")) {
        if (!isWrapping) return [200, { kid, value: url64(open(key.aes, bytes, bytes.aad)) }];
        const { iv, value, tag } = seal(key.aes, bytes.value, bytes.aad);
        return [200, { kid, value: url64(value), iv: url64(iv), tag: url64(tag), ...(body.aad && { aad: body.aad }) }];
      }
    } catch {
      return refuse(400, "BadParameter", "The parameter is incorrect.");
    }
    return refuse(400, "BadParameter", `Key and algorithm ${alg} do not go together for ${verb}.`);
  });
  const make = (kind) => (kind === "RSA" ? { rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }) } : { aes: randomBytes(32) });
  state.createKey = (name, kind) => {
    const versions = keys.get(name) ?? new Map();
    const version = randomBytes(16).toString("hex");
    keys.set(name, versions.set(version, make(kind)));
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
