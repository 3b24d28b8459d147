/* Keeps the static files of the phone's site, and shows a page of its own where there is no network.
   Pages with people on them are never kept: they come from the server each time, or not at all. */
const KEPT = "static-1";
const OFFLINE = "/static/mobile-offline.html";
const FILES = [OFFLINE, "/static/mobile.css", "/static/admin.js", "/static/mobile.js", "/static/favicon.svg"];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(FILES)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const drop = (names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(drop).then(() => clients.claim()));
});

// What is kept answers at once, and is fetched anew behind it for the next page.
const keptFile = async (request) => {
  const cache = await caches.open(KEPT);
  const known = await cache.match(request);
  const fresh = fetch(request).then((response) => {
    if (response.ok) cache.put(request, response.clone());
    return response;
  });
  if (known) fresh.catch(() => {});
  return known || fresh;
};

addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== location.origin) return;
  if (FILES.includes(address.pathname)) event.respondWith(keptFile(event.request));
  else if (event.request.mode === "navigate") event.respondWith(fetch(event.request).catch(() => caches.match(OFFLINE)));
});
