/**
 * Loads every part of `waxseal` at once, those too that are otherwise loaded when something takes them: streams, parts of messages, signed suites, the
 * full module. Import it where nothing can be imported later, before the first call:
 *
 * ```js
 * import "waxseal/eager";
 * import { Client } from "waxseal";
 * ```
 *
 * A Service Worker that is a module needs it. Elsewhere it only makes more to download; in Node, Bun, Deno and Cloudflare Workers it does nothing.
 */
export {};
