/** Warnings of one launch that a person sets aside: whose they are, and what is still missing before it can be sent. */
import type { Concern, Reason, Role } from './api/types.ts'

/** As an option or a waiting flight tells it. */
export interface LaunchWarning {
  warning: string
  concern: Concern
  text: string
}

/** By warning: ticked, and the note for the record. */
export type Given = Record<string, { ticked: boolean; note: string }>
export type MaySetAside = Partial<Record<Concern, readonly string[]>>

export interface Standing {
  /** What goes with the press. */
  overrides: { warning: string; note: string }[]
  /** Some are the pilot's, who will be asked. */
  leftToPilot: boolean
  /** Why nothing can be sent yet, in words; null: it can. */
  because: string | null
}

export const NOBODY = 'nobody can set this aside'

export function ofOption(reasons: readonly Reason[]): LaunchWarning[] {
  return reasons.map((each) => ({ warning: each.code, concern: each.concern ?? 'blocker', text: each.text }))
}

export function mine(concern: Concern, may: MaySetAside, roles: readonly Role[]): boolean {
  return (may[concern] ?? []).some((role) => roles.includes(role as Role))
}

/** Whether somebody else is asked for it: the pilot who is to command the flight. */
export function pilots(concern: Concern, may: MaySetAside, roles: readonly Role[]): boolean {
  return !mine(concern, may, roles) && (may[concern] ?? []).includes('pilot')
}

export function standing(warnings: readonly LaunchWarning[], given: Given, may: MaySetAside, roles: readonly Role[]): Standing {
  const overrides: Standing['overrides'] = []
  let [leftToPilot, because] = [false, null as string | null]
  for (const { warning, concern, text } of warnings) {
    const said = given[warning]
    if (mine(concern, may, roles)) {
      const note = said?.note.trim() ?? ''
      if (said?.ticked && note !== '') overrides.push({ warning, note })
      else because ??= said?.ticked ? `a note is owed: ${text}` : `not set aside yet: ${text}`
    } else if (pilots(concern, may, roles)) leftToPilot = true
    else because ??= `${whose(may[concern] ?? [])}: ${text}`
  }
  return { overrides, leftToPilot, because }
}

export function whose(roles: readonly string[]): string {
  return roles.length === 0 ? NOBODY : `only ${roles.join(' or ')} can set this aside`
}
