/** What a shift begins with reading, as the server tells it, renewed while the page is open. */
import { get, Refused } from './api/client.ts'
import type { Alarm, Phase, Pilot, Weather } from './api/types.ts'

export interface Acknowledged {
  what: string[]
  at: string
  by?: string
}

export interface Handover {
  id: string
  by: string
  as: string
  at: string
  note: string
  flights: string[]
  alarms: string[]
  docks_unfit: string[]
  accepted_by: string | null
  accepted_at: string | null
}

export interface WeatherLimits {
  wind_speed_m_s: number
  gust_m_s: number
  rain_mm_h: number
  temperature_min_c: number
  temperature_max_c: number
}

export interface DockWeather {
  dock_id: string
  name: string
  measured: Weather | null
  limits: WeatherLimits
  /** Which of them it is over: wind, gust, rain, temperature. */
  over: string[]
}

export interface Briefing {
  seq: number
  mission_time: string
  weather: DockWeather[]
  restrictions: { revision: number; documents: number; zones: number; temporary: { name?: string; reason?: string; end?: string | null }[] }
  docks_unfit: { dock_id: string; name: string; because: string[] }[]
  alarms: Alarm[]
  overrides: { incident_id: string; category: string; rules: string[]; by: string; at: string; note: string; callsign: string | null }[]
  flights: { id: string; callsign: string; pilot: string; phase: Phase; conditions: string[] }[]
  incidents_open: number
  handovers: Handover[]
  pilots: (Pilot & { acknowledged?: Acknowledged | null })[]
  controllers: { controller: string; since: string; until: string | null; acknowledged: Acknowledged | null }[]
}

export class BriefingRead {
  now = $state.raw<Briefing | null>(null)
  readAtMs = $state(0)
  failed = $state('')

  async read(): Promise<void> {
    try {
      this.now = await get<Briefing>('/duty/briefing')
      this.readAtMs = performance.now()
      this.failed = ''
    } catch (error) {
      this.failed = error instanceof Refused ? error.message : 'no answer from the dispatcher'
    }
  }
}
