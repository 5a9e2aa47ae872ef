import { z } from '@hono/zod-openapi'
import { readMeans, stretchesOf } from '../../status/accounts.ts'
import type { Race } from '../../status/model.ts'
import { raceKey, racesOf } from '../../status/races.ts'
import { readWhy } from '../../status/why.ts'
import { readAccount } from '../../store/accounts.ts'
import { credentialOverview } from '../../store/overview/credentials.ts'
import { countRegistrations } from '../../store/overview/event-counts.ts'
import type { EventLine } from '../../store/overview/event-lines.ts'
import { countEvents, listEvents } from '../../store/overview/events.ts'
import { readPasses } from '../../store/overview/passes.ts'
import { Instant, iso } from './area.ts'
import { Freshness, freshnessOf, Strip, TroubleSchema, troubleOf } from './board.ts'
import type { Call } from './context.ts'
import { type EventKey, eventKeyText, requireEventLine } from './event-key.ts'
import { EventSchema, eventOf } from './event-view.ts'
import { Shared } from './shared.ts'
import { raceStrip, standingOf } from './standing.ts'

const Groups = z.array(
  z
    .object({
      name: z.string().nullable().openapi({ description: 'Null: of none' }),
      active: z.int(),
      withdrawn: z.int().openapi({ description: 'Cancelled, transferred or deferred' }),
    })
    .openapi('EventGroup'),
)

export const EventDetail = EventSchema.extend({
  counts: z.object({
    participants: z.int(),
    active: z.int(),
    removed: z.int(),
    withoutBib: z.int().openapi({ description: 'Of the active ones' }),
    changedThisHour: z.int().openapi({ description: 'Of the whole list' }),
  }),
  categories: Groups,
  waves: Groups,
  freshness: Freshness.openapi({ description: 'Of the list that it is read in' }),
  strip: Strip.nullable().openapi({ description: 'Null when it is over: the board has it no more' }),
  next: z
    .object({
      pollAt: Instant.nullable(),
      sweepAt: Instant.nullable(),
      reason: z.string().openapi({ description: 'Why then, or why not at all' }),
      blockedUntil: Instant.nullable(),
      blockedBy: z.string().nullable(),
      used: z.int(),
      limit: z.int(),
    })
    .nullable()
    .openapi({ description: 'Null when no credential feeds it' }),
  troubles: z.array(TroubleSchema),
}).openapi('EventDetail')

/** @throws StartlistError NO_SUCH_EVENT */
export async function readEventDetail(call: Call, key: EventKey): Promise<z.infer<typeof EventDetail>> {
  const { event, counted } = await call.read(async (trx) => {
    const event = await requireEventLine(trx, key)
    return { event, counted: await countRegistrations(trx, event) }
  })
  const { race, next } = await outlooks.get(call, eventKeyText(key), () => readOutlook(call, event))
  const { participants, active, removed, withoutBib, categories, waves } = counted
  const standing = await standingOf(call)
  const onBoard = standing.status.races.find((one) => raceKey(one.event) === raceKey(race.event))
  return {
    ...eventOf(event),
    counts: { participants, active, removed, withoutBib, changedThisHour: race.counts.changed },
    ...{ categories, waves },
    freshness: freshnessOf(race),
    strip: onBoard === undefined ? null : raceStrip(onBoard, standing),
    next,
    troubles: standing.status.troubles.map(troubleOf).filter(({ listIds }) => listIds.includes(event.listId)),
  }
}

/** How fresh an event is, and when it is asked for next. */
interface Outlook {
  race: Race
  next: z.infer<typeof EventDetail>['next']
}

const outlooks = new Shared<Outlook>()

async function readOutlook(call: Call, event: EventLine): Promise<Outlook> {
  const { race, account } = await call.read(async (trx) => {
    const [overview] = (await listEvents(trx, { partnerId: event.partnerId, eventId: event.listId })).filter(
      ({ provider, eventId }) => provider === event.provider && eventId === event.listId,
    )
    const [listed] = await countEvents(trx, [overview!])
    const fed = event.accountId === null ? [] : [{ accountId: event.accountId, eventId: event.listId }]
    const passes = new Map((await readPasses(trx, fed)).map((pass) => [raceKey(pass), pass]))
    const feeding = (await credentialOverview(trx, call.only)).filter((c) => c.accountId === event.accountId)
    const stretches = stretchesOf(await readMeans({ ...call.services, db: trx }, feeding))
    const now = call.services.clock.now()
    const [race] = racesOf([{ event: overview!, counts: listed! }], { passes, stretches, now })
    // Its account is hidden from a timing partner whose own secret is not proven (S1).
    const account = event.accountId === null ? null : await readAccount(trx, event.accountId)
    return { race: race!, account }
  })
  return { race, next: account === null ? null : await nextOf(call, event, account.accountId) }
}

async function nextOf(call: Call, event: EventLine, accountId: number): Promise<Outlook['next']> {
  const why = await readWhy({ ...call.services, db: call.owner }, { ...event, accountId })
  return {
    pollAt: iso(why.nextPollAt),
    sweepAt: iso(why.sweepDueAt),
    reason: why.reason,
    blockedUntil: iso(why.pause?.until ?? null),
    blockedBy: why.pause?.reason ?? null,
    ...{ used: why.used, limit: why.limit },
  }
}
