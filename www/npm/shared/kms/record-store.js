// The records of a KMS in memory, as the engine wants them: every call answers at once. What a call changes is gathered, to be written by
// whoever keeps the records for longer, and can be undone if that fails.

export class RecordStore {
  #records;
  /** Sorted; they are ASCII, so that text is in the order of its bytes. */
  #ids;
  #lines;
  #nextLine;
  #due;
  #gathering = new Batch();

  /**
   * @param {[id: string, record: object][]} records
   * @param {{ number: number, text: string }[]} lines of the audit log, oldest first
   */
  constructor(records, lines) {
    this.#records = new Map(records);
    this.#ids = [...this.#records.keys()].sort();
    this.#lines = lines;
    this.#nextLine = lines.length > 0 ? lines.at(-1).number + 1 : 0;
  }

  read(id) {
    return this.#records.get(id);
  }

  /** Version and seal of a record; there is no need to make less of it. */
  stamp(id) {
    return this.#records.get(id);
  }

  ids(prefix, from, limit) {
    const start = this.#place(from > prefix ? from : prefix);
    const ids = [];
    for (let at = start; at < this.#ids.length && ids.length < limit && this.#ids[at].startsWith(prefix); at++) ids.push(this.#ids[at]);
    return ids;
  }

  /** Found anew only when a record that can fall due was changed: the engine asks at each call. */
  nextDue() {
    if (this.#due === undefined) {
      this.#due = null;
      for (const [id, { due }] of this.#records) {
        if (due !== undefined && (!this.#due || due < this.#due.due || (due === this.#due.due && id < this.#due.id))) this.#due = { id, due };
      }
    }
    return this.#due ?? undefined;
  }

  commit(changes, audit) {
    if (changes.some(({ id, expectedVersion }) => this.#records.get(id)?.version !== expectedVersion)) return false;
    for (const { id, record } of changes) {
      this.#gathering.note(id, this.#records.get(id), record);
      this.#put(id, record);
    }
    if (audit !== undefined) {
      const line = { number: this.#nextLine++, text: audit };
      this.#lines.push(line);
      this.#gathering.lines.push(line);
    }
    return true;
  }

  audit(from, limit) {
    return this.#lines.slice(from, from + limit).map(({ text }) => text);
  }

  /** Is over when all that was changed up to now is written. */
  written() {
    this.#gathering.isAwaited = true;
    return this.#gathering.written;
  }

  /** Whether somebody waits for what was changed since the last batch was taken. */
  get isAwaited() {
    return this.#gathering.isAwaited;
  }

  /** Hands over what was gathered, to be written. */
  take() {
    const batch = this.#gathering;
    this.#gathering = new Batch();
    return batch;
  }

  /** Makes batches that could not be written undone, the newest first. */
  undo(batches) {
    for (const { before, lines } of batches) {
      for (const [id, record] of before) this.#put(id, record);
      if (lines.length > 0) {
        this.#nextLine = lines[0].number;
        while (this.#lines.at(-1)?.number >= this.#nextLine) this.#lines.pop();
      }
    }
  }

  /** Forgets the lines of the audit log before that one. */
  forgetBefore(number) {
    const kept = this.#lines.findIndex((line) => line.number >= number);
    if (kept > 0) this.#lines.splice(0, kept);
  }

  #put(id, record) {
    const old = this.#records.get(id);
    if (old?.due !== record?.due) this.#due = undefined;
    const at = this.#place(id);
    if (old === undefined && record !== undefined) this.#ids.splice(at, 0, id);
    if (old !== undefined && record === undefined) this.#ids.splice(at, 1);
    if (record === undefined) this.#records.delete(id);
    else this.#records.set(id, record);
  }

  /** Where an id is in their order, or would be. */
  #place(id) {
    let [low, high] = [0, this.#ids.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ids[middle] < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Changes that are written together, and whether they are. */
class Batch {
  /** What records are now; `undefined` for those that are gone. */
  records = new Map();
  /** What they were. */
  before = new Map();
  /** Lines that the audit log has got. */
  lines = [];
  isAwaited = false;

  constructor() {
    this.written = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
    // Nobody may be waiting.
    this.written.catch(() => {});
  }

  get isEmpty() {
    return this.records.size === 0 && this.lines.length === 0;
  }

  note(id, before, record) {
    if (!this.before.has(id)) this.before.set(id, before);
    this.records.set(id, record);
  }
}
