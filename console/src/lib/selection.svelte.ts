/** What is looked at on the control room's screen. */
import type { Point } from './api/types.ts'

class Selection {
  incidentId = $state<string | null>(null)
  flightId = $state<string | null>(null)
  dockId = $state<string | null>(null)
  follow = $state(false)
  /** A command that waits for a place on the map, which shows what is near. */
  picking = $state<{ what: string; near: Point | null; take: (at: Point) => void } | null>(null)
  /** Which of the columns a narrow screen shows. */
  column = $state<'queue' | 'map' | 'detail'>('queue')

  incident(id: string | null): void {
    this.incidentId = id
    this.flightId = null
    this.dockId = null
    this.follow = false
    this.picking = null
    if (id !== null) this.column = 'detail'
  }

  flight(id: string | null, incidentId: string | null = null): void {
    this.flightId = id
    if (incidentId !== null) this.incidentId = incidentId
    this.dockId = null
    this.picking = null
    if (id !== null) this.column = 'detail'
  }

  dock(id: string | null): void {
    this.dockId = id
    this.flightId = null
    this.incidentId = null
    this.picking = null
    if (id !== null) this.column = 'detail'
  }
}

export const selection = new Selection()
