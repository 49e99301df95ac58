/**
 * The map, apart from any screen: layers for what is still, DOM markers for what moves and is pressed. Drones are real
 * buttons: reachable by keyboard, named for a screen reader, and 200 of them cost less than as GL symbols.
 */
import {
  AttributionControl,
  Map as GlMap,
  Marker,
  NavigationControl,
  ScaleControl,
  addProtocol,
  setWorkerUrl,
  type ExpressionSpecification,
  type GeoJSONSource,
  type LayerSpecification,
} from 'maplibre-gl'
import 'maplibre-gl/dist/maplibre-gl.css'
import { Protocol } from 'pmtiles'
import type { ClientSettings, Point } from '../api/types.ts'
import { gridStepM, lngLat, sameFeatures, type LngLat } from './geometry.ts'
import { baseStyle, coloursOf, type Colours } from './style.ts'

setWorkerUrl(new URL('/assets/mapworker.js', location.origin).href)
addProtocol('pmtiles', new Protocol().tile)

export type Features = GeoJSON.FeatureCollection
export const EMPTY: Features = { type: 'FeatureCollection', features: [] }

/** Sources in the order in which they are drawn, the lowest first. */
const SOURCES = ['grid', 'coverage', 'zones', 'uncertainty', 'options', 'routes', 'camera', 'trails', 'incidents'] as const
export type SourceName = (typeof SOURCES)[number]

/** A metre or so for each pixel: a place that is clicked is the place that is meant. */
const CHOOSING_ZOOM = 15.5

export interface MapOptions {
  container: HTMLElement
  settings: ClientSettings['map'] | null
  onPick?: (at: Point) => void
  onIncident?: (id: string) => void
  onMoved?: () => void
  onFailed?: (why: string) => void
}

/** False where the browser cannot draw the map at all: a list must then do. */
export function canDraw(): boolean {
  try {
    return document.createElement('canvas').getContext('webgl2') !== null
  } catch {
    return false
  }
}

export class MapView {
  readonly map: GlMap
  readonly #markers = new Map<string, { marker: Marker; element: HTMLElement }>()
  readonly #pending = new Map<SourceName, Features>()
  readonly #colours: Colours
  #ready = false

  constructor(options: MapOptions) {
    this.#colours = coloursOf(options.container)
    this.map = new GlMap({
      container: options.container,
      style: baseStyle(options.settings, this.#colours, location.origin),
      center: [-1.8, 52.6],
      zoom: 5,
      maxZoom: 19,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.keyboard.disableRotation()
    this.map.addControl(
      new AttributionControl({ compact: false, ...(options.settings?.attribution ? { customAttribution: options.settings.attribution } : {}) }),
      'bottom-right',
    )
    this.map.addControl(new ScaleControl({ unit: 'metric', maxWidth: 120 }), 'bottom-left')
    this.map.addControl(new NavigationControl({ showCompass: false }), 'top-right')
    this.map.on('style.load', () => {
      this.#addLayers()
    })
    this.map.on('moveend', () => {
      this.#grid()
      options.onMoved?.()
    })
    this.map.on('click', (event) => {
      const hit = this.#ready ? this.map.queryRenderedFeatures(event.point, { layers: ['incidents-dot'] })[0] : undefined
      const id: unknown = hit?.properties.id
      if (typeof id === 'string') options.onIncident?.(id)
      else options.onPick?.({ lat_deg: event.lngLat.lat, lon_deg: event.lngLat.lng })
    })
    // By keyboard the arrows move the map, and Enter takes what is in its middle.
    this.map.getCanvas().addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.repeat) return
      const { lat, lng } = this.map.getCenter()
      options.onPick?.({ lat_deg: lat, lon_deg: lng })
    })
    this.map.on('error', (event) => {
      options.onFailed?.(event.error.message)
    })
  }

