// Keeps the station's own files, so that it opens without a network. Nothing about people passes here.

const VERSION = "{{ version }}";
const CACHE = `fotorundan-station-${VERSION}`;
const KEPT = {{ addresses|safe }};
const LISTED = new Set(KEPT);

self.addEventListener("install", (event) => event.waitUntil(keepAll()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("fetch", answer);
self.addEventListener("message", ({ data }) => data === "take over" && self.skipWaiting());

// Two at a time, in the order of the list: on a slow line what the page waits for comes first.
async function keepAll() {
  const cache = await caches.open(CACHE);
  const left = KEPT.map((address) => new Request(address, { cache: "no-cache" }));
  const keep = async () => {
    while (left.length) await cache.add(left.shift());
  };
  await Promise.all([keep(), keep()]);
}

async function takeOver() {
  const old = (await caches.keys()).filter((name) => name.startsWith("fotorundan-station-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

// What is not on the list goes its ordinary way, untouched: every page of the house and all of its API.
function answer(event) {
  const { origin, pathname } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin) return;
  if (LISTED.has(pathname)) event.respondWith(kept(event.request, pathname));
}

async function kept(request, pathname) {
  const cache = await caches.open(CACHE);
  return (await cache.match(pathname, { ignoreVary: true })) ?? fetch(request);
}
