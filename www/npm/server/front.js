// The HTTP front: reads a request within limits, has it answered, and sends the answer when what it changed is on the disk.

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";

import { WaxsealError } from "../shared/errors.js";

export class Front {
  #answer;
  #control;
  #log;
  #limits;
  #server;
  #active = 0;
  #isClosing = false;

  /**
   * @param {object} parts
   * @param {(request: object) => Promise<object>} parts.answer a request to the KMS, see `Engine.handle`
   * @param {import("./control.js").Control} parts.control
   * @param {import("./log.js").Log} parts.log
   * @param {{ connections: number, requests: number, seconds: number }} parts.limits
   */
  constructor({ answer, control, log, limits }) {
    this.#answer = answer;
    this.#control = control;
    this.#log = log;
    this.#limits = limits;
    const milliseconds = limits.seconds * 1000;
    this.#server = createServer({
      headersTimeout: milliseconds,
      requestTimeout: milliseconds,
      connectionsCheckingInterval: Math.min(1000, milliseconds / 2),
      keepAliveTimeout: KEEP_ALIVE,
    });
    // Whoever does not read the answer does not keep a connection either.
    this.#server.timeout = KEEP_ALIVE + milliseconds;
    this.#server.on("connection", (socket) => this.#admit(socket));
    this.#server.on("request", (request, response) => this.#serve(request, response));
    this.#server.on("checkContinue", (request, response) => {
      // A body that will be refused need not be sent.
      if (!(request.headers["content-length"] > MAX_BODY_LENGTH)) response.writeContinue();
      this.#serve(request, response);
    });
    this.#server.on("clientError", (error, socket) => refuseUnreadable(error, socket));
  }

  /** Listens; the address. */
  listen(port, host) {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ port, host, backlog: BACKLOG }, () => resolve(this.#server.address()));
    });
  }

  /** Takes no more requests; returns when the ones that are there are answered, or were given up. */
  close(milliseconds) {
    this.#isClosing = true;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), milliseconds);
    return closed.finally(() => clearTimeout(timer));
  }

  #admit(socket) {
    socket.setNoDelay(true);
    this.#server.getConnections((_, count) => {
      if (count <= this.#limits.connections) return;
      socket.end(rawRefusal(503, "ThrottlingException", TOO_BUSY, "retry-after: 1\r\n"));
      // What it still sends is not read by anybody.
      socket.resume();
      setTimeout(() => socket.destroy(), LINGER).unref();
    });
  }

  async #serve(request, response) {
    const begun = performance.now();
    const isKms = !request.url.startsWith(CONTROL_PREFIX);
    this.#active++;
    response.once("close", () => this.#active--);
    let answer;
    if (this.#active > this.#limits.requests) answer = refusal(503, "ThrottlingException", TOO_BUSY, [["retry-after", "1"]]);
    else {
      const body = await read(request);
      if (body === undefined) return;
      answer = await this.#answerTo(request, body, isKms);
    }
    this.#send(request, response, answer);
    if (!isKms) return;
    const error = answer.status >= 400 ? header(answer, "x-amzn-errortype") : undefined;
    this.#log.request({
      operation: operationOf(request),
      status: answer.status,
      error,
      requestId: header(answer, "x-amzn-requestid"),
      principal: answer.caller,
      milliseconds: performance.now() - begun,
    });
  }

  async #answerTo(request, body, isKms) {
    if (body === TOO_LONG) return { ...refusal(413, "RequestEntityTooLargeException", `the body is longer than ${MAX_BODY_LENGTH} bytes`), isLast: true };
    try {
      if (!isKms) return await this.#control.answer(request, body);
      const { method, url: target, rawHeaders: headers, socket } = request;
      return await this.#answer({ method, target, headers, body, sourceIp: addressOf(socket) });
    } catch (cause) {
      const text = cause instanceof WaxsealError && cause.code === "Internal" ? cause.message : "nothing was changed; try again";
      return refusal(500, "KMSInternalException", text);
    } finally {
      // It may have a plaintext in it.
      body.fill(0);
    }
  }

  #send(request, response, { status, headers, body, isLast }) {
    const all = [...headers, ["content-length", `${body.length}`]];
    if (isLast || this.#isClosing) all.push(["connection", "close"]);
    if (request.headers.origin !== undefined && !headers.some(([name]) => name === "access-control-allow-origin")) {
      all.push(["access-control-allow-origin", "*"]);
    }
    response.sendDate = false;
    response.writeHead(status, all.flat());
    const wipe = () => body.fill(0);
    if (response.destroyed) return void wipe();
    response.once("close", wipe);
    response.end(body);
  }
}

/** A refusal of the host's own, in AWS's shape. */
export function refusal(status, name, message, headers = []) {
  const id = randomUUID();
  return {
    status,
    headers: [["content-type", "application/x-amz-json-1.1"], ["x-amzn-requestid", id], ["x-amzn-errortype", name], ["date", new Date().toUTCString()], ...headers],
    body: Buffer.from(JSON.stringify({ __type: name, message })),
  };
}

/** The body; `TOO_LONG`, or nothing if the client went away. */
function read(request) {
  return new Promise((resolve) => {
    if (request.headers["content-length"] > MAX_BODY_LENGTH) return resolve(TOO_LONG);
    const chunks = [];
    let length = 0;
    request.on("data", (chunk) => {
      length += chunk.length;
      if (length > MAX_BODY_LENGTH) resolve(TOO_LONG);
      else chunks.push(chunk);
    });
    request.on("end", () => resolve(joined(chunks)));
    request.on("error", () => resolve(undefined));
    request.on("close", () => resolve(undefined));
  });
}

/** One body, and no second copy of what is in it. */
function joined(chunks) {
  if (chunks.length === 1) return chunks[0];
  const body = Buffer.concat(chunks);
  for (const chunk of chunks) chunk.fill(0);
  return body;
}

/** The answer to what is no HTTP, or came too slowly. */
function refuseUnreadable(error, socket) {
  if (!socket.writable || error.code === "ECONNRESET") return socket.destroy();
  const [status, text] = UNREADABLE[error.code] ?? [400, "this is not HTTP/1.1"];
  socket.end(rawRefusal(status, status === 408 ? "RequestTimeoutException" : "SerializationException", text));
}

function rawRefusal(status, name, message, more = "") {
  const body = JSON.stringify({ __type: name, message });
  const head = `HTTP/1.1 ${status} ${REASONS[status]}\r\ncontent-type: application/x-amz-json-1.1\r\nx-amzn-errortype: ${name}\r\n${more}`;
  return `${head}connection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** Without the form in which IPv6 sockets have IPv4 addresses. */
function addressOf(socket) {
  return socket.remoteAddress?.replace(/^::ffff:/, "");
}

function operationOf(request) {
  return /^TrentService\.([A-Za-z]{1,64})$/.exec(request.headers["x-amz-target"] ?? "")?.[1];
}

function header({ headers }, name) {
  return headers.find(([own]) => own === name)?.[1];
}

export const CONTROL_PREFIX = "/_waxseal/";
const MAX_BODY_LENGTH = 1_048_576;
const TOO_LONG = Buffer.alloc(0);
const TOO_BUSY = "Rate exceeded: too many requests or connections at once; try again";
const UNREADABLE = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, "the request came too slowly"],
  HPE_HEADER_OVERFLOW: [431, "the headers are too long"],
};
const REASONS = { 400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large", 503: "Service Unavailable" };
/** Milliseconds. Longer than AWS's clients keep a connection that they do not use. */
const KEEP_ALIVE = 65_000;
const LINGER = 2000;
const BACKLOG = 1024;
