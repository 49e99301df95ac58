/*
 * Keeps the officers' page on the device: document, scripts, styles, fonts, base map. Never an answer of the API: what the
 * page knew is kept by the page, with its age.
 */
const CACHE = 'kestrel-watch-1'
const PAGE = '/watch/'
const BASEMAP = '/basemap.pmtiles'
const PATIENCE_MS = 3000

self.addEventListener('install', (event) => {
  event.waitUntil(refresh().then(() => self.skipWaiting()))
})

self.addEventListener('activate', (event) => {
  const old = (name) => name.startsWith('kestrel-watch-') && name !== CACHE
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('message', (event) => {
  const keep = event.data && Array.isArray(event.data.keep) ? event.data.keep : []
  event.waitUntil(keepAll([...keep.filter((path) => typeof path === 'string' && path.startsWith('/assets/')), BASEMAP]))
})

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (event.request.method !== 'GET' || url.origin !== location.origin) return
  if (event.request.mode === 'navigate' && url.pathname.startsWith(PAGE)) event.respondWith(page(event))
  else if (url.pathname.startsWith('/assets/') || url.pathname === '/favicon.svg') event.respondWith(asset(event.request))
  else if (url.pathname === BASEMAP) event.respondWith(part(event.request))
})

/** The document as it is now, and what it names. */
async function refresh() {
  const answer = await fetch(PAGE, { cache: 'no-cache' })
  if (answer.ok) await take(answer)
}

/** Keep a document and what it names; what an older one named goes. */
async function take(answer) {
  const cache = await caches.open(CACHE)
  const text = await answer.clone().text()
  const before = await cache.match(PAGE)
  const changed = before !== undefined && (await before.text()) !== text
  await cache.put(PAGE, answer)
  const named = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1])
  if (changed)
    for (const request of await cache.keys()) {
      const path = new URL(request.url).pathname
      if (path.startsWith('/assets/') && !named.includes(path)) await cache.delete(request)
    }
  await keepAll([...named, '/favicon.svg'])
}

async function keepAll(paths) {
  const cache = await caches.open(CACHE)
  for (const path of paths) if ((await cache.match(path)) === undefined) await cache.add(path).catch(() => undefined)
}

/** From the server while it answers in time; else as it was kept. */
async function page(event) {
  const kept = await caches.match(PAGE)
  const fresh = fetch(PAGE, { cache: 'no-cache' }).then((answer) => {
    if (!answer.ok) throw new Error('not the page')
    event.waitUntil(take(answer.clone()))
    return answer
  })
  if (kept === undefined) return fresh
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, kept))
  return Promise.race([fresh.catch(() => kept), late])
}

/** A name that holds its hash never changes; the map's worker, which has none, is renewed behind it. */
async function asset(request) {
  const cache = await caches.open(CACHE)
  const kept = await cache.match(request.url)
  const fresh = () =>
    fetch(request).then((answer) => {
      if (answer.status === 200) void cache.put(request.url, answer.clone())
      return answer
    })
  if (kept === undefined) return fresh()
  if (!/-[\w-]{8}\.\w+$/.test(request.url)) void fresh().catch(() => undefined)
  return kept
}

/** A part of the base map, out of the whole that was kept (RFC 9110, section 14). */
async function part(request) {
  const kept = await caches.match(BASEMAP)
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get('range') ?? '')
  if (kept === undefined || range === null) return fetch(request)
  const whole = await kept.blob()
  const [from, to] = [Number(range[1]), Math.min(Number(range[2]), whole.size - 1)]
  if (from > to) return new Response(null, { status: 416, headers: { 'Content-Range': `bytes */${whole.size}` } })
  return new Response(whole.slice(from, to + 1), {
    status: 206,
    headers: { 'Content-Range': `bytes ${from}-${to}/${whole.size}`, 'Content-Type': 'application/vnd.pmtiles' },
  })
}
