import { StartlistError } from '../domain/errors.ts'
import type { ListPage, ListRequest } from '../providers/provider.ts'
import { decisionOnList, openHold } from '../store/holds.ts'
import { countLive } from '../store/participants/count.ts'
import type { AccountContext, EventContext } from './context.ts'
import { distinctRows, probePage } from './write-page.ts'

/**
 * A page that shares no key with a well-known event: another event's list, or a club that registered thirty runners
 * at once? It is asked again; if it still looks foreign, one of its rows is read singly *under this event*, which
 * only its own rows survive. So a bulk registration costs two calls and is stored, and a foreign list is held (A3).
 * What a person decided of this list holds without a further call.
 * @returns the page to store
 * @throws StartlistError `FOREIGN_LIST` after opening a hold; nothing of the page is stored
 */
export async function verifyForeign(
  account: AccountContext,
  event: EventContext,
  request: ListRequest,
  doubted: ListPage,
): Promise<ListPage> {
  const doubtedKeys = doubted.rows.map((row) => row.key)
  const decision = await decisionOnList(account.db, event.at, doubtedKeys)
  if (decision === 'applied') return doubted
  if (decision === 'discarded') throw foreignList(event)
  const page = await account.connection.listParticipants(event.eventId, request)
  const rows = distinctRows(page)
  const { outcome } = await account.db
    .transaction()
    .execute((trx) => probePage(trx, event, { proven: Number.MAX_SAFE_INTEGER }, rows))
  const [first] = rows
  if (first === undefined || !outcome.allUnknown) return page
  const answer = await account.connection.readDetail(event.eventId, first.key, 'removal-check', event.events)
  if (answer.found) return page
  const partnerIds = event.holders.map((h) => h.holder.partnerId)
  await openHold(account.db, {
    ...event.at,
    kind: 'foreign_list',
    reason:
      'the list belongs to another event: it shares no registration with this one, and this event does not know its first',
    absent: 0,
    known: await countLive(account.db, event.shape, {
      eventId: event.eventId,
      partnerIds,
      events: event.events,
    }),
    keys: doubtedKeys,
    samples: [{ key: first.key, found: false }],
    runId: null,
  })
  throw foreignList(event)
}

const foreignList = ({ eventId }: EventContext) =>
  new StartlistError('FOREIGN_LIST', `event ${eventId}: the provider answered with another event's list`)
