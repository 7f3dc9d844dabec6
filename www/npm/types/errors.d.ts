/**
 * What kind of thing went wrong, and so who has to act. The list is closed: a `switch` over it is complete.
 *
 * - `InvalidInput`: the call can not be done; it will fail again. The caller has to change it.
 * - `InvalidMessage`: the bytes are not a message that this client reads.
 * - `EncryptionContextMismatch`: the encryption context given to decrypt is not in the message. No KMS was asked.
 * - `DecryptionFailed`: the message was altered or cut short, or is for another key. On purpose it does not say which.
 * - `KmsDenied`: a KMS answered, and refused; `kmsCode` has its own name for why.
 * - `KmsUnavailable`: a KMS did not answer, or not as a KMS does; or a keyring, store or function of the caller's own threw, and `cause` is that.
 * - `Aborted`: the caller's `AbortSignal` fired; `cause` is the signal's reason.
 * - `LoadFailed`: the WebAssembly module could not be loaded; the message says what the page lacks where that is known.
 * - `Internal`: a bug in waxseal. Its memory was wiped; the next call works with a new instance.
 *
 * In a page, what is wrong with a call or a message (`InvalidInput`, `InvalidMessage`, `EncryptionContextMismatch`) may be told by the full module, which is loaded for it; if that
 * can not be loaded, the code is right and the message says so.
 */
export type ErrorCode =
  | "InvalidInput"
  | "InvalidMessage"
  | "EncryptionContextMismatch"
  | "DecryptionFailed"
  | "KmsDenied"
  | "KmsUnavailable"
  | "Aborted"
  | "LoadFailed"
  | "Internal";

/** Everything that waxseal throws. */
export class WaxsealError extends Error {
  protected constructor();
  /**
   * The KMS's own name where a KMS refused (`AccessDeniedException`, as in AWS's SDK), `AbortError` where the caller aborted (as in the web's
   * APIs), else the same as `code`.
   */
  readonly name: string;
  /** What kind of thing went wrong. */
  readonly code: ErrorCode;
  /** Where a KMS refused or could not be asked, or a keyring or store of the caller's own failed: what it threw. Where the caller aborted: the signal's reason. */
  readonly cause?: unknown;
  /** The KMS's own name of the fault, such as AWS's `AccessDeniedException`; only where a KMS refused. */
  readonly kmsCode?: string;
  /** The id of the request that was refused; only where a KMS refused and said it. */
  readonly requestId?: string;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
}

/** A refusal by `LocalKms`, in the shape of AWS SDK v3's exceptions. `name` is AWS's name of the fault. */
export class KmsFault extends WaxsealError {
  protected constructor();
  readonly code: "KmsDenied" | "KmsUnavailable";
  readonly kmsCode: string;
  /** Whose mistake it was. */
  readonly $fault: "client" | "server";
  /** How the answer would have travelled. */
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId?: string };
  /** There if the request may be tried again. */
  readonly $retryable?: object;
  /** How the policies and grants were evaluated, where the request got that far. */
  readonly decision?: Decision;
}

/** How the policies and grants that concern a request were evaluated. */
export interface Decision {
  /** `explicit-deny` if a Deny statement matches; `implicit-deny` if nothing allows the request. */
  readonly verdict: "allow" | "explicit-deny" | "implicit-deny";
  /** One sentence for people. */
  readonly because: string;
  /** Which of the findings decided; absent where nothing allowed. */
  readonly decidedBy?: FindingId;
  /** Every statement of every policy, and every grant, in document order. */
  readonly findings: readonly Finding[];
}

/** Where a statement or grant stands. */
export interface FindingId {
  /** The kind of document. */
  readonly source: "key-policy" | "identity-policy" | "permissions-boundary" | "session-policy" | "service-control-policy" | "grant";
  /** Which document of that kind, from 0; grants: always 0. */
  readonly document: number;
  /** Which statement of the document, or which grant of the key, from 0. */
  readonly index: number;
  /** The grant's id, for grants. */
  readonly grantId?: string;
}

/** One statement or grant, compared with a request. */
export interface Finding {
  /** Where it stands. */
  readonly id: FindingId;
  /** The statement's Sid, or the grant's name. */
  readonly name?: string;
  /** Grants only allow. */
  readonly effect: "Allow" | "Deny";
  /** What it means for the request. `delegates`: it lets the account's identity policies decide. `permits`: it only limits, and leaves room. */
  readonly outcome: "allows" | "denies" | "delegates" | "permits" | "has-no-effect" | "does-not-match";
  /** Every element, in order, and how it came out. */
  readonly elements: readonly ElementFinding[];
}

/** One element of a statement or grant, compared with a request. */
export interface ElementFinding {
  /** `Principal`, `Action`, `Resource`, `Condition`, `GranteePrincipal`, `Operations`, `Constraints`, or a negated form. */
  readonly element: string;
  /** What it asks for. */
  readonly wanted: string;
  /** What the request has. */
  readonly found: string;
  /** Whether that satisfies it. */
  readonly matched: boolean;
}

/** Whether waxseal threw it. It also holds across two copies of the package, where `instanceof` does not. */
export function isWaxsealError(error: unknown): error is WaxsealError;
/** Whether the call itself is wrong. */
export function isInvalidInput(error: unknown): error is WaxsealError & { readonly code: "InvalidInput" };
/** Whether the bytes are not a message that this client reads. */
export function isInvalidMessage(error: unknown): error is WaxsealError & { readonly code: "InvalidMessage" };
/** Whether the message is bound to something else than the caller expects. */
export function isEncryptionContextMismatch(error: unknown): error is WaxsealError & { readonly code: "EncryptionContextMismatch" };
/** Whether the message was altered or cut short, or is for another key. */
export function isDecryptionFailed(error: unknown): error is WaxsealError & { readonly code: "DecryptionFailed" };
/** Whether a KMS refused. */
export function isKmsDenied(error: unknown): error is WaxsealError & { readonly code: "KmsDenied"; readonly kmsCode: string };
/** Whether a KMS did not answer. */
export function isKmsUnavailable(error: unknown): error is WaxsealError & { readonly code: "KmsUnavailable" };
/** Whether the caller aborted. */
export function isAborted(error: unknown): error is WaxsealError & { readonly code: "Aborted" };
/** Whether the WebAssembly module could not be loaded. */
export function isLoadFailed(error: unknown): error is WaxsealError & { readonly code: "LoadFailed" };
/** Whether it is a bug in waxseal. */
export function isInternal(error: unknown): error is WaxsealError & { readonly code: "Internal" };
