import { StartlistError } from '../../domain/errors.ts'
import { type AccountEvent, eventsOfAccount } from '../../store/events.ts'
import { countLive } from '../../store/participants/count.ts'
import type { CallBudget } from '../call-budget.ts'
import { changedFields, settingsOf, storedRow } from '../compare-row.ts'
import { type AccountContext, eventContext } from '../context.ts'
import { storeDetail } from '../details.ts'
import { type ListOutcome, syncList } from '../event-sync.ts'
import { closeRuns } from '../history.ts'
import { type Check, fail, ok, open } from './check.ts'
import type { Candidate } from './choose-event.ts'
import { remembering, type Seen } from './seen.ts'

/** Registrations whose details are read, and compared, at most. */
const MOST_DETAILS = 15
/** The end proof, and the comparison of both lists. */
const BESIDE_PAGES = 2
/** Left for the poll, for a retry, and for asking in other ways. */
const KEPT = 6
const LEAST_PAGE = 25

/**
 * Stores an event, compares its rows with what the provider said, and polls it once more. Of one that does not fit the
 * calls, the first page and {@link MOST_DETAILS} details.
 */
export async function readAndCompare(
  account: AccountContext,
  { event, size, isExact }: Candidate,
  partnerId: number,
  budget: CallBudget,
): Promise<Check[]> {
  const { connection, seen } = remembering(account.connection, event.eventId)
  const watched = Object.assign(Object.create(account) as AccountContext, { connection })
  const pages = pagesOf(account, size, isExact)
  const details = Math.min(size, MOST_DETAILS)
  const isWhole = pages + BESIDE_PAGES + Math.min(details, 1) + KEPT <= budget.left
  const list = await syncList(watched, event, {
    kind: 'sweep',
    class: 'person',
    pollAfterResume: false,
    between: async () => (isWhole ? 'go' : 'stop'),
  })
  const stored = list.error === null ? storedCheck(event, list, seen) : broken('store', list.error)
  if (stored.state !== 'ok') return [stored]
  const most = Math.max(1, Math.min(details, budget.left - KEPT))
  const read = await readDetails(watched, event, most, seen)
  if (read !== null) return [stored, read]
  const compared = await compare(account, event.eventId, seen, partnerId, list)
  return [stored, compared, await pollAgain(account, event.eventId, list)]
}

/** An error, by its words for a person; calls that ran out are no failure. */
export function broken(check: string, error: unknown): Check {
  const isSpent = error instanceof StartlistError && error.code === 'CALLS_SPENT'
  const message = error instanceof Error ? error.message : String(error)
  return { ...(isSpent ? open : fail)(check, message), error }
}

/** List calls of a whole reading; a size that is only the least there is may be any. */
function pagesOf({ connection, provider }: AccountContext, size: number, isExact: boolean): number {
  if (!isExact) return Number.POSITIVE_INFINITY
  const page = provider.capabilities.totals ? LEAST_PAGE : connection.askPageSize
  return Math.ceil(size / page)
}

function storedCheck(event: AccountEvent, { lines, held, paused }: ListOutcome, seen: Seen): Check {
  const people = `${seen.list.size} registrations of event ${event.eventId}`
  if (held) return open('store', `event ${event.eventId}: its list is held: startlist holds says why`)
  const aside = seen.keyless === 0 ? '' : `; ${seen.keyless} without a number are kept aside`
  if (paused)
    return ok(
      'store',
      `${seen.list.size} registrations of event ${event.eventId}: the rest does not fit in so few calls${aside}`,
    )
  const isComplete = lines.every(({ complete }) => complete)
  return isComplete
    ? ok('store', `${people}, the whole list${aside}`)
    : fail('store', `${people}, not all of them`)
}

/**
 * Reads the details of the first registrations of the list, and stores them: also of an event whose list is not read whole,
 * which owes nothing yet. Where lists are whole, one single read shows that somebody absent could be asked for (A1).
 */
