/** Which page the address names. */
export type Page = 'control' | 'docks' | 'duty' | 'flight' | 'none'

class Route {
  path = $state(location.pathname)
  page = $derived(pageOf(this.path))
  /** The flight's id. */
  id = $derived(/^\/flights\/([^/]+)$/.exec(this.path)?.[1] ?? '')

  constructor() {
    addEventListener('popstate', () => {
      this.path = location.pathname
    })
  }

  go(path: string): void {
    if (path !== this.path) history.pushState(null, '', path)
    this.path = path
  }

  /** A click on a link: within the console without loading it anew, unless another tab is wanted. */
  follow(event: MouseEvent, path: string): void {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    this.go(path)
  }
}

export function pageOf(path: string): Page {
  if (path === '/') return 'control'
  if (path === '/docks') return 'docks'
  if (path === '/duty') return 'duty'
  if (/^\/flights\/[^/]+$/.test(path)) return 'flight'
  return 'none'
}

export const route = new Route()
