/**
 * Where things lie in a camera's picture, and what of the ground it shows: a pinhole over the ground that is known, or over
 * ground as high as home. All heights are above home. Bearings are true, pitch is above the horizon (-90 straight down), angles in
 * degrees, lengths in metres. Pure: the picture and the map draw from the same figures.
 */
import type { Aircraft, Point } from '../api/types.ts'
import { bearingDeg, destination, distanceM, lngLat, type LngLat } from '../map/geometry.ts'
import { FLAT, type Relief } from './ground.ts'

const RAD = Math.PI / 180
/** Above this the middle of the picture is the horizon, and no length holds for it. */
export const LEVEL_DEG = -3
/** How far a line of sight is drawn that does not come down, along itself. */
export const FARTHEST_M = 1500
/** A line of sight is held against the ground each so many metres. */
const STEP_M = 10
const HALVINGS = 24
/** Higher than this over a line of sight, ground hides what is behind it. */
const HIDES_M = 2
/** Ground so near to a place is its own slope. */
const ITS_OWN_M = 25
/** Lines of sight along each side of the picture. */
const ALONG_SIDE = 8
export const ASPECT = 16 / 9

/** Of the picture that one of the two shows. */
export function aspectOf(video: HTMLVideoElement | undefined, canvas: HTMLCanvasElement | undefined): number {
  if (video && !video.hidden && video.videoHeight > 0) return video.videoWidth / video.videoHeight
  if (canvas && !canvas.hidden && canvas.height > 0) return canvas.width / canvas.height
  return ASPECT
}

export interface Eye extends Point {
  /** Above home. */
  heightM: number
  bearingDeg: number
  pitchDeg: number
  /** From edge to edge across. */
  hfovDeg: number
  /** Width over height. */
  aspect: number
}

/** What is known of where the camera looks. */
export type Looking =
  | { known: 'camera'; eye: Eye }
  /** Only the aircraft's own heading: nothing can be placed in the picture. */
  | { known: 'heading'; headingDeg: number }

export function looking(aircraft: Aircraft, aspect = ASPECT): Looking {
  const { camera_bearing_deg: bearing, camera_pitch_deg: pitch, camera_hfov_deg: across } = aircraft
  if (bearing === null || bearing === undefined || pitch === null || pitch === undefined || across === null || across === undefined)
    return { known: 'heading', headingDeg: aircraft.heading_deg }
  const eye = { lat_deg: aircraft.lat_deg, lon_deg: aircraft.lon_deg, heightM: aircraft.alt_above_home_m, bearingDeg: bearing, pitchDeg: pitch, hfovDeg: across, aspect }
  return { known: 'camera', eye }
}

export interface Placed {
  inside: boolean
  /** Shares of the picture's width and height, from its left and its top; on the edge for what is outside. */
  x: number
  y: number
  /** For what is outside: which way it is from there, clockwise from up. */
  arrowDeg: number
}

/** Room between the edge and the arrow of what is outside. */
const MARGIN = 0.06

/** Where a point on the ground is in the picture; `groundM` is how high its ground is above home. */
export function project(eye: Eye, point: Point, groundM = 0): Placed {
  const [away, course] = [distanceM(eye, point), bearingDeg(eye, point) * RAD]
  const [north, east, up] = [away * Math.cos(course), away * Math.sin(course), groundM - eye.heightM]
  const [b, p] = [eye.bearingDeg * RAD, eye.pitchDeg * RAD]
  const along = north * Math.cos(b) + east * Math.sin(b)
  const ahead = along * Math.cos(p) + up * Math.sin(p)
  const right = east * Math.cos(b) - north * Math.sin(b)
  const above = up * Math.cos(p) - along * Math.sin(p)
  const focal = 0.5 / Math.tan((eye.hfovDeg / 2) * RAD)
  if (ahead > 0) {
    const [x, y] = [0.5 + (focal * right) / ahead, 0.5 - (focal * eye.aspect * above) / ahead]
    if (x >= 0 && x <= 1 && y >= 0 && y <= 1) return { inside: true, x, y, arrowDeg: 0 }
  }
  // From the middle towards it, in the picture's plane, up to the edge; behind the camera the same direction holds.
  const [dx, dy] = right === 0 && above === 0 ? [0, 1] : [right, -above * eye.aspect]
  const most = 0.5 - MARGIN
  const reach = Math.min(most / Math.abs(dx || 1e-9), most / Math.abs(dy || 1e-9))
  return { inside: false, x: 0.5 + dx * reach, y: 0.5 + dy * reach, arrowDeg: (Math.atan2(right, above) / RAD + 360) % 360 }
}

