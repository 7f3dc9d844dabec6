// What a host keeps for the engine: the records of a KMS and its audit log. `waxseal/kms/sqlite` is one for SQLite.

/**
 * A place for records, in step with the engine: what `commit` accepted, the other methods return. Every method answers at once; whatever it
 * throws is a failure of the store, and the request is answered with `KMSInternalException`.
 *
 * Making changes durable is the host's: it must not let an answer out before everything that was committed while it was made is where it
 * survives. `commit` may leave a part of its changes behind only if it throws and the host then takes the whole transaction back.
 */
export interface RecordStore {
  /** The record of that id, such as `key/us-east-1/1234abcd-…`. */
  read(id: string): StoredRecord | undefined;
  /** Version and seal of a record, without reading its body; optional. The engine then reads what it has not seen yet. */
  stamp?(id: string): { version: number; seal: string } | undefined;
  /** The ids that begin with `prefix`, in the order of their UTF-8 bytes: the first `limit` of those that are not before `from`. */
  ids(prefix: string, from: string, limit: number): string[];
  /** The record with the earliest `due`; of several, the one whose id comes first. */
  nextDue(): { id: string; due: number } | undefined;
  /** Applies all changes and appends the line to the audit log, or does nothing and returns `false` if a version is not the expected one. */
  commit(changes: RecordChange[], audit: string | undefined): boolean;
  /** The lines of the audit log, oldest first, counted from 0: the first `limit` of those that are not before number `from`. */
  audit(from: number, limit: number): string[];
}

/** One record. No text in it is secret: key material is encrypted under the root key. */
export interface StoredRecord {
  /** Counts the changes, from 1. */
  version: number;
  /** JSON. */
  body: string;
  /** When something about it falls due by itself, in milliseconds since 1970. */
  due?: number | undefined;
  /** By which the engine notices a body that was altered; 64 hexadecimal digits. */
  seal: string;
}

/** One change to the records. */
export interface RecordChange {
  /** Which record. */
  id: string;
  /** The version that it must have; undefined: there must be no such record. */
  expectedVersion?: number | undefined;
  /** What to write in its place; undefined: it is removed. */
  record?: StoredRecord | undefined;
}

/**
 * Runs one statement of SQLite at once and returns its rows as objects: Node's `(sql, ...p) => database.prepare(sql).all(...p)`, or a Durable
 * Object's `(sql, ...p) => ctx.storage.sql.exec(sql, ...p).toArray()`.
 */
export type Exec = (sql: string, ...parameters: (string | number | null)[]) => Record<string, unknown>[];

/**
 * Runs `work` in a transaction and returns what it returns; if it throws, takes back what it wrote and throws that. A Durable Object's is
 * `(work) => ctx.storage.transactionSync(work)`.
 */
export type Transaction = <T>(work: () => T) => T;
