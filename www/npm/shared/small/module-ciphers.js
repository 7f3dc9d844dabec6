// The ciphers of the fast module itself: nothing waits for them.

import { NONE } from "../engines/engine.js";
import { ask, UNWRAP, WRAP } from "./door.js";
import { refusable } from "./start.js";

export const inModule = {
  isAtOnce: true,

  /** That of raw AES keyrings. */
  cipher(instance) {
    const generation = instance.entered;
    const cipher = (what) => (...given) => instance.step(generation, (glue) => ask(glue, what, 0, given));
    return { isAtOnce: true, seal: cipher(WRAP), open: cipher(UNWRAP) };
  },

  startSealing: (session, dataKey, copies, whole) => refusable(session, "start", dataKey, copies, whole !== undefined, whole?.() ?? NONE),
  startOpening: (session, dataKey, body) => session.call("start", [dataKey], body !== undefined, body?.() ?? NONE),
};
