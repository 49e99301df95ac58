/** The page itself is kept on the device, so that it opens where there is no signal. What it shows is kept elsewhere. */
export async function keepShell(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  try {
    await navigator.serviceWorker.register('/watch/sw.js', { scope: '/watch/' })
    const ready = await navigator.serviceWorker.ready
    const tell = (): void => {
      const urls = performance
        .getEntriesByType('resource')
        .map((entry) => new URL(entry.name))
        .filter((url) => url.origin === location.origin && url.pathname.startsWith('/assets/'))
        .map((url) => url.pathname)
      ready.active?.postMessage({ keep: [...new Set(urls)] })
    }
    // What this visit has loaded; again later, when the map has come too.
    tell()
    setTimeout(tell, 8_000)
  } catch {
    // A browser that keeps nothing shows everything all the same, while there is a signal.
  }
}
