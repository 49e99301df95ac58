// Writes public/basemap.pmtiles: land and borders of Natural Earth 1:10m (from the world-atlas package) as vector tiles in
// one PMTiles 3 archive, for orientation without a network and without a key. Run it by `npm run basemap`.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { GeoJSONVT } from '@maplibre/geojson-vt'
import { fromGeojsonVt } from '@maplibre/vt-pbf'
import { zxyToTileId } from 'pmtiles'

const DEEPEST = 5
const here = (path) => new URL(path, import.meta.url)
const topology = JSON.parse(readFileSync(here('../node_modules/world-atlas/countries-10m.json'), 'utf8'))

const { scale, translate } = topology.transform
const arcs = topology.arcs.map((arc) => {
  let [x, y] = [0, 0]
  return arc.map(([dx, dy]) => [(x += dx) * scale[0] + translate[0], (y += dy) * scale[1] + translate[1]])
})
const arcOf = (index) => (index < 0 ? arcs[~index].toReversed() : arcs[index])
const ring = (indices) => indices.flatMap((index, i) => (i === 0 ? arcOf(index) : arcOf(index).slice(1)))

const land = topology.objects.land.geometries.flatMap((geometry) =>
  (geometry.type === 'Polygon' ? [geometry.arcs] : geometry.arcs).map((polygon) => ({
    type: 'Feature',
    properties: {},
    geometry: { type: 'Polygon', coordinates: polygon.map(ring) },
  })),
)

// An arc that two countries share is a border; one that has a single owner is a coast.
const owners = new Map()
for (const country of topology.objects.countries.geometries) {
  const polygons = country.type === 'Polygon' ? [country.arcs] : (country.arcs ?? [])
  for (const index of polygons.flat(2)) {
    const arc = index < 0 ? ~index : index
    owners.set(arc, (owners.get(arc) ?? new Set()).add(country.id ?? country.properties.name))
  }
}
const borders = [...owners]
  .filter(([, who]) => who.size > 1)
  .map(([arc]) => ({ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: arcs[arc] } }))

const collection = (features) => ({ type: 'FeatureCollection', features })
const cut = { maxZoom: DEEPEST, indexMaxZoom: DEEPEST, indexMaxPoints: 0, tolerance: 3, buffer: 32, extent: 4096 }
const layers = { land: new GeoJSONVT(collection(land), cut), border: new GeoJSONVT(collection(borders), cut) }

const tiles = []
for (let z = 0; z <= DEEPEST; z++)
  for (let x = 0; x < 2 ** z; x++)
    for (let y = 0; y < 2 ** z; y++) {
      const found = {}
      for (const [name, index] of Object.entries(layers)) {
        const tile = index.getTile(z, x, y)
        if (tile?.features.length) found[name] = tile
      }
      if (Object.keys(found).length) tiles.push({ id: zxyToTileId(z, x, y), data: gzipSync(fromGeojsonVt(found, { version: 2 }), { level: 9 }) })
    }
tiles.sort((a, b) => a.id - b.id)

// --- PMTiles 3: header, root directory, metadata, tiles; equal tiles are kept once ---
const chunks = []
const kept = new Map()
let length = 0
const entries = []
for (const { id, data } of tiles) {
  const name = createHash('sha256').update(data).digest('hex')
  if (!kept.has(name)) {
    kept.set(name, length)
    chunks.push(data)
    length += data.length
  }
  const offset = kept.get(name)
  const last = entries.at(-1)
  if (last && last.offset === offset && last.id + last.run === id) last.run++
  else entries.push({ id, run: 1, length: data.length, offset })
}
const varint = (out, value) => {
  for (; value > 127; value = Math.floor(value / 128)) out.push((value % 128) | 128)
  out.push(value)
}
const directory = []
varint(directory, entries.length)
entries.forEach((e, i) => varint(directory, i === 0 ? e.id : e.id - entries[i - 1].id))
entries.forEach((e) => varint(directory, e.run))
entries.forEach((e) => varint(directory, e.length))
entries.forEach((e, i) => {
  const before = entries[i - 1]
  varint(directory, i > 0 && e.offset === before.offset + before.length ? 0 : e.offset + 1)
})
const root = gzipSync(Buffer.from(directory), { level: 9 })
const metadata = gzipSync(
  JSON.stringify({
    name: 'Natural Earth 1:10m, land and borders',
    attribution: 'Natural Earth',
    vector_layers: ['land', 'border'].map((id) => ({ id, fields: {}, minzoom: 0, maxzoom: DEEPEST })),
  }),
)
if (127 + root.length > 16384) throw new Error('the root directory is too long: it needs leaves')

const header = Buffer.alloc(127)
header.write('PMTiles')
header[7] = 3
let at = 127
const place = (position, size) => {
  header.writeBigUInt64LE(BigInt(at), position)
  header.writeBigUInt64LE(BigInt(size), position + 8)
  at += size
}
place(8, root.length)
place(24, metadata.length)
place(40, 0)
place(56, length)
header.writeBigUInt64LE(BigInt(tiles.length), 72)
header.writeBigUInt64LE(BigInt(entries.length), 80)
header.writeBigUInt64LE(BigInt(chunks.length), 88)
header[96] = 1 // clustered
header[97] = 2 // directories: gzip
header[98] = 2 // tiles: gzip
header[99] = 1 // vector tiles
header[100] = 0
header[101] = DEEPEST
header.writeInt32LE(-180e7, 102)
header.writeInt32LE(-85e7, 106)
header.writeInt32LE(180e7, 110)
header.writeInt32LE(85e7, 114)
header[118] = 3
writeFileSync(here('../public/basemap.pmtiles'), Buffer.concat([header, root, metadata, ...chunks]))
process.stdout.write(`${tiles.length} tiles, ${chunks.length} kept, ${127 + root.length + metadata.length + length} bytes\n`)
