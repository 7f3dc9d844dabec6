// What happens, one line each, on standard error. Never a body, a token, a signature or a secret: a line is made of what is named here.

export class Log {
  #isJson;
  #write;
  #lines = [];

  /**
   * @param {"json" | "text"} form
   * @param {(text: string) => void} write
   */
  constructor(form, write) {
    this.#isJson = form === "json";
    this.#write = write;
  }

  /** Something that a person or a monitor should know. */
  note(level, message) {
    const time = new Date().toISOString();
    this.#line(this.#isJson ? JSON.stringify({ time, level, event: "note", message }) : `${time} ${level} ${message}`);
  }

  /** A request that was answered. */
  request({ operation, status, error, requestId, principal, milliseconds }) {
    const time = new Date().toISOString();
    const ms = Math.round(milliseconds * 100) / 100;
    if (this.#isJson) {
      this.#line(JSON.stringify({ time, level: "info", event: "request", operation, status, error, request_id: requestId, principal, duration_ms: ms }));
    } else {
      this.#line([time, status, operation ?? "-", error, principal ?? "-", `${ms} ms`, requestId].filter((word) => word !== undefined).join(" "));
    }
  }

  /** Lines of one turn of the event loop are written at once. */
  #line(line) {
    if (this.#lines.push(line) === 1) setImmediate(() => this.flush());
  }

  flush() {
    const lines = this.#lines.splice(0);
    if (lines.length > 0) this.#write(`${lines.join("\n")}\n`);
  }
}
