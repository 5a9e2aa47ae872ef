import type { Group, RaceDetail } from '../view/race.ts'
import { api, ask, instant } from './client.ts'
import { freshnessOf } from './freshness.ts'
import type { components } from './schema.d.ts'

/** One race, as one timing partner has it. */
export async function readRace(event: string, signal: AbortSignal): Promise<RaceDetail> {
  const race = await ask(api.GET('/events/{event}', { params: { path: { event } }, signal }))
  const { partner, name, accountId, counts, timezone, startDay, bibAuthority } = race
  return {
    ...{ partner, name, accountId, bibAuthority },
    id: race.key,
    zone: timezone,
    start: { startsAt: instant(race.startsAt), startDay, timezone },
    freshness: freshnessOf(race.freshness),
    slots: race.strip,
    active: counts.active,
    participants: counts.participants,
    removed: counts.removed,
    withoutBib: counts.withoutBib,
    changed: counts.changedThisHour,
    completeAt: instant(race.completeAt),
    isMissing: race.missing,
    why: race.next?.reason ?? 'no working credential feeds this race',
    categories: race.categories.map(groupOf),
    waves: race.waves.map(groupOf),
    // A hold has a place of its own on the page.
    troubles: race.troubles
      .filter(({ problem }) => problem !== 'hold')
      .map(({ subject, message, hint, needsPerson }) => ({
        subject,
        message,
        hint,
        needsPerson,
        href: null,
      })),
    holds: race.troubles.filter(({ problem }) => problem === 'hold').length,
  }
}

const groupOf = ({ name, active, withdrawn }: components['schemas']['EventGroup']): Group => ({
  name: name ?? '',
  active,
  withdrawn,
})
