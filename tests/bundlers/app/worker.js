// The application in a Web Worker.

import { results } from "./main.js";

results.then((found) => postMessage(found));
