/**
 * Who sits here. A token is handed over in the address's fragment (never sent to a server, removed at once) or pasted;
 * it lives in this tab's memory and sessionStorage, and nowhere else. An OIDC sign-in takes `TokenSource`'s place.
 */
import type { Role } from './api/types.ts'

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

class Session {
  token = $state<string | null>(null)
  person = $derived(this.token === null ? null : personOf(this.token))

  open(source: TokenSource = fragmentSource): void {
    this.sign(source.handedOver() ?? sessionStorage.getItem(KEY))
  }

  /** Take a token; false when it is none. */
  sign(token: string | null): boolean {
    const trimmed = token?.trim() ?? null
    if (trimmed === null || personOf(trimmed) === null) {
      this.token = null
      return false
    }
    sessionStorage.setItem(KEY, trimmed)
    this.token = trimmed
    return true
  }

  signOut(): void {
    sessionStorage.removeItem(KEY)
    this.token = null
  }

  is(role: Role): boolean {
    return this.person?.roles.includes(role) ?? false
  }
}

export const session = new Session()