async function readDetails(
  account: AccountContext,
  event: AccountEvent,
  most: number,
  seen: Seen,
): Promise<Check | null> {
  const run = eventContext(account, event, 'details')
  const { needsDetail } = account.connection
  try {
    for (const key of [...seen.list.keys()].slice(0, needsDetail ? most : 1)) {
      account.signal.throwIfAborted()
      const answer = await account.connection.readDetail(event.eventId, key, 'detail', run.events)
      if (answer.found && needsDetail) await storeDetail(account, run, key, answer.record)
    }
    if (run.holders.some(({ runId }) => runId !== null))
      await account.db
        .transaction()
        .execute((trx) => closeRuns(trx, account, run, { quietPoll: false, complete: true }))
    return null
  } catch (error) {
    return broken('compare', error)
  }
}

/** Row by row: what the provider said against what is stored, by the names of columns. */
async function compare(
  account: AccountContext,
  eventId: string,
  seen: Seen,
  partnerId: number,
  { paused }: ListOutcome,
): Promise<Check> {
  // Read anew: its holder was not current before.
  const [event] = await eventsOfAccount(account.db, account.account.accountId, { eventIds: [eventId] })
  const run = event && eventContext(account, event, 'details')
  const holder = run?.holders.find((one) => one.holder.partnerId === partnerId)
  if (run === undefined || holder === undefined)
    return fail('compare', `event ${eventId} is not this partner's`)
  const { needsDetail } = account.connection
  const settings = settingsOf(run, holder)
  const wrong = new Map<string, number>()
  let absent = 0
  let same = 0
  for (const key of new Set([...seen.list.keys(), ...seen.detail.keys()])) {
    const row = await storedRow(account, run, partnerId, key)
    if (row === null) {
      absent++
      continue
    }
    const detail = (needsDetail ? seen.detail.get(key) : null) ?? row.raw_data?.detail ?? null
    const raw = { list: seen.list.get(key) ?? row.raw_data?.list ?? null, detail }
    const fields = changedFields(row, raw, settings)
    if (fields.length === 0) same++
    for (const field of fields) wrong.set(field, (wrong.get(field) ?? 0) + 1)
  }
  if (absent + wrong.size > 0) {
    const columns = [...wrong].map(([name, count]) => `${name} (${count})`).join(', ')
    const differ = columns === '' ? '' : `; columns that differ: ${columns}`
    return fail('compare', `${absent} of ${absent + same} are not stored${differ}`)
  }
  const live = await countLive(account.db, run.shape, {
    eventId,
    partnerIds: [partnerId],
    events: run.events,
  })
  const scope = needsDetail ? `, ${seen.detail.size} of them with their details` : ''
  const first = paused ? 'Only a part, as the event is too large: ' : ''
  const surplus = live - seen.list.size
  const more = surplus <= 0 || paused ? '' : `; ${surplus} more are stored, whom the list no longer has`
  return ok('compare', `${first}${same} rows equal what the provider said, column by column${scope}${more}`)
}

/** No news costs one call. */
async function pollAgain(account: AccountContext, eventId: string, list: ListOutcome): Promise<Check> {
  if (list.paused)
    return open('poll', 'the event is not read whole yet: startlist backfill does, then verify again')
  const [event] = await eventsOfAccount(account.db, account.account.accountId, { eventIds: [eventId] })
  if (event === undefined) return fail('poll', `event ${eventId} is gone`)
  const before = account.calls()
  const polled = await syncList(account, event, { kind: 'poll', class: 'person', pollAfterResume: false })
  const calls = account.calls() - before
  if (polled.error !== null) return broken('poll', polled.error)
  const news = polled.lines.some(({ inserted, updated, removed }) => inserted + updated + removed > 0)
  if (news) return ok('poll', `${calls} calls, as somebody changed meanwhile`)
  if (polled.lines.some(({ kind }) => kind === 'sweep'))
    return fail(
      'poll',
      `${calls} calls: the list does not come in the order of changes, so each poll reads it whole`,
    )
  return calls === 1
    ? ok('poll', 'one more poll of it was one call')
    : fail('poll', `one more poll of it was ${calls} calls`)
}
