// The entry `waxseal/kms/sqlite`.

import type { Exec, RecordChange, RecordStore, StoredRecord, Transaction } from "./store.js";

export type * from "./store.js";

/**
 * The records of a KMS in SQLite: Node's, a Durable Object's, or any other that answers at once. Its tables are `records`, `audit` and
 * `settings`, made where there are none; the database is for nothing else, and for one `LocalKms` at a time. It throws an `Error` if a newer
 * version of waxseal has written there.
 */
export class SqliteStore implements RecordStore {
  /**
   * @param exec runs a statement
   * @param transaction makes each commit whole or nothing; default: the host has a transaction around each call of the KMS's, and takes it
   * back when a statement has failed
   */
  constructor(exec: Exec, transaction?: Transaction);
  read(id: string): StoredRecord | undefined;
  stamp(id: string): { version: number; seal: string } | undefined;
  ids(prefix: string, from: string, limit: number): string[];
  nextDue(): { id: string; due: number } | undefined;
  commit(changes: RecordChange[], audit: string | undefined): boolean;
  audit(from: number, limit: number): string[];
}
