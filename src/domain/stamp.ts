import { pad, readWrittenTime, utcMillis } from './written-time.ts'

/** 1900-01-01 and 10000-01-01 in microseconds: what lies outside has no four-digit year and is a misprint. */
const MIN = BigInt(Date.UTC(1900, 0, 1)) * 1000n
const MAX = BigInt(Date.UTC(10_000, 0, 1)) * 1000n

/**
 * An `updated_at` in **microseconds** since the epoch; without a zone it is UTC (T2). Reads what
 * {@link readWrittenTime} reads, and epoch numbers in seconds, milliseconds or microseconds, told apart by magnitude.
 * Digits finer than a microsecond are cut off, so a stamp never becomes newer than it was.
 * @returns null when absent or unreadable
 */
export function readStamp(value: unknown): bigint | null {
  if (typeof value === 'number') return fromEpoch(value)
  if (typeof value !== 'string') return null
  const time = readWrittenTime(value)
  if (time) return inRange(BigInt(utcMillis(time)) * 1000n + BigInt(time.micros))
  return /^\s*\d{9,16}(\.\d{1,9})?\s*$/.test(value) ? fromEpoch(Number(value)) : null
}

/**
 * A stamp as ISO 8601 in UTC with microseconds: `2026-05-02T11:00:00.123456Z`; null stays null.
 * @param stamp microseconds since the epoch
 */
export function stampToIso(stamp: bigint): string
export function stampToIso(stamp: bigint | null): string | null
export function stampToIso(stamp: bigint | null): string | null {
  if (stamp === null) return null
  const micros = ((stamp % 1000n) + 1000n) % 1000n
  const iso = new Date(Number((stamp - micros) / 1000n)).toISOString()
  return `${iso.slice(0, -1)}${pad(Number(micros), 3)}Z`
}

/**
 * Each unit is believed from 1973 to 2100 only. The gaps between the three ranges hold what merely looks like an
 * epoch, such as `20260502113000`.
 */
function fromEpoch(value: number): bigint | null {
  for (const perUnit of [1e6, 1e3, 1]) {
    const second = 1e6 / perUnit
    // Rounded, because 1777719600.123456 s is not exactly a double.
    if (value >= 1e8 * second && value < 4.1e9 * second) return inRange(BigInt(Math.round(value * perUnit)))
  }
  return null
}

function inRange(stamp: bigint): bigint | null {
  return stamp >= MIN && stamp < MAX ? stamp : null
}
