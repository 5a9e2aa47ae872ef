import type { AccountView } from '../view/board.ts'
import { hoursBefore, type QuotaColumn, type QuotaView } from '../view/quota.ts'
import { accountOf } from './board.ts'
import { api, ask, instant } from './client.ts'
import type { components } from './schema.d.ts'

type Forecast = components['schemas']['Forecast']

/** What a picture has room for, hours. */
const PAST = 12
const AHEAD = 24

export async function readAccounts(signal: AbortSignal): Promise<AccountView[]> {
  return (await ask(api.GET('/accounts', { signal }))).items.map(accountOf)
}

/** What an account has spent by the hour, and what is foreseen. */
export async function readQuota(account: number, signal: AbortSignal): Promise<QuotaView> {
  const path = { account }
  const [quota, forecast] = await Promise.all([
    ask(api.GET('/accounts/{account}/quota', { params: { path }, signal })),
    ask(api.GET('/accounts/{account}/forecast', { params: { path, query: { hours: AHEAD } }, signal })),
  ])
  const { used, reserved, spare, limit } = quota
  const past = quota.hours.map(({ from, person, poll, upkeep, backfill }) => ({
    from: instant(from),
    calls: person + poll + upkeep + backfill,
  }))
  const begin = instant(forecast.hours[0]?.from ?? forecast.peak.from)
  return {
    ...{ used, reserved, spare, limit },
    zone: forecast.timezone,
    fits: forecast.fits,
    sentence: forecast.sentence,
    advice: adviceOf(forecast),
    blindness: quota.blindness.sentence,
    columns: [...hoursBefore(begin, PAST, past), ...forecast.hours.map((hour) => columnOf(hour, reserved))],
  }
}

function columnOf(hour: Forecast['hours'][number], reserved: number): QuotaColumn {
  return {
    from: instant(hour.from),
    to: instant(hour.to),
    used: hour.polls + hour.details + hour.upkeep + hour.sweeps + hour.rounds,
    reserved,
    isForecast: true,
  }
}

function adviceOf({ fits, advice, late }: Forecast): string | null {
  if (fits) return null
  const names = [...new Set(late.map(({ name }) => name))].slice(0, 3).join(', ')
  const who = names === '' ? '' : `Later than they ask for: ${names}. `
  const told = advice.map(({ kind, accounts, changes }) =>
    kind === 'accounts'
      ? `${accounts} client ids instead of one would do.`
      : `Longer intervals would make it fit: ${changes.map(({ name, cadence }) => `${name} ${cadence ?? ''}`).join(', ')}.`,
  )
  return `${who}${told.join(' Or: ')}`.trim() || null
}