export interface Sight {
  /** Where it meets the ground, or where it is cut off. */
  end: Point
  /** From the eye to there. */
  slantM: number
  meets: boolean
}

/** Where the line of sight through a point of the picture (shares from its left and top) comes down. Unknown ground is as high as home. */
export function sightThrough(eye: Eye, x: number, y: number, relief: Relief = FLAT): Sight {
  const [p, focal] = [eye.pitchDeg * RAD, 0.5 / Math.tan((eye.hfovDeg / 2) * RAD)]
  const [aside, above] = [(x - 0.5) / focal, (0.5 - y) / (focal * eye.aspect)]
  const along = Math.cos(p) - above * Math.sin(p)
  const climb = Math.sin(p) + above * Math.cos(p)
  const [flat, long] = [Math.hypot(along, aside), Math.hypot(along, aside, climb)]
  const course = eye.bearingDeg + Math.atan2(aside, along) / RAD
  const point = (slantM: number): Point => destination(eye, course, (slantM * flat) / long)
  const over = (slantM: number): number => eye.heightM + (slantM * climb) / long - (relief(point(slantM)) ?? 0)
  // Under the ground it sees nothing of it.
  if (over(0) <= 0) return { end: point(0), slantM: 0, meets: false }
  for (let near = 0; near < FARTHEST_M; near += STEP_M) {
    if (over(near + STEP_M) > 0) continue
    let [free, met] = [near, near + STEP_M]
    for (let each = 0; each < HALVINGS; each++) {
      const middle = (free + met) / 2
      if (over(middle) > 0) free = middle
      else met = middle
    }
    return { end: point(met), slantM: met, meets: true }
  }
  return { end: point(FARTHEST_M), slantM: FARTHEST_M, meets: false }
}

/** Whether higher ground lies between the eye and a place on the ground. */
export function isHidden(eye: Eye, place: Point, relief: Relief): boolean {
  const [away, course] = [distanceM(eye, place), bearingDeg(eye, place)]
  const rise = (relief(place) ?? 0) - eye.heightM
  for (let at = STEP_M; at < away - ITS_OWN_M; at += STEP_M) {
    const ground = relief(destination(eye, course, at))
    if (ground !== null && ground > eye.heightM + (rise * at) / away + HIDES_M) return true
  }
  return false
}

/** A length to draw on the picture, in metres and as a share of its width, good for its middle; null at the horizon. */
export function scaleBar(eye: Eye, relief: Relief = FLAT): { metres: number; share: number } | null {
  if (eye.pitchDeg > LEVEL_DEG) return null
  const { slantM, meets } = sightThrough(eye, 0.5, 0.5, relief)
  if (!meets || slantM < 1) return null
  const across = 2 * slantM * Math.tan((eye.hfovDeg / 2) * RAD)
  const most = across / 4
  const power = 10 ** Math.floor(Math.log10(most))
  const metres = ([5, 2, 1].find((step) => step * power <= most) ?? 1) * power
  return { metres, share: metres / across }
}

/** What the camera sees of the ground, as a ring (empty where it sees none), and the middle of its sight as a line. */
export function seen(eye: Eye, relief: Relief = FLAT): { ring: LngLat[]; sight: [LngLat, LngLat] } {
  const side = Array.from({ length: ALONG_SIDE }, (_, each) => each / ALONG_SIDE)
  // From the lower left around to the right: towards what is far, and back.
  const border = [
    ...side.map((each): [number, number] => [each, 1]),
    ...side.map((each): [number, number] => [1, 1 - each]),
    ...side.map((each): [number, number] => [1 - each, 0]),
    ...side.map((each): [number, number] => [0, each]),
  ].map(([x, y]) => sightThrough(eye, x, y, relief))
  const ring = border.some((each) => each.meets) ? [...border, ...border.slice(0, 1)].map(({ end }) => lngLat(end)) : []
  return { ring, sight: [lngLat(eye), lngLat(sightThrough(eye, 0.5, 0.5, relief).end)] }
}
