// A handler of the web's requests, as what Node's `http.createServer` takes.

export function nodeListener(handler) {
  return async (incoming, outgoing) => {
    const aborted = new AbortController();
    outgoing.on("close", () => aborted.abort());
    try {
      const response = await handler(requestOf(incoming, aborted.signal));
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      outgoing.end(new Uint8Array(await response.arrayBuffer()));
    } catch {
      // An address or headers that are none.
      if (!outgoing.headersSent) outgoing.writeHead(400);
      outgoing.end();
    }
  };
}

function requestOf(incoming, signal) {
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values]) => values.map((value) => [name, value]));
  const init = { method: incoming.method, headers, signal };
  if (!["GET", "HEAD"].includes(incoming.method)) Object.assign(init, { body: streamOf(incoming), duplex: "half" });
  return new Request(new URL(incoming.url, "http://broker"), init);
}

/** Read as it is asked for, so that what is too long is not read. */
function streamOf(incoming) {
  const chunks = incoming[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(new Uint8Array(value));
    },
    cancel: () => chunks.return?.(),
  });
}
