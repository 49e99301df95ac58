/**
 * What opens the incident: the link's token, which comes in the address once and is taken out of it at once, and a key that
 * is made on this device and never leaves it but for the exchange. Neither is ever in a URL that is asked for.
 */
export interface Keep {
  getItem(name: string): string | null
  setItem(name: string, value: string): void
  removeItem(name: string): void
}

export interface Session {
  token: string
  incidentId: string
  givenTo: string
  reason: string
  forceName: string
  deployment: string
  expiresWall: string
  linkExpiresWall: string
  missionTime: string
  wallTime: string
}

/** The link opens nothing: not now, and not if it is tried again. */
export class LinkOver extends Error {
  readonly slug: string
  readonly title: string

  constructor(slug: string, title: string, detail: string) {
    super(detail)
    this.slug = slug
    this.title = title
  }
}

const TOKEN = 'kestrel.watch.link'
const DEVICE = 'kestrel.watch.device'
const FINAL = new Set(['link-unknown', 'link-expired', 'link-revoked', 'link-elsewhere'])
const ATTEMPT_MS = 6_000

/** The token of this visit: from the address, from which it is taken, or the one that this device opened last. */
export function takeToken(place: { hash: string; pathname: string }, clear: () => void, keep: Keep): string | null {
  const fromAddress = place.hash.replace(/^#/, '') || (/^\/watch\/([^/]+)$/.exec(place.pathname)?.[1] ?? '')
  if (fromAddress === '') return keep.getItem(TOKEN)
  keep.setItem(TOKEN, fromAddress)
  clear()
  return fromAddress
}

export function forgetToken(keep: Keep): void {
  keep.removeItem(TOKEN)
}

/** 256 random bits, made once. */
export function deviceKey(keep: Keep, random: (bytes: Uint8Array<ArrayBuffer>) => void): string {
  const known = keep.getItem(DEVICE)
  if (known !== null) return known
  const bytes = new Uint8Array(32)
  random(bytes)
  const made = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  keep.setItem(DEVICE, made)
  return made
}

interface Opened {
  session: { token: string; expires_wall_time: string }
  incident_id: string
  given_to: string
  reason: string
  force_name: string
  deployment: string
  link_expires_wall_time: string
  mission_time: string
  wall_time: string
}

/** A session of some minutes; `LinkOver` when the link opens nothing, any other error when nobody answered. */
export async function exchange(token: string, key: string, ask: typeof fetch = fetch): Promise<Session> {
  const answer = await ask('/api/v1/watch', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify({ token, device_key: key }),
    cache: 'no-store',
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.timeout(ATTEMPT_MS),
  })
  if (answer.ok) {
    const opened = (await answer.json()) as Opened
    return {
      token: opened.session.token,
      incidentId: opened.incident_id,
      givenTo: opened.given_to,
      reason: opened.reason,
      forceName: opened.force_name,
      deployment: opened.deployment,
      expiresWall: opened.session.expires_wall_time,
      linkExpiresWall: opened.link_expires_wall_time,
      missionTime: opened.mission_time,
      wallTime: opened.wall_time,
    }
  }
  const problem = (await answer.json().catch(() => ({}))) as { type?: string; title?: string; detail?: string }
  const slug = (problem.type ?? '').replace('/problems/', '')
  if (FINAL.has(slug)) throw new LinkOver(slug, problem.title ?? '', problem.detail ?? '')
  throw new Error(`not opened: ${answer.status}`)
}
