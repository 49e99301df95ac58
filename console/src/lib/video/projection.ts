/**
 * Where things lie in a camera's picture, and what of the ground it shows: a pinhole over flat ground, or over ground of a
 * known height at the point that is asked for. Bearings are true, pitch is above the horizon (-90 straight down), angles in
 * degrees, lengths in metres. Pure: the picture and the map draw from the same figures.
 */
import type { Aircraft, Point } from '../api/types.ts'
import { bearingDeg, destination, distanceM, footprint, type LngLat } from '../map/geometry.ts'

const RAD = Math.PI / 180
/** Above this the middle of the picture is the horizon, and no length holds for it. */
export const LEVEL_DEG = -3
/** How far a line of sight is drawn that does not come down. */
export const FARTHEST_M = 1500
export const ASPECT = 16 / 9

/** Of the picture that one of the two shows. */
export function aspectOf(video: HTMLVideoElement | undefined, canvas: HTMLCanvasElement | undefined): number {
  if (video && !video.hidden && video.videoHeight > 0) return video.videoWidth / video.videoHeight
  if (canvas && !canvas.hidden && canvas.height > 0) return canvas.width / canvas.height
  return ASPECT
}

export interface Eye extends Point {
  /** Above the ground that is looked at. */
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

/** Where a point on the ground is in the picture; `groundM` is how much higher its ground is than that under the eye. */
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

/** A length to draw on the picture, in metres and as a share of its width, good for its middle; null at the horizon. */
export function scaleBar(eye: Eye): { metres: number; share: number } | null {
  if (eye.pitchDeg > LEVEL_DEG || eye.heightM < 1) return null
  const slant = eye.heightM / Math.sin(-eye.pitchDeg * RAD)
  const across = 2 * slant * Math.tan((eye.hfovDeg / 2) * RAD)
  const most = across / 4
  const power = 10 ** Math.floor(Math.log10(most))
  const metres = ([5, 2, 1].find((step) => step * power <= most) ?? 1) * power
  return { metres, share: metres / across }
}

/** What the camera sees of flat ground, as a ring, and the middle of its sight as a line. */
export function seen(eye: Eye): { ring: LngLat[]; sight: [LngLat, LngLat] } {
  const upDeg = (2 * Math.atan(Math.tan((eye.hfovDeg / 2) * RAD) / eye.aspect)) / RAD
  const down = -eye.pitchDeg
  const ahead = down > 1 ? Math.min(FARTHEST_M, eye.heightM / Math.tan(Math.min(89.9, down) * RAD)) : FARTHEST_M
  const end = destination(eye, eye.bearingDeg, ahead)
  return {
    ring: footprint(eye, eye.heightM, eye.bearingDeg, down, { acrossDeg: eye.hfovDeg, upDeg }, FARTHEST_M),
    sight: [
      [eye.lon_deg, eye.lat_deg],
      [end.lon_deg, end.lat_deg],
    ],
  }
}
