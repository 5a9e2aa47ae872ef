import { intervalAt } from '../../domain/schedule.ts'
import type { Exchange } from '../../providers/exchange.ts'
import { counted } from '../../providers/question.ts'
import { forecast } from '../../quota/forecast.ts'
import { effectiveLimit } from '../../quota/window.ts'
import { readForecastAccount } from '../../scheduler/forecast-account.ts'
import { readAccount } from '../../store/accounts.ts'
import { eventsOfAccount } from '../../store/events.ts'
import { eventSchedule, hasEnded } from '../../sync/event-schedule.ts'
import { type Check, fail, ok, open } from '../../sync/verify/check.ts'
import type { Cli } from '../cli.ts'
import type { Session } from '../session.ts'
import { duration, interval, startText } from '../times.ts'

/** What the coming week asks of an account, and what its quota is good for. No call. */

const WEEK_HOURS = 168
const HOUR = 3_600_000
const MOST_EVENTS = 3
/** People that the throughput is told for. */
const SAMPLE = 1_000

export async function lookAhead(
  { clock }: Cli,
  session: Session,
  accountId: number,
  exchanges: readonly Exchange[],
): Promise<Check[]> {
  const state = await readAccount(session.db, accountId)
  if (state === null) return []
  const now = clock.now()
  const account = await readForecastAccount(session, state)
  const ahead = (await eventsOfAccount(session.db, accountId))
    .map((event) => ({ event, schedule: eventSchedule(event) }))
    .filter(({ event, schedule }) => !event.missing && !hasEnded(schedule, now))
  const next = ahead.slice(0, MOST_EVENTS).map(({ event, schedule }) => {
    const every = intervalAt(schedule, now)
    const name = event.name ?? event.eventId
    return `${name}, ${startText(event, now)}, polled every ${every === null ? '-' : interval(every)}`
  })
  const more = ahead.length > MOST_EVENTS ? `; ${ahead.length - MOST_EVENTS} more` : ''
  const scheduled =
    ahead.length === 0 ? open('schedule', 'no event is ahead') : ok('schedule', `${next.join('; ')}${more}`)
  const { fits, peak, capacity, unknown } = forecast(account, now, WEEK_HOURS)
  const size = unknown.length === 0 ? '' : `; ${counted(unknown.length, 'event')} of unknown size not counted`
  const asked = `${Math.ceil(peak.polls)} calls in the busiest hour of the week, ${capacity} may be used${size}`
  const foreseen = fits
    ? ok('forecast', `polls fit: ${asked}`)
    : fail('forecast', `polls do not fit: ${asked}; startlist forecast says what would mend it`)
  return [scheduled, foreseen, throughput(account, exchanges)]
}

function throughput(
  { limits, observedLimit, pageSize, needsDetail }: Awaited<ReturnType<typeof readForecastAccount>>,
  exchanges: readonly Exchange[],
): Check {
  const limit = effectiveLimit(limits, observedLimit)
  const mean = exchanges.reduce((sum, { ms }) => sum + ms, 0) / Math.max(1, exchanges.length)
  const perCall = Math.max(limits.minSpacingMs, mean)
  const perHour = Math.max(1, Math.min(limit, perCall > 0 ? Math.floor(HOUR / perCall) : limit))
  const calls = Math.ceil(SAMPLE / pageSize) + 1 + (needsDetail ? SAMPLE : 0)
  const ms = calls <= perHour ? calls * perCall : (calls / perHour) * HOUR
  const told = `an answer takes ${Math.round(mean)} ms; ${SAMPLE} people are ${calls} calls, ${duration(ms)}`
  return ok('quota', `${perHour} calls an hour; ${told}`)
}
