import type { Header, Input } from "./index.js";

export * from "./errors.js";
export type { EncryptedDataKey, Header, Input } from "./index.js";

/**
 * Looks at a message without any key and without a network, also at one that is broken. **Nothing of it is verified**: anybody may have written
 * what it says.
 */
export function describe(message: Input, options?: DescribeOptions): Promise<MessageDescription>;

/** How to describe. */
export interface DescribeOptions {
  /** The fields of that many frames are told one by one, and those of the others as one; default 1000. */
  maxFrames?: number | undefined;
}

/** What can be seen of a message. What comes of its header is absent where that can not be read. */
export interface MessageDescription {
  /** The algorithm suite. */
  readonly suite?: SuiteDescription | undefined;
  /** The stored pairs that the message is bound to. */
  readonly encryptionContext?: Record<string, string> | undefined;
  /** Who wrapped each of the encrypted data keys, for people: `aws-kms arn:…`. */
  readonly wrappedBy?: readonly string[] | undefined;
  /** The header, with the encrypted data keys. */
  readonly header?: Header | undefined;
  /** Bytes of the header with its tag. */
  readonly headerLength?: number | undefined;
  /** How many frames there are, the last one too; 1 where the body is one piece. */
  readonly frameCount: number;
  /** Bytes of plaintext in these frames. */
  readonly plaintextLength: number;
  /** Every field, in order; joined, their ranges are the message, or as much of it as could be read. */
  readonly fields: readonly Field[];
  /** Why the rest could not be read, or what stands in the wrong place; empty if nothing is wrong that can be seen. */
  readonly problems: readonly string[];
}

/** An algorithm suite, in words. */
export interface SuiteDescription {
  /** Four hexadecimal digits: `0478`. */
  readonly id: string;
  /** What it consists of: `AES-256-GCM, HKDF-SHA-512, key commitment`. */
  readonly description: string;
  /** The version of messages that it is used in. */
  readonly messageVersion: 1 | 2;
  /** Whether a message says, unforgeably, which data key it is under. */
  readonly isCommitting: boolean;
  /** Whether its messages are signed. */
  readonly isSigned: boolean;
}

/** A field of a message. */
export interface Field {
  /** Where it is, in bytes from the message's start; `end` is the byte after it. */
  readonly range: { readonly start: number; readonly end: number };
  /** Its name in the standard, such as `suite id`. */
  readonly label: string;
  /** What this value means, in a person's words. */
  readonly note: string;
  /** The part of the message that it belongs to. */
  readonly part: "header" | "encryption-context" | "encrypted-data-key" | "commitment" | "iv" | "ciphertext" | "tag" | "signature";
}
