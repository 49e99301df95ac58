// The shapes of the public API as docs/reference/api.md has them. Nothing here is known that another client could not know.

export type Deployment = 'live' | 'training' | 'simulation' | 'unknown'
export type Role = 'controller' | 'pilot' | 'officer' | 'supervisor' | 'engineer'

export type Phase =
  | 'ordered'
  | 'preparing'
  | 'launching'
  | 'en_route'
  | 'on_scene'
  | 'returning'
  | 'landing'
  | 'docked'
  | 'landed_away'
  | 'cancelled'
  | 'refused'
  | 'missing'

export interface Point {
  lat_deg: number
  lon_deg: number
}

export interface IncidentPlace extends Point {
  radius_m: number
}

export interface ProposedTurn {
  from_incident_id: string
  callsign: string
  homeward: boolean
  gain_s: number
  time_to_scene_s: number
  watch_s: number
  battery_on_return_percent: number
  otherwise_dock_id: string | null
  otherwise_s: number | null
  others_s: number | null
  told: string[]
  countdown_s: number
  answer_by: string
  turns_at: string | null
  accepted_by: string | null
}

export interface Proposal {
  id: string
  incident_id: string
  flight_id: string
  kind: string
  because: string
  proposed_at: string
  status: string
  turn?: ProposedTurn | null
  launch?: ProposedLaunch | null
  /** Who has said what to it, the first first. */
  answers?: GivenAnswer[]
  /** Why it waits no more, where nobody said so. */
  over_because?: string
}

export type AnswerVerb = 'accept' | 'dismiss' | 'cancel'

export interface GivenAnswer {
  answer: AnswerVerb
  by: string
  at: string
}

/** What would be launched, and what happens by itself at `answer_by`, mission time. */
export interface ProposedLaunch {
  dock_id: string
  callsign: string
  decision_id: string
  time_to_scene_s: number
  answer_by: string
  unanswered: 'launched' | 'withdrawn'
}

/** The last hours of a dock's weather, a sample a minute; a minute without one was not measured. */
export interface DockWeather {
  dock_id: string
  every_s: number
  complete_from: string
  samples: (Weather & { measured_at: string })[]
}

export interface Relief {
  flight_id: string
  leaves_at: string
  dock_id: string | null
  order_at: string | null
}

export interface Note {
  id: string
  origin: 'field' | 'control' | 'system'
  by: string
  text: string
  at: string
  wall_time: string
}

export interface Incident {
  id: string
  source: string
  reference: string
  grade: string
  /** The grade's place in the force's policy, 0 is served first; null until it is judged. */
  grade_rank: number | null
  category: string
  summary: string
  place: IncidentPlace
  /** Street and number as the source has them; empty where it has none. */
  address?: string
  reported_at: string
  received_at: string
  revision: number
  status: 'open' | 'closed' | 'merged' | 'declined'
  outcome: string | null
  merged_into: string | null
  flight_id: string | null
  flight_ids: string[]
  notes?: Note[]
  watch_s?: number | null
  watched_from?: string | null
  relief?: Relief | null
  relay_ended_because?: string | null
  decline_reason?: string | null
  proposals?: Proposal[]
}

export interface PhaseEntry {
  phase: Phase
  mission_time: string
  wall_time: string
  because?: string
}

export interface Promise_ {
  time_to_airborne_s: number | null
  time_to_scene_s: number | null
  on_scene_s: number | null
  battery_on_return_percent: number | null
  distance_m: number | null
}

export type Outcome = 'pending' | 'confirmed' | 'refused' | 'unknown'

export interface Command {
  id: string
  flight_id: string
  action: string
  task: Record<string, unknown> | null
  outcome: Outcome
  detail: string
  because: string
  actor: string
  issued_at: string
  expires_at: string
}

export interface Alarm {
  id: string
  kind: string
  flight_id: string | null
  dock_id: string | null
  text: string
  active: boolean
  raised_at: string
  changed_at: string
  ended_at: string | null
  bearing_deg: number | null
  above_m: number | null
  distance_m: number | null
  in_s: number | null
  acknowledged_by: string | null
  acknowledged_at: string | null
}

/** Alarms of one cause: one line, with its action. */
export interface Cause {
  id: string
  kind: string
  priority: 1 | 2 | 3
  text: string
  action: string
  active: boolean
  acknowledged: boolean
  acknowledged_by: string[]
  may_be_shelved: boolean
  /** Out of sight until then (mission time), by a person; null while it is in sight. */
  shelf?: { by: string; at: string; until: string; because: string } | null
  /** How often it has come, and when it came the last time. */
  came?: number
  raised_at: string
  alarm_ids: string[]
  unacknowledged: string[]
  dock_ids: string[]
  flight_ids: string[]
}

export interface HandOver {
  id: string
  giver: string
  to: string | null
  offered_at: string
  expires_at: string | null
  because: string
}

