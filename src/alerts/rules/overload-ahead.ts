import { type AccountForecast, forecast } from '../../quota/forecast.ts'
import { readForecastAccount } from '../../scheduler/forecast-account.ts'
import { readAccount } from '../../store/accounts.ts'
import { workingAccounts } from '../../store/turns.ts'
import { type Alert, instantText, rule, type Sources } from '../rule.ts'

const HOURS = 48

/** The polls of the next 48 h do not fit an account's quota: intervals will be stretched (P3). */
export const overloadAhead = rule({
  name: 'overload-ahead',
  // A forecast counts the rows of every list that is not over.
  every: 15 * 60_000,
  read: readForecasts,
  judge: judgeForecasts,
})

async function readForecasts(sources: Sources): Promise<AccountForecast[]> {
  const forecasts: AccountForecast[] = []
  for (const { accountId } of await workingAccounts(sources.db)) {
    const state = await readAccount(sources.db, accountId)
    if (state === null) continue
    forecasts.push(forecast(await readForecastAccount(sources, state), sources.clock.now(), HOURS))
  }
  return forecasts
}

export function judgeForecasts(forecasts: readonly AccountForecast[]): Alert[] {
  return forecasts
    .filter(({ fits }) => !fits)
    .map(({ accountId, peak, capacity }) => ({
      key: `overload-ahead:${accountId}`,
      message: `account ${accountId} has more to poll than its quota allows: ${Math.ceil(peak.polls)} calls in the hour from ${instantText(peak.from)}, of ${capacity}`,
      hint: `startlist forecast --hours ${HOURS} shows when, what will be late, and what would mend it.`,
    }))
}
