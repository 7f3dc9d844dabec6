// A page whose Service Worker does the work: a module, which may have loaded everything at once, or one script that a bundler has put together.

const WORKERS = {
  "?classic": ["./service-bundled.js", { scope: "./classic/" }],
  "?eager": ["./service-eager.mjs", { scope: "./eager/", type: "module" }],
  "": ["./service.mjs", { scope: "./module/", type: "module" }],
};
const [script, options] = WORKERS[location.search];

async function found() {
  const registration = await navigator.serviceWorker.register(script, options);
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  while (worker.state !== "activated") await new Promise((resolve) => worker.addEventListener("statechange", resolve, { once: true }));
  const { port1, port2 } = new MessageChannel();
  const answered = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  worker.postMessage("run", [port2]);
  return answered;
}

globalThis.results = found();
