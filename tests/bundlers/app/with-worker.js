// The application in a page, then once more in a Web Worker of that page.

import { results } from "./main.js";

const inWorker = () =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => resolve(data.map(({ name, error }) => ({ name: `${name} (worker)`, error })));
    worker.onerror = ({ message }) => reject(new Error(`the worker failed: ${message}`));
  });

globalThis.results = results.then(async (inPage) => [...inPage, ...(await inWorker())]);
