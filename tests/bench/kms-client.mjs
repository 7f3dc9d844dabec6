// A keep-alive HTTP client that does little besides sending: requests are signed and written down before the clock starts.

import { connect } from "node:net";

import { signedHeaders } from "../server/signing.mjs";

/** The bytes of a signed request to a KMS. */
export function signedRequest({ port, credentials, operation, body }) {
  const text = JSON.stringify(body);
  const headers = { ...signedHeaders({ host: `127.0.0.1:${port}`, credentials, operation, text }), "content-length": Buffer.byteLength(text) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.from(`POST / HTTP/1.1\r\n${lines}\r\n${text}`);
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
