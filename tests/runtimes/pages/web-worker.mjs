// The whole scenario in a Web Worker: started as a page's script, it starts itself.

if (globalThis.document) {
  globalThis.results = new Promise((resolve, reject) => {
    const worker = new Worker(import.meta.url, { type: "module" });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(`the worker failed: ${message}`));
  });
} else {
  const [{ given }, { runAll }] = await Promise.all([import("./given-by-path.mjs"), import("./scenario.mjs")]);
  postMessage(await runAll(given));
}
