/** A key that counts only when it is held: what it would do is said while it is, and letting go does nothing. */

export const HELD_MS = 700

export interface Meant {
  flightId: string
  callsign: string
  action: 'hold' | 'return' | 'cancel'
}

export interface Held extends Meant {
  key: string
  sinceMs: number
}

const ACTIONS: Record<string, Meant['action']> = { H: 'hold', R: 'return', X: 'cancel' }

interface Pressed {
  key: string
  shiftKey: boolean
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  repeat: boolean
}

/** What a press begins for the flight that is looked at; null: nothing. Before it arms a flight is cancelled, and only then. */
export function begun(event: Pressed, flight: { id: string; callsign: string } | null, beforeArming: boolean, typing: boolean, nowMs: number): Held | null {
  if (flight === null || typing || event.repeat || !event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return null
  const key = event.key.toUpperCase()
  const action = ACTIONS[key]
  if (action === undefined || (action === 'cancel' && !beforeArming)) return null
  return { flightId: flight.id, callsign: flight.callsign, action, key, sinceMs: nowMs }
}

/** The clock counts, not what is drawn: on a slow screen letting go may be heard before the end of the wait is. */
export function heldLong(held: Held, nowMs: number): boolean {
  return nowMs - held.sinceMs >= HELD_MS
}

/** True when letting go of this key ends it: its own, or Shift. */
export function letGo(held: Held, key: string): boolean {
  return key === 'Shift' || key.toUpperCase() === held.key
}
