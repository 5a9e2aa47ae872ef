import { type OverdueRace, overdueRaces } from '../../store/alerts/facts.ts'
import { type Alert, instantText, rule } from '../rule.ts'

/** A killed process is taken over within this (N3), and that is nothing to wake anybody for. */
const TAKE_OVER_MS = 30_000
const MOST_NAMES = 3

/** Races within 24 h of their start, or under way, whose list is older than their cadence asks: one alert an account. */
export const raceLate = rule({
  name: 'race-late',
  every: 60_000,
  read: ({ db }) => overdueRaces(db, TAKE_OVER_MS),
  judge: judgeOverdue,
})

/** @param races earliest due first */
export function judgeOverdue(races: readonly OverdueRace[]): Alert[] {
  return [...Map.groupBy(races, ({ accountId }) => accountId)].map(([accountId, late]) => {
    const names = late.slice(0, MOST_NAMES).map(({ name, dueAt }) => `${name} (due ${instantText(dueAt)})`)
    const more = late.length > MOST_NAMES ? ` and ${late.length - MOST_NAMES} more` : ''
    return {
      key: `race-late:${accountId}`,
      message: `account ${accountId} is late with ${names.join(', ')}${more}`,
      hint: `startlist why --event ${late[0]?.eventId} says what stands in the way.`,
    }
  })
}
