// A keep-alive HTTP client that does little besides sending: requests are signed and written down before the clock starts.

import { createHash, createHmac } from "node:crypto";
import { connect } from "node:net";

/** The bytes of a signed request to a KMS. */
export function signedRequest({ port, credentials, operation, body, date = new Date() }) {
  const host = `127.0.0.1:${port}`;
  const time = date.toISOString().replace(/[:-]|\.\d{3}/g, "");
  const text = JSON.stringify(body);
  const headers = { "content-type": "application/x-amz-json-1.1", host, "x-amz-date": time, "x-amz-target": `TrentService.${operation}` };
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`).join("");
  const canonical = `POST\n/\n\n${lines}\n${names}\n${sha256(text)}`;
  const scope = [time.slice(0, 8), "us-east-1", "kms", "aws4_request"];
  const key = scope.reduce((key, part) => hmac(key, part), `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope.join("/")}\n${sha256(canonical)}`).toString("hex");
  const credential = `${credentials.accessKeyId}/${scope.join("/")}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  const head = Object.entries({ ...headers, authorization, "content-length": Buffer.byteLength(text) });
  return Buffer.from(`POST / HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${text}`);
}

/** Sends a request over and over on that many connections at once; requests a second. */
export async function throughput({ port, bytes, connections, milliseconds }) {
  const until = performance.now() + milliseconds;
  const begun = performance.now();
  const counts = await Promise.all(Array.from({ length: connections }, () => repeat(port, bytes, until)));
  return (counts.reduce((sum, count) => sum + count) * 1000) / (performance.now() - begun);
}

/** Sends one request; the answer's body. */
export async function ask(port, bytes) {
  let answer;
  await repeat(port, bytes, 0, (text) => (answer = JSON.parse(text)));
  return answer;
}

function repeat(port, bytes, until, seen = () => {}) {
  return new Promise((resolve, reject) => {
    let count = 0;
    let text = "";
    let socket;
    const open = () => {
      socket = connect(port, "127.0.0.1", () => socket.write(bytes)).setNoDelay(true);
      socket.setEncoding("latin1");
      socket.on("error", reject);
      socket.on("data", (chunk) => {
        text += chunk;
        const body = bodyOf(text);
        if (body === undefined) return;
        if (!text.startsWith("HTTP/1.1 200")) return reject(new Error(text));
        seen(body);
        count++;
        const closes = /^connection: close\r$/im.test(text.slice(0, text.indexOf("\r\n\r\n") + 1));
        text = "";
        if (performance.now() >= until) return void socket.end(resolve(count));
        if (closes) return void socket.destroy(open());
        socket.write(bytes);
      });
    };
    open();
  });
}

/** The body of an answer that is there whole. */
function bodyOf(text) {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1]);
  const body = text.slice(end + 4);
  return body.length >= length ? body : undefined;
}

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
