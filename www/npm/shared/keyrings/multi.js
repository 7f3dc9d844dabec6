// Several keyrings as one.

import { invalid, list, optional, options } from "../check.js";
import { describe, Keyring } from "./keyring.js";

export function multiKeyring(given) {
  const { generator, children } = options(given, "multiKeyring", ["generator", "children"]);
  const keyring = new Keyring({ kind: "multi", generator, children: optional(children, list, "children") ?? [] });
  if (!generator && !children?.length) throw invalid("a multiKeyring needs a generator or children");
  describe(keyring, "multiKeyring");
  return keyring;
}
