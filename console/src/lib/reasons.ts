/** Why docks cannot go, told once where many have the same reason. */
import type { Option, Reason } from './api/types.ts'

export interface WhyNot {
  /** Reasons of all of them, told once; empty where there is only one dock. */
  readonly common: readonly Reason[]
  readonly each: readonly { readonly option: Option; readonly reasons: readonly Reason[] }[]
}

const key = (reason: Reason): string => `${reason.code} ${reason.text}`

/** What keeps these docks at home: what all of `others` have in common, and what is each one's own. */
export function whyNot(others: readonly Option[]): WhyNot {
  const [first, ...rest] = others
  if (first === undefined || rest.length === 0) return { common: [], each: others.map((option) => ({ option, reasons: option.reasons })) }
  const shared = rest.reduce(
    (still, option) => {
      const has = new Set(option.reasons.map(key))
      return still.filter((reason) => has.has(key(reason)))
    },
    [...first.reasons],
  )
  const told = new Set(shared.map(key))
  return { common: shared, each: others.map((option) => ({ option, reasons: option.reasons.filter((reason) => !told.has(key(reason))) })) }
}
