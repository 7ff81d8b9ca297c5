// Keeps the page for logging actions on the device: KEPT and CACHE stand above this line.
self.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(KEPT.map((path) => new Request(path, { cache: "reload" })));
    await self.skipWaiting();
  };
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  const takeOver = async () => {
    const old = (await caches.keys()).filter((name) => name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(takeOver());
});

// The language or the agency may be another one since the page was kept.
self.addEventListener("message", (event) => {
  if (event.data === "refresh") {
    event.waitUntil(caches.open(CACHE).then((cache) => cache.add(KEPT[0])).catch(() => undefined));
  }
});

async function fromDevice(request) {
  return (await caches.match(request)) ?? fetch(request);
}

async function fromNet(request) {
  try {
    return await fetch(request);
  } catch {
    // Without a net every page is the one that works without.
    return caches.match(KEPT[0]);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(fromNet(request));
  else if (KEPT.includes(pathname)) event.respondWith(fromDevice(request));
});
