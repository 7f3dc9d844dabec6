// AWS Signature Version 4, in headers: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html

/**
 * The headers to send, with `host` only in the signature: `fetch` sends that itself.
 *
 * @param {{ method: string, url: URL, headers: Record<string, string>, body: string }} request
 * @param {{ accessKeyId: string, secretAccessKey: string, sessionToken?: string }} credentials
 * @param {{ region: string, service: string, date: Date }} scope
 */
export async function signed(request, credentials, { region, service, date }) {
  const time = date.toISOString().replace(/[:-]|\.\d{3}/g, "");
  const headers = { ...request.headers, "x-amz-date": time };
  if (credentials.sessionToken) headers["x-amz-security-token"] = credentials.sessionToken;
  const { canonical, names } = await canonicalRequest(request, headers);
  const place = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  let key = encoder.encode(`AWS4${credentials.secretAccessKey}`);
  for (const part of place.split("/")) key = await hmac(key, part);
  const signature = hex(await hmac(key, `${ALGORITHM}\n${time}\n${place}\n${await sha256(canonical)}`));
  headers.authorization = `${ALGORITHM} Credential=${credentials.accessKeyId}/${place}, SignedHeaders=${names}, Signature=${signature}`;
  return headers;
}

/** What is signed; exported for tests against AWS's own examples. */
export async function canonicalRequest({ method, url: { host, pathname, search }, body }, headers) {
  // A header with several values has them as an array here, and joined with commas there.
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => [name.toLowerCase(), [value].flat().map(folded).join(",")]);
  lines.sort(byText);
  const names = lines.map(([name]) => name).join(";");
  const list = lines.map(([name, value]) => `${name}:${value}\n`).join("");
  const path = pathname.replace(/\/{2,}/g, "/").split("/").map(encoded).join("/");
  return { canonical: [method, path, query(search), list, names, await sha256(body)].join("\n"), names };
}

function query(search) {
  const pairs = search.slice(1).split("&").filter(Boolean).map((pair) => {
    const [name, ...value] = pair.split("=");
    return [name, value.join("=")].map((part) => encoded(decodeURIComponent(part)));
  });
  return pairs.sort(byText).map((pair) => pair.join("=")).join("&");
}

const folded = (value) => value.trim().replace(/\s+/g, " ");
const byText = ([a, one], [b, other]) => (a < b || (a === b && one < other) ? -1 : 1);

/** All but AWS's unreserved characters. What is in a path is encoded already, and by AWS's rule once more. */
function encoded(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

async function hmac(key, text) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  key.fill(0);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)));
}

async function sha256(text) {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text))));
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const encoder = new TextEncoder();
const ALGORITHM = "AWS4-HMAC-SHA256";
