// The Service Worker that has loaded everything when it starts.

import "./node_modules/waxseal/eager/web.js";
import { given } from "./given-by-path.mjs";
import { serve } from "./serving.mjs";

serve(given);
