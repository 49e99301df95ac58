/** Why somebody looks: each look is in the record with one of these (docs/reference/video.md). */
import type { Role } from './api/types.ts'

export const REASONS = {
  commanding: 'I command it',
  dispatching: 'I sent it',
  attending: 'I go there',
  assisting: 'I help somebody',
  supervising: 'Supervision',
  reviewing: 'Review after the flight',
  investigating: 'Investigation',
  complaint: 'Complaint',
  training: 'Training',
  testing: 'Test',
} as const

export type Reason = keyof typeof REASONS

/** Of somebody with several roles the first that is theirs: nearest to the flight first. */
const OF_ROLE: readonly [Role, Reason][] = [
  ['pilot', 'commanding'],
  ['controller', 'dispatching'],
  ['officer', 'attending'],
  ['supervisor', 'supervising'],
  ['engineer', 'testing'],
]

/** What is chosen until somebody says otherwise; null where a role says nothing of it: then it must be chosen. */
export function presetReason(roles: readonly Role[]): Reason | null {
  return OF_ROLE.find(([role]) => roles.includes(role))?.[1] ?? null
}
