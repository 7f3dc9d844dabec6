// What a broker remembers of its sessions: which tokens were used up, and how often each subject has asked. It is in memory: of this process, or of this
// isolate where there are many.

/** Ids of tokens that are for one request, until they end anyway. */
export class Replays {
  #ends = new Map();

  /** Whether the id is new, and is so for nobody any more. When too many are remembered, none is new. */
  claim(id, expires) {
    if (this.#ends.has(id)) return false;
    if (this.#ends.size >= MOST) this.#forgetEnded();
    if (this.#ends.size >= MOST) return false;
    this.#ends.set(id, expires.getTime());
    return true;
  }

  #forgetEnded() {
    const now = Date.now();
    for (const [id, end] of this.#ends) if (end <= now) this.#ends.delete(id);
  }
}

/** `requests` in `seconds`, for each subject: a bucket that fills steadily. */
export class Rate {
  #buckets = new Map();
  #most;
  #perMillisecond;

  constructor({ requests, seconds }) {
    this.#most = requests;
    this.#perMillisecond = requests / (seconds * 1000);
  }

  /** Zero if the subject may ask now, else in how many seconds. */
  wait(subject) {
    const now = Date.now();
    const { left, at } = this.#buckets.get(subject) ?? { left: this.#most, at: now };
    const filled = Math.min(this.#most, left + Math.max(now - at, 0) * this.#perMillisecond);
    const may = filled >= 1;
    // The last to ask is the last in the map, so that the first is the one that has been quiet longest.
    this.#buckets.delete(subject);
    this.#buckets.set(subject, { left: may ? filled - 1 : filled, at: now });
    if (this.#buckets.size > MOST) this.#buckets.delete(this.#buckets.keys().next().value);
    return may ? 0 : Math.ceil((1 - filled) / this.#perMillisecond / 1000);
  }
}

const MOST = 100_000;
