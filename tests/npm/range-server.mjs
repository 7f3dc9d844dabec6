// An HTTP server that gives parts of some bytes, and notes what it was asked for.

import { createServer } from "node:http";

/**
 * Serves what `content` gives at the moment: `{ size, tag, part(start, end) }`. `misbehave(request, response, range)` may answer in its place, and says so.
 * @returns the address, and the ranges that were asked for
 */
export async function serveParts(after, content, misbehave = () => false) {
  const asked = [];
  const server = createServer((request, response) => {
    const { size, tag, part } = content();
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const range = { start: Number(start), end: Math.min(Number(end) + 1, size), size };
    asked.push(start === undefined ? undefined : [range.start, range.end - range.start]);
    if (misbehave(request, response, range)) return;
    if (tag) response.setHeader("etag", tag);
    const condition = request.headers["if-range"];
    if (start === undefined || (condition && condition !== tag)) return response.writeHead(200).end(part(0, size));
    if (range.start >= size) return response.writeHead(416, { "content-range": `bytes */${size}` }).end();
    response.writeHead(206, { "content-range": `bytes ${range.start}-${range.end - 1}/${size}` }).end(part(range.start, range.end));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => (server.closeAllConnections(), server.close()));
  return { url: `http://127.0.0.1:${server.address().port}/message`, asked };
}
