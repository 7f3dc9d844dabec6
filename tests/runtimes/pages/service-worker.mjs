// A page whose Service Worker does the work.

async function found() {
  await navigator.serviceWorker.register("./service.mjs", { type: "module" });
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  const answered = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  active.postMessage("run", [port2]);
  return answered;
}

globalThis.results = found();
