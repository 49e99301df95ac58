/** The base map: the force's own style or tiles, or Natural Earth that comes along; and the colours of both themes. */
import type { ClientSettings } from '../api/types.ts'
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'

export interface Colours {
  sea: string
  land: string
  border: string
  grid: string
  ink: string
  ink2: string
  ok: string
  busy: string
  warn: string
  danger: string
  accent: string
  off: string
  relay: string
  bg: string
}

export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element)
  const read = (name: string): string => style.getPropertyValue(name).trim() || '#888'
  return {
    sea: read('--sea'),
    land: read('--land'),
    border: read('--border'),
    grid: read('--line-soft'),
    ink: read('--ink'),
    ink2: read('--ink-2'),
    ok: read('--ok'),
    busy: read('--busy'),
    warn: read('--warn'),
    danger: read('--danger'),
    accent: read('--accent'),
    off: read('--off'),
    relay: read('--relay'),
    bg: read('--bg'),
  }
}

export const NATURAL_EARTH = 'Made with Natural Earth'

/** The style to begin with; a force's own style is its address. */
export function baseStyle(map: ClientSettings['map'] | null, colours: Colours, origin: string): StyleSpecification | string {
  if (map?.style_url) return map.style_url
  const own = map?.pmtiles_url ?? null
  const url = own === null ? `pmtiles://${origin}/basemap.pmtiles` : `pmtiles://${new URL(own, origin).href}`
  const attribution = own === null ? NATURAL_EARTH : (map?.attribution ?? '')
  return {
    version: 8,
    sources: { base: { type: 'vector', url, attribution } },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': own === null ? colours.sea : colours.land } },
      ...(own === null ? naturalEarth(colours) : protomaps(colours)),
    ],
  }
}

function naturalEarth(colours: Colours): LayerSpecification[] {
  return [
    { id: 'land', type: 'fill', source: 'base', 'source-layer': 'land', paint: { 'fill-color': colours.land } },
    {
      id: 'coast',
      type: 'line',
      source: 'base',
      'source-layer': 'land',
      paint: { 'line-color': colours.border, 'line-width': 1 },
    },
    {
      id: 'border',
      type: 'line',
      source: 'base',
      'source-layer': 'border',
      paint: { 'line-color': colours.border, 'line-width': 1, 'line-dasharray': [3, 2] },
    },
  ]
}

/** A quiet map of the Protomaps basemap schema: water, built-up land, roads by rank, names. */
function protomaps(colours: Colours): LayerSpecification[] {
  return [
    {
      id: 'landuse',
      type: 'fill',
      source: 'base',
      'source-layer': 'landuse',
      paint: { 'fill-color': colours.border, 'fill-opacity': 0.18 },
    },
    { id: 'water', type: 'fill', source: 'base', 'source-layer': 'water', paint: { 'fill-color': colours.sea } },
    {
      id: 'buildings',
      type: 'fill',
      source: 'base',
      'source-layer': 'buildings',
      minzoom: 14,
      paint: { 'fill-color': colours.border, 'fill-opacity': 0.35 },
    },
    {
      id: 'roads',
      type: 'line',
      source: 'base',
      'source-layer': 'roads',
      paint: {
        'line-color': colours.border,
        'line-width': [
          'interpolate',
          ['exponential', 1.6],
          ['zoom'],
          8,
          ['match', ['get', 'kind'], 'highway', 1, 0.2],
          18,
          ['match', ['get', 'kind'], 'highway', 22, 'major_road', 16, 8],
        ],
      },
    },
    {
      id: 'names',
      type: 'symbol',
      source: 'base',
      'source-layer': 'places',
      layout: { 'text-field': ['get', 'name'], 'text-font': ['Inter Variable'], 'text-size': 12 },
      paint: { 'text-color': colours.ink2, 'text-halo-color': colours.land, 'text-halo-width': 1.5 },
    },
  ]
}
