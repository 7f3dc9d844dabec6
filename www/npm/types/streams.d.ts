/// <reference lib="esnext.disposable" />

import type { DecryptOptions, EncryptOptions, Header } from "./index.js";

/** The two ends of a stream, for `source.pipeThrough(pair).pipeTo(sink)`. Nothing flows before somebody reads, and no more than a few megabytes ahead. */
export interface EncryptionStream {
  /** The message, in pieces of any size; each is the caller's own. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /**
   * The plaintext, in pieces of any size: text is taken as UTF-8. A chunk is not copied, and must not be changed until its `write` settles. `close` settles when
   * all of the message was read.
   */
  readonly writable: WritableStream<Uint8Array | ArrayBuffer | string>;
}

/**
 * The two ends of a stream, for `source.pipeThrough(pair).pipeTo(sink)`. Each piece of plaintext that comes out was verified, but **that the message is
 * whole is known only when the stream ends without an error**: until then do nothing that can not be undone. The last part of a signed message comes out
 * only once its signature is verified.
 */
export interface DecryptionStream {
  /** The plaintext, in pieces of any size; each is the caller's own. A message that was altered or cut short ends in an error, never as if it were over. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** The message, in pieces of any size. A chunk must not be changed until its `write` settles. `close` settles when all of the plaintext was read. */
  readonly writable: WritableStream<Uint8Array | ArrayBuffer>;
  /** What the header says, once it is verified, also before anybody reads. It may be left alone: its failure is never an unhandled rejection. */
  readonly header: Promise<Header>;
  /** All pairs that the message is bound to, verified; there when the header is. */
  readonly encryptionContext: Promise<Record<string, string>>;
}

/** How far a stream has come. */
export interface Progress {
  /** Bytes that are done: of the plaintext when encrypting, of the message when decrypting. */
  readonly bytes: number;
  /** Frames that are done. */
  readonly frames: number;
  /** Bytes that there will be, if that was said. */
  readonly total: number | undefined;
}

/** How to show what a stream does. */
export interface StreamOptions {
  /**
   * Bytes that will be written, if that is known: `total` of the progress. Of a plaintext more or fewer are then an error, and a cache may serve; of a message it
   * is taken as a hint. Default: unknown.
   */
  size?: number | undefined;
  /** Is told after every piece that came out. What it throws is reported as uncaught and changes nothing. Default: nobody. */
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** How to encrypt a stream. */
export interface EncryptStreamOptions extends EncryptOptions, StreamOptions {}

/** How to decrypt a stream. */
export interface DecryptStreamOptions extends DecryptOptions, StreamOptions {}

/**
 * Where the parts of a message come from: a Blob or File; the URL of a server that answers range requests; or an object that reads, from a database for
 * example. It has to stay the same while the file is open.
 */
export type RandomAccessSource = Blob | string | URL | PartsSource;

/** A message of which parts are read by a function of the caller's. */
export interface PartsSource {
  /** Bytes of the message. */
  readonly size: number;
  /** That many bytes from that one on: exactly as many. What it throws is the `cause` of the error that comes of it. */
  read(offset: number, length: number, options: { signal: AbortSignal | undefined }): Uint8Array | ArrayBuffer | Promise<Uint8Array | ArrayBuffer>;
}

/** How to open a message of which parts are read. */
export interface OpenOptions extends DecryptOptions {
  /**
   * **Opens a signed message although its signature can not be checked**, because that takes all of it: whoever may decrypt the message could have
   * written it. Default `false`: signed messages are refused.
   */
  dangerIgnoreSignature?: boolean | undefined;
  /** What asks the server of a URL; default: the platform's. Wrap it to add an `Authorization`, for example. */
  fetch?: typeof fetch | undefined;
}

/** How to read a part of a message. */
export interface ReadOptions {
  /** Ends the reading with `Aborted`; default: none. */
  signal?: AbortSignal | undefined;
}

/** Which part of a message to read. */
export interface StreamRange extends ReadOptions {
  /** The first byte of the plaintext; default 0. */
  start?: number | undefined;
  /** The byte after the last; default: the end. */
  end?: number | undefined;
}

/**
 * A message that is read in parts. That it is whole was verified when it was opened; each frame is verified when it is read, and one that was altered
 * fails then and alone. Parts may be read at the same time.
 */
export interface SealedFile {
  /** Bytes of plaintext. */
  readonly size: number;
  /** What the header says, verified. */
  readonly header: Header;
  /** All pairs that the message is bound to, verified. */
  readonly encryptionContext: Record<string, string>;
  /**
   * That many bytes of the plaintext from that one on, fewer at its end; a new array of the caller's own. The frames they are in are fetched by one read of the
   * source.
   */
  read(offset: number, length: number, options?: ReadOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** A part of the plaintext, or all of it, as a stream that fetches about a megabyte at a time, and nothing before somebody reads. */
  stream(range?: StreamRange): ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Forgets the message's key; nothing more can be read. Without this, the garbage collector does it. */
  close(): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}
