/* The service worker of the filling pages (scope /assessments/): static files and framework pages, so that a page that
   was open once opens again without a network. It never keeps an answer, a name or a token, and never sends one.
   The route /worker.js writes VERSION, STATIC (addresses) and NO_NETWORK in front of this text: a new file makes a new
   worker. Framework pages come into the cache "outlines" by kept_pages.js, under the address of the
   page they stand for. */
const FILES = `static ${VERSION}`;
const OUTLINES = "outlines";
const FILLING = /^\/assessments\/[^/]+\/fill\/[^/]+$/;
const PATIENCE = 10000;

/* One file after the other, so that on a weak network what has come need not come again. */
async function fetchAll() {
  const cache = await caches.open(FILES);
  for (const address of [...STATIC, NO_NETWORK]) {
    for (let left = 4; !(await cache.match(address, { ignoreVary: true })); left -= 1) {
      await cache.add(address).catch((problem) => { if (left <= 1) throw problem; });
    }
  }
}

self.addEventListener("install", (event) => event.waitUntil(fetchAll().then(() => self.skipWaiting())));

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("static ") && name !== FILES;
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(file(request, url));
  else if (request.mode === "navigate") event.respondWith(page(request, url));
});

/* An address with ?v= names its content: the same address is the same file. Others are asked for first. */
async function file(request, url) {
  const cache = await caches.open(FILES);
  const exact = url.search && (await cache.match(request, { ignoreVary: true }));
  if (exact) return exact;
  try {
    return await fetch(request);
  } catch {
    return (await cache.match(request, { ignoreSearch: true, ignoreVary: true })) ?? Response.error();
  }
}

async function page(request, url) {
  const kept = FILLING.test(url.pathname) ? await (await caches.open(OUTLINES)).match(url.pathname, { ignoreVary: true }) : undefined;
  const late = new Promise((resolve) => kept && setTimeout(() => resolve(kept), PATIENCE));
  try {
    const answer = await Promise.race([fetch(request), late]);
    return kept && [502, 503, 504].includes(answer.status) ? kept : answer;
  } catch {
    return kept ?? (await (await caches.open(FILES)).match(NO_NETWORK, { ignoreVary: true })) ?? Response.error();
  }
}
