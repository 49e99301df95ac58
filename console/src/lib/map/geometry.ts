/** Small plane geometry on the sphere for what the map draws; measuring is the server's business. */
import type { Point } from '../api/types.ts'

export const EARTH_M = 6_371_008.8
const RAD = Math.PI / 180

export type LngLat = [number, number]

export function lngLat(point: Point): LngLat {
  return [point.lon_deg, point.lat_deg]
}

/** The point so many metres from another in a direction, on a sphere. */
export function destination(from: Point, bearingDeg: number, distanceM: number): Point {
  const [lat, lon, course, angle] = [from.lat_deg * RAD, from.lon_deg * RAD, bearingDeg * RAD, distanceM / EARTH_M]
  const toLat = Math.asin(Math.sin(lat) * Math.cos(angle) + Math.cos(lat) * Math.sin(angle) * Math.cos(course))
  const toLon =
    lon +
    Math.atan2(Math.sin(course) * Math.sin(angle) * Math.cos(lat), Math.cos(angle) - Math.sin(lat) * Math.sin(toLat))
  return { lat_deg: toLat / RAD, lon_deg: toLon / RAD }
}

export function distanceM(a: Point, b: Point): number {
  const dLat = (b.lat_deg - a.lat_deg) * RAD
  const dLon = (b.lon_deg - a.lon_deg) * RAD
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat_deg * RAD) * Math.cos(b.lat_deg * RAD) * Math.sin(dLon / 2) ** 2
  return 2 * EARTH_M * Math.asin(Math.sqrt(h))
}

export function bearingDeg(from: Point, to: Point): number {
  const [a, b, dLon] = [from.lat_deg * RAD, to.lat_deg * RAD, (to.lon_deg - from.lon_deg) * RAD]
  const y = Math.sin(dLon) * Math.cos(b)
  const x = Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(dLon)
  return (Math.atan2(y, x) / RAD + 360) % 360
}

/** True when two collections draw the same. */
export function sameFeatures(a: GeoJSON.FeatureCollection, b: GeoJSON.FeatureCollection): boolean {
  return a.features.length === b.features.length && (a.features.length === 0 || JSON.stringify(a) === JSON.stringify(b))
}

/** From which zoom on something so wide is at least `px` pixels wide on the map. */
export function zoomFor(widthM: number, latDeg: number, px: number): number {
  // At zoom 0 the equator is one tile of 512 pixels.
  const perPixel = ((2 * Math.PI * EARTH_M) / 512) * Math.cos(latDeg * RAD)
  return Math.log2((perPixel * px) / Math.max(1, widthM))
}

/** How wide a geometry is from west to east, metres, and where. */
export function widthOf(geometry: GeoJSON.Geometry): { widthM: number; latDeg: number } {
  let [west, east, lat, count] = [Infinity, -Infinity, 0, 0]
  const walk = (part: unknown): void => {
    if (!Array.isArray(part)) return
    if (typeof part[0] === 'number' && typeof part[1] === 'number') {
      west = Math.min(west, part[0])
      east = Math.max(east, part[0])
      lat += part[1]
      count += 1
    } else part.forEach(walk)
  }
  if ('coordinates' in geometry) walk(geometry.coordinates)
  if (count === 0) return { widthM: 0, latDeg: 0 }
  const latDeg = lat / count
  return { widthM: (east - west) * RAD * EARTH_M * Math.cos(latDeg * RAD), latDeg }
}

/** A circle as a closed ring. */
export function circle(centre: Point, radiusM: number, corners = 64): LngLat[] {
  const ring = Array.from({ length: corners }, (_, i) => lngLat(destination(centre, (360 * i) / corners, radiusM)))
  const first = ring[0]
  return first ? [...ring, first] : ring
}

/** Lines of a metric grid over a box, about as many as fit a screen: the step is 1, 2 or 5 times a power of ten metres. */
export function gridStepM(metresAcross: number): number {
  const rough = metresAcross / 6
  const power = 10 ** Math.floor(Math.log10(rough))
  return ([1, 2, 5, 10].find((n) => n * power >= rough) ?? 10) * power
}
