// The Service Worker: it may not import anything once it has started.

import { given } from "./given-by-path.mjs";
import { serve } from "./serving.mjs";

/** A bundler's script has no address of its own, and all parts in it. */
serve({ ...given, importsLater: import.meta.url === undefined });
