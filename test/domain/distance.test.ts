import { describe, expect, it } from 'vitest'
import { distanceMiles } from '../../src/domain/distance.ts'

describe('distanceMiles', () => {
  it.each([
    ['Half Marathon', 13.1],
    ['half-marathon', 13.1],
    ['HALFMARATHON', 13.1],
    ['1/2 Marathon', 13.1],
    ['Half Marathon (21.1 km)', 13.1],
    ['Marathon', 26.2],
    ['Marathon 42.195 km', 26.2],
    ['15K', 9.3],
    ['10 km', 6.2],
    ['10-km run', 6.2],
    ['5K', 3.1],
    ['5k Walk', 3.1],
    ['21,1 km', 13.1],
    ['5,000 meters', 3.1],
    ['1500m', 0.93],
    ['100 metres', 0.06],
    ['440 yards', 0.25],
    ['3.2 Miles', 3.2],
    ['1 mile', 1],
    ['Ultra 50 mile', 50],
    ['Ultramarathon 100 mi', 100],
    ['13.1', 13.1],
    [13.1094, 13.11],
    [5, 5],
  ])('%s is %s miles (defect 19)', (value, miles) => {
    expect(distanceMiles(value)).toBe(miles)
  })

  it.each([
    '',
    null,
    undefined,
    '5K/10K',
    'Marathon & 5K',
    'Ultra Marathon',
    'Mini Marathon',
    '100m',
    'VIP Breakfast',
    '5 kids',
    0,
    -3,
    5000,
    Number.NaN,
    {},
    '0 km',
  ])('%s cannot be told', (value) => {
    expect(distanceMiles(value)).toBeNull()
  })
})
