// A server that misbehaves as it is told, one way for each request that comes, and counts them.

import { once } from "node:events";
import { createServer } from "node:http";
import { after } from "node:test";

/** `{ url, requests, plan(...ways) }`; a way is a function of the response, and the last one is for all requests after it. */
export async function misbehaving() {
  let ways = [];
  const requests = [];
  const server = createServer(async (request, response) => {
    const way = ways[Math.min(requests.length, ways.length - 1)];
    const entry = { at: Date.now(), path: request.url, headers: request.headers, body: "" };
    requests.push(entry);
    for await (const chunk of request.setEncoding("utf8")) entry.body += chunk;
    way(response, entry);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const plan = (...given) => {
    ways = given;
    requests.length = 0;
  };
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}`, requests, plan };
}

export const json = (status, body, headers = {}) => (response) => {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
};
export const hangs = () => {};
export const resets = (response) => response.socket.resetAndDestroy();
/** Headers, a part of the body, and the connection is gone. */
export const resetsMidBody = (response) => {
  response.writeHead(200, { "content-length": "1000" });
  response.write('{"KeyId":"');
  setTimeout(() => response.socket.resetAndDestroy(), 20);
};
/** Always something, never all of it. */
export const drips = (response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write(" "), 10);
  response.on("close", () => clearInterval(timer));
};
/** As fast as it can, for ever. */
export const floods = (response) => {
  response.writeHead(200);
  const more = () => {
    while (!response.destroyed && response.write("x".repeat(16_384)));
  };
  response.on("drain", more);
  more();
};
