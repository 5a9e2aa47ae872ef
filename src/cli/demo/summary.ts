import type { Comparison } from './compare.ts'
import { CALL_MS, type Installation } from './install.ts'
import type { Morning } from './morning.ts'
import type { NaiveCount } from './naive.ts'
import type { Screen } from './screen.ts'

/** Calls that startlist made, as the provider's log has them. */
export interface Spent {
  /** Discovery, names and details of all events. */
  fill: number
  morning: number
  sweep: number
}

/** Both ways' calls, side by side. */
export interface Bill {
  startlist: { fill: number; morning: number; sweep: number; total: number }
  naive: { fill: number; morning: number; sweep: number; total: number }
}

const SHOWN_DIFFERENCES = 5
const WIDTH = 22

/**
 * The two bills. The naive way's is what it was counted to need for one sync of each event, times the syncs: one to
 * fill, one for each poll of the morning, one at the gun. It has no cheaper way to look.
 */
export function billOf(spent: Spent, naive: NaiveCount, morning: Morning): Bill {
  const once = naive.perSync.values().reduce((sum, calls) => sum + calls, 0)
  const polled = naive.perSync
    .entries()
    .reduce((sum, [id, calls]) => sum + calls * (morning.polls.get(id) ?? 0), 0)
  return {
    startlist: { ...spent, total: spent.fill + spent.morning + spent.sweep },
    naive: {
      fill: naive.discovery + once,
      morning: polled,
      sweep: once,
      total: naive.discovery + 2 * once + polled,
    },
  }
}

export function printBill(
  screen: Screen,
  bill: Bill,
  installation: Installation,
  naive: NaiveCount,
  morning: Morning,
): void {
  const row = (label: string, ours: number, theirs: number, how: string) =>
    screen.line(
      `  ${label.padEnd(WIDTH)}${count(ours).padStart(9)}${count(theirs).padStart(12)}   ${how}`.trimEnd(),
    )
  const { startlist, naive: other } = bill
  screen.heading('Calls to the provider')
  screen.line(screen.paint('dim', `  ${''.padEnd(WIDTH)}startlist   naive way   the naive way's number is`))
  row('evening: fill', startlist.fill, other.fill, 'counted')
  row('morning: polls', startlist.morning, other.morning, 'counted once, times the polls')
  row('gun: last sweep', startlist.sweep, other.sweep, 'the same count again')
  row('together', startlist.total, other.total, '')
  const { race } = installation.scene
  const polls = morning.polls.get(race.id) ?? 0
  const once = naive.perSync.get(race.id) ?? 0
  const { quotaPerHour } = installation.services.config.haku
  screen.line()
  for (const text of [
    'The naive way, as the legacy scripts did it: for each sync and each partner a',
    'new token, all pages of the list, and one detail call per registration. It was',
    `run once against this same provider, the evening before: ${count(once)} calls for one`,
    `sync of the race. ${polls} of them, at ${quotaPerHour} calls an hour, would take ${count(Math.round((polls * once) / quotaPerHour))} hours.`,
  ]) {
    screen.line(`  ${text}`)
  }
}

export function printStaleness(screen: Screen, { lines }: Morning): void {
  const timed = lines.filter((line) => line.staleness !== null)
  const single = timed.filter((line) => line.registrations === 1).map((line) => line.staleness ?? 0)
  const sorted = single.toSorted((a, b) => a - b)
  const median = Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)
  screen.line()
  screen.line(
    `  ${sorted.length} changes: half in our rows within ${median} s, the slowest after ${Math.round(sorted.at(-1) ?? 0)} s.`,
  )
  for (const { registrations, staleness } of timed.filter((line) => line.registrations > 1)) {
    screen.line(
      `  ${registrations} bibs at once: a call each, ${CALL_MS / 1_000} s apart, so the last after ${Math.round(staleness ?? 0)} s.`,
    )
  }
}

/** @returns whether rows and truth are equal */
export function printComparison(screen: Screen, { registrations, fields, differences }: Comparison): boolean {
  const equal = differences.length === 0
  const verdict = equal
    ? screen.paint(['bold', 'green'], 'yes')
    : screen.paint(['bold', 'red'], `no, ${count(differences.length)} differences`)
  screen.line()
  screen.line(
    `rows equal the provider's truth: ${verdict} (${count(registrations)} registrations, ${count(fields)} fields)`,
  )
  for (const { partnerId, event, registration, field, stored, provider } of differences.slice(
    0,
    SHOWN_DIFFERENCES,
  )) {
    screen.line(`  partner ${partnerId}, ${event} ${registration}, ${field}:`)
    screen.line(`    stored ${JSON.stringify(stored)}, provider ${JSON.stringify(provider)}`)
  }
  return equal
}

export function count(n: number): string {
  return n.toLocaleString('en-US')
}