  destroy(): void {
    for (const { marker } of this.#markers.values()) marker.remove()
    this.#markers.clear()
    this.map.remove()
  }

  /** What a source shows from now on. What it shows already costs nothing: new data is a whole map drawn again. */
  show(name: SourceName, features: Features): void {
    const before = this.#pending.get(name)
    if (before === features || sameFeatures(before ?? EMPTY, features)) return
    this.#pending.set(name, features)
    if (this.#ready) (this.map.getSource(name) as GeoJSONSource | undefined)?.setData(features)
  }

  visible(name: SourceName, on: boolean): void {
    if (!this.#ready) return
    for (const layer of this.#layers().filter((each) => 'source' in each && each.source === name))
      this.map.setLayoutProperty(layer.id, 'visibility', on ? 'visible' : 'none')
  }

  /** A marker at a place, made once by `make` and moved afterwards. */
  mark(id: string, at: Point, make: () => HTMLElement, offset: [number, number] = [0, 0]): HTMLElement {
    const known = this.#markers.get(id)
    if (known) {
      known.marker.setLngLat(lngLat(at))
      return known.element
    }
    const element = make()
    const marker = new Marker({ element, anchor: 'center', offset }).setLngLat(lngLat(at)).addTo(this.map)
    // MapLibre calls every marker a "Map marker": ours have names of their own.
    this.#markers.set(id, { marker, element })
    return element
  }

  /** Take away the markers of a kind that are not among these. */
  keep(prefix: string, ids: ReadonlySet<string>): void {
    for (const [id, { marker }] of this.#markers)
      if (id.startsWith(prefix) && !ids.has(id)) {
        marker.remove()
        this.#markers.delete(id)
      }
  }

  flyTo(at: Point, zoom = 14): void {
    const quick = matchMedia('(prefers-reduced-motion: reduce)').matches
    this.map.easeTo({ center: lngLat(at), zoom: Math.max(this.map.getZoom(), zoom), duration: quick ? 0 : 500 })
  }

  /** Make ready for a place to be chosen: near enough to choose it well, and with the keyboard's focus. */
  choose(near: Point | null): void {
    if (near !== null) this.map.jumpTo({ center: lngLat(near), zoom: Math.max(this.map.getZoom(), CHOOSING_ZOOM) })
    this.map.getCanvas().focus({ preventScroll: true })
  }

  follow(at: Point): void {
    this.map.jumpTo({ center: lngLat(at) })
  }

  /** Show all of these places; at once the first time. */
  fit(points: readonly LngLat[], { padding = 80, maxZoom = 14.5, animate = true } = {}): void {
    if (points.length === 0) return
    let [west, south, east, north] = [180, 90, -180, -90]
    for (const [lon, lat] of points) {
      west = Math.min(west, lon)
      east = Math.max(east, lon)
      south = Math.min(south, lat)
      north = Math.max(north, lat)
    }
    const quick = !animate || matchMedia('(prefers-reduced-motion: reduce)').matches
    this.map.fitBounds([west, south, east, north], { padding, maxZoom, duration: quick ? 0 : 600 })
  }

  #grid(): void {
    const bounds = this.map.getBounds()
    const lat = this.map.getCenter().lat
    if (this.map.getZoom() < 7 || Math.abs(lat) > 80) {
      this.show('grid', EMPTY)
      return
    }
    const perLon = 111_320 * Math.cos((lat * Math.PI) / 180)
    const step = gridStepM((bounds.getEast() - bounds.getWest()) * perLon)
    const [dLat, dLon] = [step / 110_574, step / (111_320 * Math.cos((Math.round(lat) * Math.PI) / 180))]
    const features: GeoJSON.Feature[] = []
    const line = (coordinates: LngLat[]): number =>
      features.push({ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates } })
    for (let lon = Math.floor(bounds.getWest() / dLon) * dLon; lon <= bounds.getEast(); lon += dLon)
      line([
        [lon, bounds.getSouth() - dLat],
        [lon, bounds.getNorth() + dLat],
      ])
    for (let at = Math.floor(bounds.getSouth() / dLat) * dLat; at <= bounds.getNorth(); at += dLat)
      line([
        [bounds.getWest() - dLon, at],
        [bounds.getEast() + dLon, at],
      ])
    this.show('grid', { type: 'FeatureCollection', features })
  }

  #addLayers(): void {
    for (const name of SOURCES)
      this.map.addSource(name, { type: 'geojson', data: this.#pending.get(name) ?? EMPTY, tolerance: 0.2 })
    for (const layer of this.#layers()) this.map.addLayer(layer)
    this.#ready = true
    this.#grid()
  }

  #layers(): LayerSpecification[] {
    const c = this.#colours
    const state: ExpressionSpecification = [
      'match',
      ['get', 'state'],
      'ok',
      c.ok,
      'busy',
      c.busy,
      'warn',
      c.warn,
      'danger',
      c.danger,
      'relay',
      c.relay,
      c.off,
    ]
    const label = (source: SourceName, size = 11): LayerSpecification => ({
      id: `${source}-label`,
      type: 'symbol',
      source,
      filter: ['has', 'label'],
      layout: {
        'text-field': ['get', 'label'],
        'text-font': ['Inter Variable'],
        'text-size': size,
        'symbol-placement': ['match', ['geometry-type'], 'Point', 'point', 'line'] as never,
        'text-max-angle': 40,
      },
      paint: { 'text-color': c.ink2, 'text-halo-color': c.land, 'text-halo-width': 1.6 },
    })
    const { layout, ...zoneLabel } = label('zones') as Extract<LayerSpecification, { type: 'symbol' }>
    return [
      { id: 'grid-line', type: 'line', source: 'grid', paint: { 'line-color': c.grid, 'line-width': 1 } },
      {
        id: 'coverage-fill',
        type: 'fill',
        source: 'coverage',
        filter: ['==', ['get', 'kind'], 'time'],
        paint: { 'fill-color': c.ok, 'fill-opacity': 0.045 },
      },
      {
        id: 'coverage-line',
        type: 'line',
        source: 'coverage',
        filter: ['==', ['get', 'kind'], 'time'],
        paint: { 'line-color': c.ok, 'line-opacity': 0.45, 'line-width': 1, 'line-dasharray': [1, 2] },
      },
      {
        id: 'coverage-gap',
        type: 'fill',
        source: 'coverage',
        filter: ['==', ['get', 'kind'], 'gap'],
        paint: { 'fill-color': c.danger, 'fill-opacity': 0.12 },
      },
      {
        id: 'zones-fill',
        type: 'fill',
        source: 'zones',
        paint: { 'fill-color': state, 'fill-opacity': ['case', ['get', 'active'], 0.14, 0.04] },
      },
      {
        id: 'zones-line',
        type: 'line',
        source: 'zones',
        paint: { 'line-color': state, 'line-width': 1.5, 'line-opacity': ['case', ['get', 'active'], 0.95, 0.4] },
      },
      { ...zoneLabel, filter: ['all', ['has', 'label'], ['<=', ['get', 'label_from'], ['zoom']]], layout: { ...layout, 'symbol-placement': 'point', 'text-max-width': 16 } },
      {
        id: 'uncertainty-fill',
        type: 'fill',
        source: 'uncertainty',
        paint: { 'fill-color': c.accent, 'fill-opacity': 0.1 },
      },
      {
        id: 'uncertainty-line',
        type: 'line',
        source: 'uncertainty',
        paint: { 'line-color': c.accent, 'line-width': 1.5, 'line-dasharray': [2, 2] },
      },
      {
        id: 'options-line',
        type: 'line',
        source: 'options',
        paint: {
          'line-color': state,
          'line-width': ['case', ['get', 'best'], 3, 1.25],
          'line-opacity': ['case', ['get', 'best'], 1, 0.55],
          'line-dasharray': [2, 1.5],
        },
      },
      {
        id: 'options-label',
        type: 'symbol',
        source: 'options',
        layout: {
          'symbol-placement': 'line-center',
          'text-field': ['get', 'label'],
          'text-font': ['Inter Variable'],
          'text-size': 12,
          'text-offset': [0, -0.8],
        },
        paint: { 'text-color': c.ink, 'text-halo-color': c.land, 'text-halo-width': 2 },
      },
      {
        id: 'routes-line',
        type: 'line',
        source: 'routes',
        layout: { 'line-cap': 'round' },
        paint: { 'line-color': state, 'line-width': 2, 'line-opacity': 0.85 },
      },
      {
        id: 'camera-fill',
        type: 'fill',
        source: 'camera',
        filter: ['==', ['geometry-type'], 'Polygon'],
        paint: { 'fill-color': c.ink, 'fill-opacity': 0.09 },
      },
      {
        id: 'camera-line',
        type: 'line',
        source: 'camera',
        paint: { 'line-color': c.ink, 'line-width': 1, 'line-opacity': 0.5, 'line-dasharray': [4, 3] },
      },
      {
        id: 'trails-line',
        type: 'line',
        source: 'trails',
        layout: { 'line-cap': 'round', 'line-join': 'round' },
        paint: { 'line-color': state, 'line-width': 2.5, 'line-opacity': 0.6 },
      },
      {
        id: 'incidents-dot',
        type: 'circle',
        source: 'incidents',
        paint: {
          'circle-radius': ['case', ['get', 'selected'], 8, 5],
          'circle-color': state,
          'circle-stroke-color': c.bg,
          'circle-stroke-width': 2,
        },
      },
    ]
  }
}
