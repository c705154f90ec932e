// The worker that opens the station without a network. A new version waits until it is asked for.

const SCOPE = "/";

// `onNewVersion(take)` is called when another version lies ready; `take()` brings it in.
export async function registerWorker(address, onNewVersion) {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.register(address, { scope: SCOPE });
  const offer = () => registration.waiting && onNewVersion(() => takeOver(registration.waiting));
  registration.addEventListener("updatefound", () => {
    const coming = registration.installing;
    coming?.addEventListener("statechange", () => navigator.serviceWorker.controller && offer());
  });
  if (navigator.serviceWorker.controller) offer();
}

function takeOver(waiting) {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting.postMessage("take over");
}
