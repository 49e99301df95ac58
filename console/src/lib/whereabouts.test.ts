import { expect, test } from 'vitest'
import { whereabouts } from './whereabouts.ts'

const place = { lat_deg: 52.41, lon_deg: -1.51, radius_m: 0 }
const docks = [
  { name: 'City centre', place: { lat_deg: 52.407, lon_deg: -1.51 } },
  { name: 'Binley', place: { lat_deg: 52.39, lon_deg: -1.45 } },
]

test('an address is said as it is', () => {
  expect(whereabouts({ address: '14 High Street, Coventry', place }, docks)).toBe('14 High Street, Coventry')
})

test('without one it lies from the nearest dock', () => {
  expect(whereabouts({ address: '', place }, docks)).toBe('330 m north of City centre')
  expect(whereabouts({ place: { ...place, lat_deg: 52.43 } }, docks)).toBe('2.6 km north of City centre')
})

test('a place at a dock is that dock, and without any dock it is where it is', () => {
  expect(whereabouts({ place: { ...place, lat_deg: 52.4071 } }, docks)).toBe('City centre')
  expect(whereabouts({ place }, [])).toBe('52.4100, -1.5100')
})
