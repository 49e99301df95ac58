/**
 * What was last known, for when there is no signal: data, its moment on the server's clock and on this device's, and the last
 * picture. An age is reckoned on one clock alone, this device's own, so that it is right though that clock is an hour off.
 * It goes when the link is over.
 */
import type { Aircraft, Flight, Incident } from '../lib/api/types.ts'
import type { Keep, Session } from './link.ts'

export interface Kept {
  version: 1
  incident: Incident
  flights: Flight[]
  aircraft: Aircraft[]
  deployment: string
  givenTo: string
  forceName: string
  linkExpiresWall: string
  /** The server's wall clock, its mission clock, and this device's clock, all at one moment. */
  serverWallMs: number
  missionMs: number
  deviceMs: number
}

export interface KeptPicture {
  jpeg: string
  deviceMs: number
}

const DATA = 'kestrel.watch.data'
const PICTURE = 'kestrel.watch.picture'

export function keepData(kept: Kept, keep: Keep): void {
  try {
    keep.setItem(DATA, JSON.stringify(kept))
  } catch {
    // A full device goes on without.
  }
}

export function keepPicture(picture: KeptPicture, keep: Keep): void {
  try {
    keep.setItem(PICTURE, JSON.stringify(picture))
  } catch {
    keep.removeItem(PICTURE)
  }
}

export function keptData(keep: Keep): Kept | null {
  return read<Kept>(keep, DATA, (value) => value.version === 1 && typeof value.deviceMs === 'number')
}

export function keptPicture(keep: Keep): KeptPicture | null {
  return read<KeptPicture>(keep, PICTURE, (value) => value.jpeg.startsWith('data:image/jpeg;base64,'))
}

export function forgetAll(keep: Keep): void {
  keep.removeItem(DATA)
  keep.removeItem(PICTURE)
}

/** True when the link that it came through must be over by now, as far as this device can tell. */
export function isOver(kept: Kept, deviceMs: number): boolean {
  return kept.serverWallMs + (deviceMs - kept.deviceMs) >= Date.parse(kept.linkExpiresWall)
}

/** Seconds since something was kept; a clock that was set back since tells nothing, and that is said. */
export function keptForS(at: { deviceMs: number }, deviceMs: number): number | null {
  const s = (deviceMs - at.deviceMs) / 1000
  return s >= 0 ? s : null
}

export function sessionOf(kept: Kept): Pick<Session, 'givenTo' | 'forceName' | 'deployment'> {
  return { givenTo: kept.givenTo, forceName: kept.forceName, deployment: kept.deployment }
}

function read<T>(keep: Keep, name: string, good: (value: T) => boolean): T | null {
  try {
    const value = JSON.parse(keep.getItem(name) ?? 'null') as T | null
    return value !== null && good(value) ? value : null
  } catch {
    return null
  }
}
