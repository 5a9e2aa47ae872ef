import type { AccountView, BoardView, RaceView, Trouble } from '../view/board.ts'
import { raceHref } from '../view/route.ts'
import { api, ask, instant } from './client.ts'
import { freshnessOf } from './freshness.ts'
import type { components } from './schema.d.ts'

type Schemas = components['schemas']

/** All races, problems first. */
export async function readBoard(signal: AbortSignal): Promise<BoardView> {
  const board = await ask(api.GET('/board', { signal }))
  const { lastAt, nextAt, running, ...counted } = board.standing
  return {
    standing: { ...counted, lastAt: instant(lastAt), nextAt: instant(nextAt), isKept: running },
    troubles: board.troubles.map((trouble) => troubleOf(trouble, board.races)),
    races: board.races.map(raceOf),
    accounts: board.accounts.map(accountOf),
    over: board.over,
  }
}

function raceOf(race: Schemas['BoardRace']): RaceView {
  const { startsAt, startDay, timezone } = race
  return {
    id: `${race.accountId} ${race.listId}`,
    name: race.name,
    events: race.events,
    start: { startsAt: instant(startsAt), startDay, timezone },
    freshness: freshnessOf(race.freshness),
    slots: race.strip,
    active: race.active,
    participants: race.participants,
    changed: race.changedThisHour,
    completeAt: instant(race.completeAt),
    isMissing: race.missing,
  }
}

/** @param races where it may be about one */
function troubleOf(
  { problem, subject, message, hint, needsPerson, listIds }: Schemas['Trouble'],
  races: readonly Pick<Schemas['BoardRace'], 'listId' | 'events'>[],
): Trouble {
  const event = races.find(({ listId }) => listIds.includes(listId))?.events[0]
  const elsewhere = problem === 'credential' ? '#/partners' : problem === 'overload' ? '#/quota' : null
  const href = event === undefined ? elsewhere : raceHref(event.key)
  return { subject, message, hint, needsPerson, href }
}

export function accountOf(account: Schemas['AccountLine']): AccountView {
  const { id, organizations, provider, used, limit, pausedUntil } = account
  return { id, label: organizations, provider, used, limit, pausedUntil: instant(pausedUntil) }
}
