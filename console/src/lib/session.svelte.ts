/**
 * Who sits here. A token is handed over in the address's fragment (never sent to a server, removed at once) or pasted;
 * it lives in this tab's memory and sessionStorage, and in other tabs of this console that ask for it while this one is
 * open; nowhere else. An OIDC sign-in takes `TokenSource`'s place.
 */
import type { Role } from './api/types.ts'
import { TabLine, type Heard } from './tabs.ts'

export interface TokenSource {
  /** The token that was handed over now, if any; called once when the page opens. */
  handedOver(): string | null
}

export interface Person {
  id: string
  roles: readonly Role[]
  force: string
  expiresAtMs: number
}

const KEY = 'kestrel.token'
/** So long before its end the console says that a sign-in ends. */
export const WARN_BEFORE_MS = 10 * 60_000

export const fragmentSource: TokenSource = {
  handedOver() {
    const given = new URLSearchParams(location.hash.slice(1)).get('token')
    if (given === null) return null
    history.replaceState(history.state, '', location.pathname + location.search)
    return given
  },
}

/** What a token says of its bearer, for the screen alone: the server believes nothing of it unchecked. */
export function personOf(token: string): Person | null {
  const part = token.split('.')[1]
  if (part === undefined) return null
  try {
    const text = new TextDecoder().decode(
      Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0)),
    )
    const claims = JSON.parse(text) as Record<string, unknown>
    if (typeof claims.sub !== 'string') return null
    return {
      id: claims.sub,
      roles: Array.isArray(claims.roles) ? (claims.roles.filter((r) => typeof r === 'string') as Role[]) : [],
      force: typeof claims.force === 'string' ? claims.force : '',
      expiresAtMs: typeof claims.exp === 'number' ? claims.exp * 1000 : 0,
    }
  } catch {
    return null
  }
}

/** How far a sign-in is from its end, by the server's clock. */
export function endOf(person: Person | null, serverNowMs: number): { state: 'none' | 'good' | 'ends' | 'over'; leftS: number } {
  if (person === null || person.expiresAtMs === 0) return { state: 'none', leftS: Number.POSITIVE_INFINITY }
  const leftMs = person.expiresAtMs - serverNowMs
  return { state: leftMs <= 0 ? 'over' : leftMs <= WARN_BEFORE_MS ? 'ends' : 'good', leftS: Math.max(0, leftMs / 1000) }
}

class Session {
  token = $state<string | null>(null)
  person = $derived(this.token === null ? null : personOf(this.token))
  /** Server's wall time less this page's monotonic clock, ms: whatever this machine's own clock says. */
  #serverAheadMs = $state(Date.now() - performance.now())
  #tabs = new TabLine((heard) => {
    this.#hear(heard)
  })

  open(source: TokenSource = fragmentSource): void {
    this.sign(source.handedOver() ?? sessionStorage.getItem(KEY))
    if (this.token === null) this.#tabs.ask()
  }

  /** Take a token; false when it is none, and then nothing has changed but that nobody is signed in who was not. */
  sign(token: string | null): boolean {
    const trimmed = token?.trim() ?? null
    const person = trimmed === null ? null : personOf(trimmed)
    if (trimmed === null || person === null) return false
    const renewed = this.person?.id === person.id
    sessionStorage.setItem(KEY, trimmed)
    this.token = trimmed
    if (renewed) this.#tabs.renewed(person.id, trimmed)
    return true
  }

  /** Here, and in the other tabs of this person. */
  signOut(): void {
    const id = this.person?.id
    this.#forget()
    if (id !== undefined) this.#tabs.signedOut(id)
  }

  is(role: Role): boolean {
    return this.person?.roles.includes(role) ?? false
  }

  /** What an answer's Date header said just now. */
  serverSaid(date: string | null): void {
    const at = date === null ? Number.NaN : Date.parse(date)
    if (!Number.isNaN(at)) this.#serverAheadMs = at - performance.now()
  }

  /** The end of the sign-in as seen at `monotonicMs`. */
  end(monotonicMs: number): ReturnType<typeof endOf> {
    return endOf(this.person, this.#serverAheadMs + monotonicMs)
  }

  #forget(): void {
    sessionStorage.removeItem(KEY)
    this.token = null
  }

  #hear(heard: Heard): void {
    if (heard.says === 'asked') {
      if (this.token !== null && this.end(performance.now()).state !== 'over') this.#tabs.give(this.token)
    } else if (heard.says === 'given') {
      if (this.token === null) this.sign(heard.token)
    } else if (heard.says === 'renewed') {
      if (this.person?.id === heard.person && this.token !== heard.token && personOf(heard.token)?.id === heard.person) {
        sessionStorage.setItem(KEY, heard.token)
        this.token = heard.token
      }
    } else if (this.person?.id === heard.person) this.#forget()
  }
}

export const session = new Session()
