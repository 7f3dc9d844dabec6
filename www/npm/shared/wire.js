// The embedded KMS as if it were behind a network: AWS JSON requests, by the web's `fetch` or by what AWS SDK v3 sends them with.

import { invalid, optional, signal } from "./check.js";
import { WaxsealError } from "./errors.js";
import { valueOf } from "./kms/engine.js";

/** Answers a request as `fetch` would; `input` and `init` are `fetch`'s. */
export async function answerFetch(world, input, init) {
  const request = new Request(input, init);
  const url = new URL(request.url);
  request.signal.throwIfAborted();
  const body = await read(request);
  request.signal.throwIfAborted();
  const headers = [...request.headers];
  // What `fetch` itself would add to what it sends, and scripts in a page can not set.
  for (const [name, value] of [["host", url.host], ["content-length", `${body.length}`]]) {
    if (!request.headers.has(name)) headers.push([name, value]);
  }
  const answer = await handle(world, request.method, `${url.pathname}${url.search}`, headers, body);
  return new Response(answer.body.length > 0 ? answer.body : null, { status: answer.status, headers: answer.headers });
}

/** What an AWS SDK v3 client takes as its `requestHandler`. Where the request would go does not matter: it goes to the embedded KMS. */
export class RequestHandler {
  #world;

  constructor(world) {
    this.#world = world;
    // By this the client knows to add the header `host`.
    this.metadata = { handlerProtocol: "http/1.1" };
  }

  async handle(request, given) {
    const { method, path, query, headers } = request;
    const abortSignal = optional(given?.abortSignal, signal, "abortSignal");
    abandonIfAborted(abortSignal);
    const body = new Uint8Array(await new Response(request.body ?? null).arrayBuffer());
    abandonIfAborted(abortSignal);
    const answer = await handle(this.#world, method, targetOf(path, query), Object.entries(headers), body);
    const answered = Object.fromEntries(answer.headers);
    return { response: { statusCode: answer.status, headers: answered, body: answer.body } };
  }

  /** A client may set options of its transport; there is none. */
  updateHttpClientConfig() {}

  httpHandlerConfigs() {
    return {};
  }

  /** A client that is destroyed closes its connections; the KMS lives on. */
  destroy() {}
}

/** A body, or the beginning of one that is too long: whoever sends it may never stop. */
async function read(request) {
  // Firefox does not show the stream.
  if (!request.body) return new Uint8Array(await request.arrayBuffer());
  const reader = request.body.getReader();
  const chunks = [];
  let length = 0;
  while (length <= MAX_BODY_LENGTH) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  // What is not read is not waited for.
  reader.cancel().catch(() => {});
  const body = new Uint8Array(length);
  chunks.reduce((at, chunk) => (body.set(chunk, at), at + chunk.length), 0);
  return body;
}

/** `body` is ours, and wiped: it may have a plaintext in it. */
async function handle(world, method, target, headers, body) {
  // All of it is text before the module is entered: what threw in there would look like a trap.
  const verb = String(method);
  const words = headers.flat().map(String);
  const length = words.reduce((sum, word) => sum + word.length, verb.length + target.length);
  if (length > MAX_HEAD_LENGTH) throw invalid(`address and headers are longer than ${MAX_HEAD_LENGTH} characters`);
  try {
    // A longer body is refused by its length, for which so much of it is enough.
    const result = await world.ask("handle", verb, target, words, body.subarray(0, MAX_BODY_LENGTH + 1));
    return result.fault ? refusal(result.fault) : valueOf(result);
  } finally {
    body.fill(0);
  }
}

/** What the front answered could not be stored, so it answers this. */
function refusal({ name, message, httpStatusCode }) {
  const headers = [["content-type", "application/x-amz-json-1.1"], ["x-amzn-errortype", name]];
  return { status: httpStatusCode, headers, body: new TextEncoder().encode(JSON.stringify({ __type: name, message })) };
}

/** Path and query as they would travel. A KMS takes no parameters, so these are only there to be refused. */
function targetOf(path, query) {
  const parameters = Object.entries(query ?? {}).flatMap(([name, value]) => [value].flat().map((one) => [name, one ?? ""]));
  const text = parameters.map((pair) => pair.map((part) => encodeURIComponent(part)).join("=")).join("&");
  return text ? `${path}?${text}` : `${path}`;
}

function abandonIfAborted(abortSignal) {
  if (abortSignal?.aborted) throw new WaxsealError({ code: "Aborted", message: "the request was aborted", cause: abortSignal.reason });
}

const MAX_HEAD_LENGTH = 65_536;
const MAX_BODY_LENGTH = 1_048_576;
