/** Alarms as they are shown: what each asks for, how urgent it is, and which it is one with. */
import type { Alarm, Dock, Flight } from './api/types.ts'

export type Priority = 1 | 2 | 3

export interface ShownAlarm {
  alarm: Alarm
  priority: Priority
  about: string
  action: string
}

interface Rule {
  priority: Priority
  action: string
}

const RULES: Record<string, Rule> = {
  traffic: { priority: 1, action: 'Let it get down, or hold it' },
  motor: { priority: 1, action: 'Land it where nobody is' },
  energy: { priority: 1, action: 'Return it now' },
  parachute: { priority: 1, action: 'Clear the ground below' },
  position: { priority: 1, action: 'Hold it, and watch its picture' },
  corridor: { priority: 1, action: 'Return it' },
  aircraft: { priority: 1, action: 'Look at its picture, then return it' },
  pilot_silent: { priority: 1, action: 'Another pilot takes the flights' },
  weather: { priority: 2, action: 'Return it before it gets worse' },
  no_relief: { priority: 2, action: 'Find another dock, or tell the scene when the picture ends' },
  traffic_unknown: { priority: 2, action: 'Watch the sky, or return it' },
  lid: { priority: 2, action: 'Send an engineer to the dock' },
  charger: { priority: 3, action: 'Send an engineer to the dock' },
}

export function rule(kind: string): Rule {
  return RULES[kind] ?? { priority: 2, action: 'Look at it' }
}

/** All that last or that nobody has acknowledged, the gravest and newest first; each alarm once. */
export function gather(flights: Iterable<Flight>, docks: Iterable<Dock>): ShownAlarm[] {
  const found = new Map<string, ShownAlarm>()
  const add = (alarm: Alarm, about: string): void => {
    if (alarm.active || alarm.acknowledged_by === null) found.set(alarm.id, { alarm, about, ...rule(alarm.kind) })
  }
  for (const dock of docks) for (const alarm of dock.alarms) add(alarm, dock.name || dock.id)
  for (const flight of flights) for (const alarm of flight.alarms ?? []) add(alarm, flight.callsign)
  return [...found.values()].sort(
    (a, b) =>
      Number(a.alarm.acknowledged_by !== null) - Number(b.alarm.acknowledged_by !== null) ||
      a.priority - b.priority ||
      b.alarm.raised_at.localeCompare(a.alarm.raised_at),
  )
}
