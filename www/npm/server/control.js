// What is not AWS's, under /_waxseal/: health for anybody; the clock and a new beginning only with --control, and only for programs of this
// machine. Any page that a browser shows can send a request to 127.0.0.1, but not one without a trace of the page in its headers.

import { CONTROL_PREFIX, refusal } from "./front.js";

export class Control {
  #isEnabled;
  #kms;

  /**
   * @param {boolean} isEnabled
   * @param {{ version: string, advance(seconds: number): Promise<object>, reset(): Promise<object> }} kms `advance` is absent where the clock is real
   */
  constructor(isEnabled, kms) {
    this.#isEnabled = isEnabled;
    this.#kms = kms;
  }

  async answer(request, body) {
    const name = request.url.slice(CONTROL_PREFIX.length);
    if (name === "health" && (request.method === "GET" || request.method === "HEAD")) return json({ status: "ok", version: this.#kms.version });
    if (name !== "clock" && name !== "reset") return refusal(404, "NotFoundException", "there is health, clock and reset under /_waxseal/");
    const objection = this.#isEnabled ? objectionTo(request) : "the server was started without --control";
    if (objection) return refusal(403, "AccessDeniedException", objection);
    if (request.method !== "POST") return refusal(405, "UnknownOperationException", `${request.url} is asked by POST`);
    return name === "reset" ? json(await this.#kms.reset()) : this.#advance(body);
  }

  async #advance(body) {
    if (!this.#kms.advance) return refusal(400, "ValidationException", "the clock is real; start the server with --clock virtual");
    const seconds = secondsIn(body);
    if (seconds === undefined) {
      return refusal(400, "ValidationException", `the body is not {"advance_seconds": n} with a number from 0 to ${MAX_SECONDS}`);
    }
    return json(await this.#kms.advance(seconds));
  }
}

/** Why a request is not one of a program on this machine. */
function objectionTo({ headers, socket }) {
  if (!isLoopback(socket.remoteAddress ?? "")) return "it comes from another machine";
  if (headers.origin !== undefined) return "it has an Origin: a page sent it";
  if ((headers["sec-fetch-site"] ?? "none") !== "none") return "it has a Sec-Fetch-Site: a page sent it";
  // A page of a name that was made to point here sends that name.
  if (!isLoopback(hostname(headers.host))) return "its Host is not localhost, 127.0.0.1 or [::1]";
  return undefined;
}

/** Whether a host name or address is one of this machine only. */
export function isLoopback(host) {
  return host === "localhost" || host === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
}

function hostname(host = "") {
  return (/^\[([0-9a-f:.]+)\](?::\d+)?$/i.exec(host)?.[1] ?? host.replace(/:\d+$/, "")).toLowerCase();
}

function secondsIn(body) {
  try {
    const { advance_seconds: seconds, ...others } = JSON.parse(body.toString());
    const isTime = typeof seconds === "number" && seconds >= 0 && seconds <= MAX_SECONDS;
    return isTime && Object.keys(others).length === 0 ? seconds : undefined;
  } catch {
    return undefined;
  }
}

function json(value) {
  const headers = [["content-type", "application/json"], ["cache-control", "no-store"], ["date", new Date().toUTCString()]];
  return { status: 200, headers, body: Buffer.from(`${JSON.stringify(value)}\n`) };
}

/** A hundred years. */
const MAX_SECONDS = 3_155_760_000;