export interface Flight {
  id: string
  incident_id: string
  aircraft_id: string
  callsign: string
  /** Its shape and colour: see lib/marks. */
  mark?: number
  purpose: string
  phase: Phase
  ended: boolean
  conditions: string[]
  ordered_at: string
  /** What was promised when it was turned to the incident that it is for now. */
  leg?: { began_at: string; time_to_scene_s: number; watch_s: number } | null
  /** From call to call, the first first. */
  turns?: { from_incident_id: string; to_incident_id: string; at: string; accepted_by: string; undone: boolean; because: string }[]
  /** It goes to another call then, unless somebody stops it. */
  leaving?: { at: string } | null
  relieves: string | null
  phases: PhaseEntry[]
  promised: Promise_
  flown?: (Promise_ & { whole_distance_m: number | null }) | null
  dock_id?: string
  pilot?: string
  ordered_by?: string
  acceptance?: { by: string; at: string; beforehand: boolean } | null
  relief_asked_by?: string | null
  incident_revision?: number
  decision_id?: string
  scene?: Point
  in_hand?: boolean
  plan?: { scene: Point; watch_s: number; home_dock_id: string; order_id: string; way_out?: Point[]; way_home?: Point[] }
  payload?: { with: string; now: Record<string, unknown> }
  hand_over?: HandOver | null
  diversion?: { to_dock_id: string; dock_opens: string; detail: string; because: string } | null
  divert_impossible?: string | null
  alarms?: Alarm[]
  order?: { id: string; state: string; reasons: string[]; issued_at: string; expires_at: string; watch_s: number }
  commands?: Command[]
  warnings?: { set_aside: SetAside[]; left_to_pilot: LeftToPilot[] }
}

/** What was recorded of a flight, and what went wrong with that. */
export interface FlightVideo {
  recordings: { part: number; duration_s: number; complete: boolean; because: string }[]
  exceptions: { at: string; text: string }[]
}

export interface Aircraft extends Point {
  dock_id: string
  flight_id: string | null
  callsign: string
  alt_amsl_m: number
  alt_above_home_m: number
  heading_deg: number
  ground_speed_m_s: number
  climb_m_s: number
  battery_percent: number
  armed: boolean
  in_air: boolean
  flight_mode: string
  mission_time: string
  position_age_s: number
  link_age_s: number
  traffic: string
  next_action: string
  next_action_at: string | null
  battery_at_home_percent: number | null
  must_leave_at: string | null
  /** Where the camera looks, as its gimbal says; null: not known. */
  camera_bearing_deg?: number | null
  camera_pitch_deg?: number | null
  camera_hfov_deg?: number | null
}

export interface Weather {
  wind_speed_m_s: number
  wind_from_deg: number
  gust_m_s: number
  rain_mm_h: number
  temperature_c: number
  age_s: number
}

/** Out of service for maintenance, by one person's word. */
export interface Hold {
  by: string
  at: string
  because: string
}

export interface Dock {
  id: string
  name: string
  place: Point
  alt_amsl_m: number
  registered: boolean
  unregistered_because: string
  state: string | null
  phase: Phase | null
  flight_id: string | null
  lid: string | null
  charger: string | null
  aircraft: {
    id: string
    callsign: string
    type: string
    connected: boolean
    seated: boolean | null
    battery_percent: number | null
    position: Point | null
  }
  weather: Weather | null
  agent: { online: boolean; measured_at: string | null; knows_holds?: boolean }
  blockers: string[]
  traffic: string | null
  picture_age_s: number | null
  checked_after_flight: boolean
  expects_flight_id: string | null
  guest_of: string | null
  away_in: string | null
  alarms: Alarm[]
  holds?: Hold[]
  faults?: { at: string; severity: string; text: string }[]
  usage?: { charge_cycles: number; flights: number; flown_h: number }
}

export interface Pilot {
  pilot: string
  accepts: 'beforehand' | 'ask'
  max_flights: number
  flights: number
  in_hand: string[]
  watched: string[]
  since: string
  until: string | null
  console: boolean
  silent_since: string | null
  notices: { id: string; flight_id: string; by: string; command_id: string | null; text: string; at: string }[]
}

/** Whose matter a reason is: nobody's to set aside, the aircraft's limits, or what the flight is good for. */
export type Concern = 'blocker' | 'aircraft' | 'operations'

/** A warning that somebody has set aside for one launch. */
export interface SetAside {
  warning: string
  concern: Concern
  text: string
  value: number
  limit: number
  note: string
  by: string
  at: string
}

/** One that its pilot is still asked to. */
export interface LeftToPilot {
  warning: string
  concern: Concern
  text: string
  value: number
  limit: number
  may_set_aside: string[]
}

export interface Reason {
  code: string
  text: string
  value: number | null
  limit: number | null
  age_s: number | null
  concern?: Concern
}

export interface Option {
  dock_id: string
  aircraft_id: string
  eligible: boolean
  rank: number | null
  reasons: Reason[]
  time_to_airborne_s: number | null
  time_to_scene_s: number | null
  on_scene_s: number | null
  watch_s: number | null
  battery_on_return_percent: number | null
  distance_m: number
  bearing_deg: number
  energy_wh: number | null
  /** From over the dock to the watch position; missing where there is none. */
  route?: Point[] | null
  risks?: { code: string; text: string }[] | null
  /** Nothing but warnings keeps it at home. */
  only_warnings?: boolean
}

/** A flight in the air that could be sent there instead; only the pilot in command may. */
export interface FlightOption {
  flight_id: string
  callsign: string
  pilot: string
  serves_incident_id: string
  eligible: boolean
  reasons: Reason[]
  time_to_scene_s: number | null
  watch_s: number | null
  others_s: number | null
  watched_by: string[]
}

export interface Decision {
  decision_id: string
  incident_id: string
  incident_revision: number
  decided_at: string
  best: string | null
  options: Option[]
  flights?: FlightOption[]
  may_set_aside?: Partial<Record<Concern, string[]>>
}

export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  difference?: Record<string, { shown: unknown; now: unknown }>
  reasons?: Record<string, Reason[]> | Reason[]
  flight_id?: string
  errors?: { pointer: string; field: string; detail: string }[]
}

export interface ClientSettings {
  deployment: Deployment
  force: string
  map: { style_url: string | null; pmtiles_url: string | null; attribution: string | null }
}

export interface JournalEvent {
  seq: number
  stream: string
  id: string
  type: string
  mission_time: string
  wall_time: string
  actor: string
  payload: Record<string, unknown>
}
