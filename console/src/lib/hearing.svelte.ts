/** Whether this page may be heard: a browser lets nothing sound before somebody has touched the page, and says nothing of it. */
const GESTURES = ['pointerdown', 'pointerup', 'touchend', 'keydown', 'click'] as const
/** The gesture that lets it sound and what it presses are one. */
const ONE_GESTURE_MS = 700

class Hearing {
  allowed = $state(isAllowed())
  #sinceMs = Number.NEGATIVE_INFINITY

  constructor() {
    if (this.allowed) return
    const look = (): void => {
      if (!isAllowed()) return
      this.allowed = true
      this.#sinceMs = performance.now()
      for (const gesture of GESTURES) removeEventListener(gesture, look, true)
    }
    for (const gesture of GESTURES) addEventListener(gesture, look, { capture: true, passive: true })
  }

  /** True within the gesture that made it so: it asked to be heard, and not to be silenced. */
  get justAllowed(): boolean {
    return performance.now() - this.#sinceMs < ONE_GESTURE_MS
  }
}

function isAllowed(): boolean {
  return navigator.userActivation.hasBeenActive
}

export const hearing = new Hearing()

export type Heard = 'on' | 'off' | 'untouched'

/** What a sound button says: never that something sounds which nobody can hear. */
export function heard(on: boolean, allowed: boolean): Heard {
  return !on ? 'off' : allowed ? 'on' : 'untouched'
}

/** What pressing it does: the press that lets it sound never silences it. */
export function pressed(on: boolean, justAllowed: boolean): boolean {
  return on && justAllowed ? true : !on
}
