import { cadenceText } from '../../domain/cadence.ts'
import type { LateEvent } from '../../quota/forecast.ts'
import type { Advice } from '../../quota/forecast-advice.ts'
import type { ForecastHour } from '../../quota/forecast-hours.ts'
import { forecastSentence } from '../../status/forecast-sentence.ts'
import type { Cli } from '../cli.ts'
import type { Foreseen } from '../forecast.ts'
import type { Cell, Column } from '../table.ts'
import { duration, instantText } from '../times.ts'

/** Rows of each table that a person is shown; `--json` has all. */
const MOST_ROWS = 12

/** Writes one account's forecast: hours that do not fit, what is late, detail rounds, advice, and the verdict. */
export function tellForecast(
  { out, clock }: Cli,
  { label, provider, account, forecast, advice }: Foreseen,
): void {
  const { timezone } = account
  const now = clock.now()
  const at = (instant: number) => instantText(instant, timezone, now)
  out.line(out.paint('bold', `${label} (${provider}), times in ${timezone}`))
  const tight = forecast.hours.filter((hour) => !hour.fits)
  if (tight.length > 0) {
    out.table(
      HOURS,
      most(tight).map((hour) => hourRow(hour, at)),
    )
    if (tight.length > MOST_ROWS) out.line(`... and ${tight.length - MOST_ROWS} more hours`)
    out.line()
  }
  const late = forecast.late.filter((event) => event.late)
  if (late.length > 0) {
    out.table(
      LATE,
      most(late).map((event) => lateRow(event, at)),
    )
    if (late.length > MOST_ROWS) out.line(`... and ${late.length - MOST_ROWS} more`)
    out.line()
  }
  const soon = forecast.rounds.filter(({ beforeStart }) => beforeStart)
  if (soon.length > 0) {
    out.table(
      ROUNDS,
      most(soon).map(({ name, details, hours, from }) => [
        name,
        String(details),
        hours === null ? { text: 'too few calls', style: 'red' } : duration(hours * 3_600_000),
        from === null ? '-' : at(from),
      ]),
    )
    out.line()
  }
  if (forecast.unknown.length > 0)
    out.line(`Not counted: the first reading of ${names(forecast.unknown)}, whose size nobody knows yet.`)
  for (const each of advice) tellAdvice(out.line, each)
  const sentence = forecastSentence(forecast, timezone, now)
  out.line(forecast.fits ? sentence : out.paint('yellow', sentence))
  out.line()
}

const most = <T>(rows: readonly T[]): readonly T[] => rows.slice(0, MOST_ROWS)

const HOURS: Column[] = [
  { head: 'Does not fit' },
  { head: 'Asked', align: 'right' },
  { head: 'Polled', align: 'right' },
  { head: 'Details', align: 'right', drop: 2 },
  { head: 'Upkeep', align: 'right', drop: 1 },
  { head: 'Waiting', align: 'right', drop: 3 },
  { head: 'Intervals', align: 'right' },
]

function hourRow(
  { from, asked, polls, details, upkeep, waiting, stretch }: ForecastHour,
  at: (ms: number) => string,
): Cell[] {
  const count = (calls: number) => String(Math.round(calls))
  const cells = [count(asked), count(polls), count(details), count(upkeep), count(waiting)]
  return [at(from), ...cells, `x ${stretch.toFixed(2)}`]
}

const LATE: Column[] = [
  { head: 'Polled later', shrink: true },
  { head: 'From' },
  { head: 'To', drop: 1 },
  { head: 'Every', align: 'right' },
  { head: 'Instead of', align: 'right' },
  { head: 'Late by', align: 'right' },
]

function lateRow(
  { name, from, to, every, polledEvery, meanMs }: LateEvent,
  at: (ms: number) => string,
): Cell[] {
  return [name, at(from), at(to), duration(polledEvery), duration(every), duration(meanMs)]
}

const ROUNDS: Column[] = [
  { head: 'Bibs of', shrink: true },
  { head: 'Details', align: 'right' },
  { head: 'All again takes', align: 'right' },
  { head: 'Begin at the latest' },
]

const names = (events: readonly { name: string }[]) =>
  events.length <= 3 ? events.map(({ name }) => name).join(', ') : `${events.length} events`

function tellAdvice(line: (text?: string) => void, advice: Advice): void {
  if (advice.kind === 'accounts') {
    line(`Or ${advice.accounts} client ids at the provider instead of one would do, with these events moved:`)
    for (const group of advice.moved) line(`  ${names(group)}`)
    return
  }
  line('Longer intervals for these would make it fit:')
  for (const { eventId, cadence } of advice.changes.slice(0, MOST_ROWS))
    line(`  startlist events set --event ${eventId} --cadence "${cadenceText(cadence)}"`)
  if (advice.changes.length > MOST_ROWS)
    line(`  ... and ${advice.changes.length - MOST_ROWS} more: --json has them all`)
}
