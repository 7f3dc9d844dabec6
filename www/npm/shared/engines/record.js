// What a packed plan looks like: where in a record each field starts. `crates/npm-sdk/src/plans.rs` writes it.

/** Bytes of the frame's head, of its additional data, of its data (two numbers, the lower one first); all numbers little-endian, 32 bits. */
export const HEAD_LENGTH = 0;
export const AAD_LENGTH = 4;
export const DATA_LENGTH = 8;
/** Its nonce. */
export const IV = 16;
export const IV_LENGTH = 12;
/** What stands before its data in the message, and room for the longest. */
export const HEAD = 28;
export const MAX_HEAD_LENGTH = 24;
/** What its tag covers besides, and room for the longest. */
export const AAD = 52;
export const RECORD = 132;
