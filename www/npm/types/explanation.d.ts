// Why a request is allowed or refused, what would help, and who can do something.

import type { Decision, FindingId } from "./errors.js";

/** A request to be explained. */
export interface ExplainRequest {
  /** Who would ask, by ARN; default: the account's administrator. */
  as?: string | undefined;
  /** The AWS service that would ask on the caller's behalf; default: none. */
  via?: string | undefined;
  /** Such as `Decrypt`. */
  operation: string;
  /** The request, in AWS's shape; default: one without members. */
  request?: object | undefined;
}

/** What would be decided about a request, and what would help. */
export interface Explanation {
  /** The decision about the first permission that is refused, or about the last one if all are given. */
  readonly decision: Decision;
  /**
   * For a refusal: changes that would allow it, those with the fewest parts first. No part of one can be left out. A request can need several
   * permissions; the others may still be refused.
   */
  readonly proposals: readonly Proposal[];
}

/** Changes that together would allow a request. */
export interface Proposal {
  /** The changes. */
  readonly edits: readonly Edit[];
  /** Who else would be allowed the same through them, and is not now. */
  readonly alsoAllows: readonly string[];
}

/** One change. */
export interface Edit {
  /** What is changed. */
  readonly change: Change;
  /** The same in words for people. */
  readonly description: string;
}

/** What can be changed. Statements and policies are JSON text. */
export type Change =
  | { readonly kind: "removeStatement"; readonly statement: FindingId }
  | { readonly kind: "narrowStatement"; readonly statement: FindingId; readonly replacement: string }
  | { readonly kind: "addStatement"; readonly source: FindingId["source"]; readonly level: number; readonly statement: string }
  | { readonly kind: "replaceDocument"; readonly source: FindingId["source"]; readonly document: number; readonly policy: string }
  | { readonly kind: "createGrant"; readonly grantee: string; readonly operations: readonly string[] }
  | { readonly kind: "addEncryptionContext"; readonly key: string; readonly value: string };

/** Somebody who can do something. */
export interface Holder {
  /** The caller's ARN, or the name of a service. */
  readonly principal: string;
  /** Why, in one sentence for people. */
  readonly because: string;
  /** The statement or grant that decides, if one does. */
  readonly decidedBy?: FindingId;
}
