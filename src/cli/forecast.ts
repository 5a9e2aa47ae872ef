import { writeFile } from 'node:fs/promises'
import { cadenceText } from '../domain/cadence.ts'
import { StartlistError } from '../domain/errors.ts'
import { type AccountForecast, type ForecastAccount, forecast as foresee } from '../quota/forecast.ts'
import { type Advice, adviseOn } from '../quota/forecast-advice.ts'
import { readForecastAccount } from '../scheduler/forecast-account.ts'
import { readAccount } from '../store/accounts.ts'
import { credentialOverview } from '../store/overview/credentials.ts'
import { accountsOf } from './accounts.ts'
import type { Cli, Command } from './cli.ts'
import { forecastHtml, forecastSvg } from './forecast/picture.ts'
import { tellForecast } from './forecast/view.ts'
import { type Session, withSession } from './session.ts'

export interface ForecastOptions {
  hours: string
  svg?: string
  html?: string
}

/** One account as it is foreseen. */
export interface Foreseen {
  label: string
  provider: string
  account: ForecastAccount
  forecast: AccountForecast
  advice: Advice[]
}

const MOST_HOURS = 8 * 7 * 24

/** `forecast`: what the coming hours ask of every account's quota, what will be late, and what would mend it. */
export const forecast: Command<ForecastOptions> = (cli, options) => {
  const hours = hoursOf(options.hours)
  return withSession(cli, {}, async (session) => {
    const all = await readAll(cli, session, hours)
    if (all.length === 0) cli.out.line('There is no account yet: run startlist setup.')
    for (const one of all) {
      record(cli, one)
      tellForecast(cli, one)
    }
    if (options.svg !== undefined) await save(options.svg, all.map(forecastSvg).join('\n'))
    if (options.html !== undefined) await save(options.html, forecastHtml(all))
    return 0
  })
}

async function readAll({ clock }: Cli, session: Session, hours: number): Promise<Foreseen[]> {
  const all: Foreseen[] = []
  for (const { accountId, label, provider } of accountsOf(await credentialOverview(session.db))) {
    const state = await readAccount(session.db, accountId)
    if (state === null) continue
    const account = await readForecastAccount(session, state)
    const from = clock.now()
    const advice = adviseOn(account, from, hours)
    all.push({ label, provider, account, forecast: foresee(account, from, hours), advice })
  }
  return all
}

function hoursOf(text: string): number {
  const hours = Number(text)
  if (!/^\d{1,4}$/.test(text) || hours < 1 || hours > MOST_HOURS)
    throw new StartlistError('BAD_INPUT', `--hours is a whole number from 1 to ${MOST_HOURS}, not "${text}"`)
  return hours
}

async function save(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new StartlistError('BAD_INPUT', `${path} cannot be written (${why})`, { cause: error })
  }
}

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
const round = (value: number) => Math.round(value * 10) / 10

function record({ out }: Cli, { provider, forecast: seen, advice }: Foreseen): void {
  const { accountId, limit, capacity, fits, peak } = seen
  for (const { from, to, limit: _, fits: hourFits, stretch, ...calls } of seen.hours) {
    const rounded = Object.fromEntries(Object.entries(calls).map(([name, count]) => [name, round(count)]))
    out.record({
      kind: 'hour',
      accountId,
      from: iso(from),
      to: iso(to),
      ...rounded,
      fits: hourFits,
      stretch: round(stretch),
    })
  }
  for (const { from, to, ...late } of seen.late)
    out.record({ kind: 'late', accountId, from: iso(from), to: iso(to), ...late })
  for (const { from, hours, ...detailRound } of seen.rounds)
    out.record({
      kind: 'round',
      accountId,
      from: iso(from),
      hours: hours === null ? null : round(hours),
      ...detailRound,
    })
  for (const { eventId, name } of seen.unknown) out.record({ kind: 'unknown', accountId, eventId, name })
  for (const each of advice) out.record(adviceRecord(accountId, each))
  const worst = { from: iso(peak.from), to: iso(peak.to), polls: round(peak.polls) }
  out.record({ kind: 'summary', provider, accountId, limit, capacity, fits, peak: worst })
}

function adviceRecord(accountId: number, advice: Advice): object {
  if (advice.kind === 'accounts') return { ...advice, kind: 'advice', advice: 'accounts', accountId }
  const changes = advice.changes.map(({ cadence, ...event }) => ({ ...event, cadence: cadenceText(cadence) }))
  return { kind: 'advice', advice: 'cadence', accountId, changes }
}
