// The engine's records in SQLite: one schema and adapter for every SQLite that answers at once, such as Node's and a Durable Object's.

/** @implements {import("../../types/store.d.ts").RecordStore} */
export class SqliteStore {
  #exec;
  #transaction;

  /**
   * @param {import("../../types/store.d.ts").Exec} exec
   * @param {import("../../types/store.d.ts").Transaction} [transaction] for hosts that have none around what they ask the engine
   */
  constructor(exec, transaction = (work) => work()) {
    this.#exec = exec;
    this.#transaction = transaction;
    for (const statement of SCHEMA) exec(statement);
    const version = this.setting("schema");
    if (version === undefined) this.set("schema", VERSION);
    else if (version !== VERSION) throw new Error(`its schema is of version ${version}, this waxseal knows version ${VERSION}; use the waxseal that wrote it`);
  }

  read(id) {
    const row = this.#exec("SELECT version, body, due, seal FROM records WHERE id = ?", id)[0];
    return row && { version: row.version, body: row.body, due: row.due ?? undefined, seal: row.seal };
  }

  stamp(id) {
    return this.#exec("SELECT version, seal FROM records WHERE id = ?", id)[0];
  }

  ids(prefix, from, limit) {
    // Nothing that a KMS has in an id comes after U+10FFFF.
    const end = `${prefix}\u{10FFFF}`;
    return this.#exec("SELECT id FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?", from > prefix ? from : prefix, end, limit).map((row) => row.id);
  }

  nextDue() {
    return this.#exec("SELECT id, due FROM records WHERE due IS NOT NULL ORDER BY due, id LIMIT 1")[0];
  }

  commit(changes, audit) {
    return this.#transaction(() => this.#write(changes, audit));
  }

  audit(from, limit) {
    return this.#exec("SELECT line FROM audit WHERE number > ? ORDER BY number LIMIT ?", from, limit).map((row) => row.line);
  }

  /** What the host notes for itself, by name. */
  setting(name) {
    return this.#exec("SELECT value FROM settings WHERE name = ?", name)[0]?.value;
  }

  set(name, value) {
    this.#exec("INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value);
  }

  /** Removes the policies of all principals, which are the host's to give. */
  clearAccounts() {
    this.#exec("DELETE FROM records WHERE id >= 'account/' AND id < 'account0'");
  }

  /** Removes all records and the audit log. */
  clear() {
    this.#exec("DELETE FROM records");
    this.#exec("DELETE FROM audit");
  }

  #write(changes, audit) {
    // All versions before the first write: a conflict leaves nothing behind. A statement that fails later does; its transaction is taken back.
    for (const { id, expectedVersion } of changes) {
      if (this.#exec("SELECT version FROM records WHERE id = ?", id)[0]?.version !== expectedVersion) return false;
    }
    for (const { id, record } of changes) {
      if (record) this.#exec(PUT, id, record.version, record.body, record.due ?? null, record.seal);
      else this.#exec("DELETE FROM records WHERE id = ?", id);
    }
    if (audit !== undefined) this.#exec("INSERT INTO audit (line) VALUES (?)", audit);
    return true;
  }
}

const VERSION = "1";
// Text compares by its bytes, as the engine orders ids; a due time is in milliseconds since 1970.
const SCHEMA = [
  "CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
  "CREATE TABLE IF NOT EXISTS records (id TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL, due INTEGER, seal TEXT NOT NULL)",
  "CREATE INDEX IF NOT EXISTS records_due ON records (due, id) WHERE due IS NOT NULL",
  "CREATE TABLE IF NOT EXISTS audit (number INTEGER PRIMARY KEY, line TEXT NOT NULL)",
];
const PUT =
  "INSERT INTO records (id, version, body, due, seal) VALUES (?, ?, ?, ?, ?) " +
  "ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body, due = excluded.due, seal = excluded.seal";
