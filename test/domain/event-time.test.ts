import { describe, expect, it } from 'vitest'
import { eventWindow, isZone, placeEventTime, readEventTime } from '../../src/domain/event-time.ts'

const NY = 'America/New_York'

describe('readEventTime', () => {
  it.each([
    ['2026-05-02T11:30:00Z', '2026-05-02T11:30:00.000Z'],
    ['2026-05-02T11:30:00.250Z', '2026-05-02T11:30:00.250Z'],
    ['2026-05-02T07:30:00-04:00', '2026-05-02T11:30:00.000Z'],
    ['2026-05-02T07:30:00.123456-0400', '2026-05-02T11:30:00.123Z'],
    ['2026-05-02 07:30 -04', '2026-05-02T11:30:00.000Z'],
    ['2026-05-02 11:30:00 UTC', '2026-05-02T11:30:00.000Z'],
    ['2026-05-02T17:00:00+05:30', '2026-05-02T11:30:00.000Z'],
    [1777721400, '2026-05-02T11:30:00.000Z'],
    [1777721400000, '2026-05-02T11:30:00.000Z'],
  ])('believes Z and offsets (defect 20): %s', (text, iso) => {
    expect(readEventTime(text)).toEqual({ kind: 'instant', at: Date.parse(iso) })
  })

  it.each([
    '2026-05-02 07:30',
    '2026-05-02 07:30:00',
    '2026-05-02 07:30:00.000',
    '2026-05-02T07:30:00',
    ' 2026-05-02T07:30 ',
    '05/02/2026 07:30',
    '5/2/2026 7:30',
    '5/2/2026 7:30 AM',
  ])('takes %s as a wall clock', (text) => {
    expect(readEventTime(text)).toEqual({ kind: 'local', wall: '2026-05-02T07:30:00' })
  })

  it.each([
    '2026-05-02',
    '2026-05-02 00:00',
    '2026-05-02 00:00:00',
    '2026-05-02 00:00:00.000',
    '2026-05-02T00:00:00',
    '2026-05-02T00:00:00Z',
    '2026-05-02T00:00:00.000Z',
    '2026-05-02T00:00:00-04:00',
    '2026-05-02T00:00:00+0530',
    '2026-05-02 00:00:00 UTC',
    '05/02/2026',
    '5/2/2026 0:00',
    '5/2/2026 12:00 AM',
    1777680000,
  ])('takes midnight as the date written, never shifted (defect 22): %s', (text) => {
    expect(readEventTime(text)).toEqual({ kind: 'date', date: '2026-05-02' })
  })

  it.each([null, undefined, '', '  '])('%s says nothing', (value) => {
    expect(readEventTime(value)).toBeNull()
  })

  it.each([
    '2026-13-45',
    '2026-02-29',
    '0000-00-00',
    '2026-05-02 25:00',
    '2026-05-02T07:30:00+99:00',
    '13:30',
    'soon',
    '13/02/2026',
    '5/2/2026 13:00 PM',
    {},
    [],
    true,
    Number.NaN,
    7,
  ])('%s is unreadable', (value) => {
    expect(readEventTime(value)).toBeUndefined()
  })

  it('is quick on hostile text', () => {
    expect(readEventTime(`2026-05-02${' '.repeat(200_000)}x`)).toBeUndefined()
  })
})

describe('placeEventTime', () => {
  const place = (wall: string, zone: string) =>
    new Date(placeEventTime({ kind: 'local', wall }, zone).at).toISOString()

  it('moves a start in a gap forward, takes the earlier of a doubled one (T3)', () => {
    expect(place('2026-03-08T02:30:00', NY)).toBe('2026-03-08T07:30:00.000Z')
    expect(place('2026-11-01T01:30:00', NY)).toBe('2026-11-01T05:30:00.000Z')
    expect(place('2026-05-02T07:30:00', NY)).toBe('2026-05-02T11:30:00.000Z')
  })

  it('places a date at its first instant, where midnight does not exist too', () => {
    const date = (text: string, zone: string) =>
      new Date(placeEventTime({ kind: 'date', date: text }, zone).at).toISOString()
    expect(date('2026-05-02', NY)).toBe('2026-05-02T04:00:00.000Z')
    expect(date('2018-11-04', 'America/Sao_Paulo')).toBe('2018-11-04T03:00:00.000Z')
  })
})

describe('eventWindow', () => {
  it('spans New York to Honolulu when the zone is unknown, and says so (T3)', () => {
    expect(eventWindow({ kind: 'local', wall: '2026-05-02T07:00:00' }, null)).toEqual({
      earliest: Date.parse('2026-05-02T11:00:00Z'),
      latest: Date.parse('2026-05-02T17:00:00Z'),
      assumed: true,
    })
  })

  it('is one instant when it is known', () => {
    const at = Date.parse('2026-05-02T11:00:00Z')
    expect(eventWindow({ kind: 'local', wall: '2026-05-02T07:00:00' }, NY)).toEqual({
      earliest: at,
      latest: at,
      assumed: false,
    })
    expect(eventWindow({ kind: 'instant', at }, null)).toEqual({ earliest: at, latest: at, assumed: false })
  })
})

describe('isZone', () => {
  it.each([NY, 'UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])('%s is one', (zone) => {
    expect(isZone(zone)).toBe(true)
  })
  it.each(['', 'Eastern', 'America/Nowhere', '+05:00', 'Z;DROP', 5, null, undefined])(
    '%s is none',
    (zone) => {
      expect(isZone(zone)).toBe(false)
    },
  )
})
