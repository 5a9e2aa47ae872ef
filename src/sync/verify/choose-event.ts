import { StartlistError } from '../../domain/errors.ts'
import type { LongList } from '../../providers/provider.ts'
import { type AccountEvent, eventsOfAccount } from '../../store/events.ts'
import { countLive } from '../../store/participants/count.ts'
import { readState } from '../../store/sync-state.ts'
import type { CallBudget } from '../call-budget.ts'
import type { AccountContext } from '../context.ts'
import { eventSchedule, hasEnded } from '../event-schedule.ts'

/** An event with people, and how many there are as far as is known. */
export interface Candidate {
  event: AccountEvent
  size: number
  /** the size is certain: a total, a finished pass, or a page that was not full */
  isExact: boolean
}

/** The smallest event with people among those that were looked at. */
export interface Choice {
  chosen: Candidate | null
  /** lists whose first page was asked for */
  looked: number
  /** events that were not looked at */
  left: number
  /** the longest list that seems to have more than a page */
  longList: LongList | null
}

/** An event of so many people is small enough; the looking ends when a long list is known as well. */
const SMALL = 15
/** Rows asked for where a page would be a whole event. */
const FIRST_LOOK = 50
/** Events whose stored rows are counted. */
const MOST_COUNTED = 200

/**
 * Finds the smallest event with people without downloading events: sizes come from what is stored, from totals and from
 * first pages, a call each.
 * @param partnerId only events that this timing partner receives
 * @param mostLooks first pages that may be asked for
 */
export async function chooseEvent(
  account: AccountContext,
  partnerId: number,
  budget: CallBudget,
  mostLooks: number,
): Promise<Choice> {
  const events = await eventsInOrder(account, partnerId)
  const found: Candidate[] = []
  const unknown: AccountEvent[] = []
  for (const event of events) {
    const stored = found.length < MOST_COUNTED ? await storedSize(account, event, partnerId) : null
    if (stored === null) unknown.push(event)
    else found.push({ event, size: stored, isExact: true })
  }
  let looked = 0
  let longList: LongList | null = null
  for (const event of unknown) {
    const isSmall = found.some(({ size, isExact }) => isExact && size > 0 && size <= SMALL)
    if (isSmall && longList !== null) break
    if (looked >= mostLooks || budget.left <= 0) break
    looked++
    const size = await firstLook(account, event)
    if (size === null) continue
    const { rows, perPage } = size
    const isLonger = size.size > rows || !size.isExact
    if (isLonger && rows > (longList?.rows ?? 0)) longList = { listId: event.eventId, rows, perPage }
    found.push({ event, size: size.size, isExact: size.isExact })
  }
  const people = found.filter(({ size }) => size > 0).sort(bySize)
  const perPage = account.connection.askPageSize
  const large = people.findLast(({ size }) => size > perPage)
  if (large !== undefined) longList ??= { listId: large.event.eventId, rows: perPage, perPage }
  return { chosen: people[0] ?? null, looked, left: unknown.length - looked, longList }
}

/** Of two that look alike the one whose size is certain. */
const bySize = (a: Candidate, b: Candidate): number =>
  a.size - b.size || Number(b.isExact) - Number(a.isExact)

/** Soonest first, then what is over, the latest first: people are most likely where the race is near. */
async function eventsInOrder(
  { db, clock, account }: AccountContext,
  partnerId: number,
): Promise<AccountEvent[]> {
  const all = await eventsOfAccount(db, account.accountId)
  const mine = all.filter(
    ({ missing, holders }) => !missing && holders.some((holder) => holder.partnerId === partnerId),
  )
  const isPast = (event: AccountEvent) => hasEnded(eventSchedule(event), clock.now())
  return [...mine.filter((event) => !isPast(event)), ...mine.filter(isPast).reverse()]
}

/** Rows of an event that a finished sweep has stored; null where there was none. */
async function storedSize(
  { db, account, shape }: AccountContext,
  { eventId, events }: AccountEvent,
  partnerId: number,
): Promise<number | null> {
  const state = await readState(db, account.accountId, eventId)
  if (state.completeAt === null) return null
  return countLive(db, shape, { eventId, partnerIds: [partnerId], events: events.map((one) => one.eventId) })
}

/** The size that page 1 shows: its total, else its length, which is the whole only where the page is not full. */
async function firstLook(
  { connection, provider }: AccountContext,
  event: AccountEvent,
): Promise<{ size: number; isExact: boolean; rows: number; perPage: number } | null> {
  const perPage = Math.min(connection.askPageSize, provider.capabilities.totals ? 100 : FIRST_LOOK)
  const events = event.events.filter(({ missing }) => !missing).map(({ eventId }) => eventId)
  try {
    const { length, total } = await connection.listParticipants(event.eventId, { page: 1, perPage, events })
    // A server that clamps pages at 25 or 50 shows no shorter page than that.
    const isFull =
      length >= perPage || (length > 0 && provider.capabilities.smallerPageSizes.includes(length))
    const isTold = total !== null && total >= length
    const size = isTold ? total : length
    return { size, isExact: isTold || !isFull, rows: length, perPage }
  } catch (error) {
    // One list that cannot be read hides none of the others; what concerns the account goes on.
    const alone =
      error instanceof StartlistError && ['NOT_FOUND', 'FORBIDDEN', 'BAD_SHAPE'].includes(error.code)
    if (alone) return null
    throw error
  }
}
