import { describe, expect, it } from 'vitest'
import { readRateHeaders } from '../../src/quota/headers.ts'

const at = Date.parse('2026-05-02T11:00:00Z')
const read = (headers: Record<string, string>) => readRateHeaders(new Headers(headers), at)

describe('quota headers (L4)', () => {
  it.each<[string, Record<string, string>, { limit: number | null; pauseMs: number | null }]>([
    ['nothing', {}, { limit: null, pauseMs: null }],
    [
      'X-RateLimit',
      { 'X-RateLimit-Limit': '400', 'X-RateLimit-Remaining': '12' },
      { limit: 400, pauseMs: null },
    ],
    [
      'the older draft',
      { 'RateLimit-Limit': '400, 400;w=3600', 'RateLimit-Remaining': '0', 'RateLimit-Reset': '90' },
      { limit: 400, pauseMs: 90_000 },
    ],
    [
      'the combined header',
      { RateLimit: 'limit=300, remaining=0, reset=12' },
      { limit: 300, pauseMs: 12_000 },
    ],
    [
      'the newest draft',
      { 'RateLimit-Policy': '"hour";q=300;w=3600', RateLimit: '"hour";r=0;t=7' },
      { limit: 300, pauseMs: 7_000 },
    ],
    [
      'a limit per second',
      {
        'RateLimit-Limit': '10',
        'RateLimit-Policy': '10;w=1',
        'RateLimit-Remaining': '0',
        'RateLimit-Reset': '1',
      },
      { limit: null, pauseMs: 1_000 },
    ],
    [
      'a reset as an instant',
      { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(at / 1000 + 60) },
      { limit: null, pauseMs: 60_000 },
    ],
    [
      'a reset in milliseconds',
      { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(at + 60_000) },
      { limit: null, pauseMs: 60_000 },
    ],
    [
      'a reset days away',
      { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '999999' },
      { limit: null, pauseMs: 3_600_000 },
    ],
    ['no reset told', { 'X-RateLimit-Remaining': '0' }, { limit: null, pauseMs: 5_000 }],
    [
      'nonsense',
      { 'X-RateLimit-Limit': 'lots', 'X-RateLimit-Remaining': '-1' },
      { limit: null, pauseMs: null },
    ],
    ['no limit at all', { 'X-RateLimit-Limit': '0' }, { limit: null, pauseMs: null }],
  ])('reads %s', (_, headers, meaning) => {
    expect(read(headers)).toMatchObject(meaning)
  })

  it.each<[string, Record<string, string>, number | null]>([
    ['limit and remaining of the hour', { 'X-RateLimit-Limit': '400', 'X-RateLimit-Remaining': '12' }, 388],
    ['more remaining than the limit', { 'X-RateLimit-Limit': '400', 'X-RateLimit-Remaining': '900' }, 0],
    ['no limit', { 'X-RateLimit-Remaining': '12' }, null],
    ['a limit per minute', { 'RateLimit-Policy': '40;w=60', RateLimit: 'limit=40, remaining=1' }, null],
  ])('count the calls that the provider has seen: %s', (_, headers, used) => {
    expect(read(headers).used).toBe(used)
  })
})
