import { StartlistError } from '../domain/errors.ts'
import type { EventRecord } from '../domain/event.ts'
import type { EventsPage } from '../providers/provider.ts'
import type { Credential } from '../store/credentials.ts'
import type { Trx } from '../store/database.ts'
import { countKnownLists, markDiscovered, readDiscovery } from '../store/discovery.ts'
import type { EventRow } from '../store/event-tables/table.ts'
import { markMissing, upsertEvents, zoneOverrides } from '../store/events.ts'
import { checkFence } from '../store/lanes.ts'
import { dropReadableFields, keepRejects, type Reject } from '../store/rejects.ts'
import type { AccountContext } from './context.ts'
import { eventRow } from './event-row.ts'
import { nextPage, type Step, startWalk, step } from './walk.ts'

/** What a discovery found for one timing partner. */
export interface DiscoveryResult {
  partnerId: number
  events: number
  new: number
  changed: number
  missing: number
}

const DAY = 24 * 3_600_000

/**
 * Finds an account's new and changed events: newest dates first, to the first page that is all past and known; the
 * first walk, and one a day, is whole, and only a finished whole walk can miss an event (A4). One fetch serves every
 * timing partner of the account.
 * @param receivers credentials whose own secret has obtained a token (S1)
 * @param options.mostPages after so many pages it ends, and proves nothing of what it has not read
 */
export async function discover(
  account: AccountContext,
  receivers: readonly Credential[],
  { mostPages = Number.POSITIVE_INFINITY }: { mostPages?: number } = {},
): Promise<DiscoveryResult[]> {
  const { accountId } = account.account
  const last = await readDiscovery(account.db, accountId)
  const newcomer = receivers.some((receiver) => !last.partnerIds.includes(receiver.partnerId))
  const { eventsNewestFirst } = account.provider.capabilities
  const whole =
    newcomer || !eventsNewestFirst || last.wholeAt === null || account.clock.now() - last.wholeAt >= DAY
  const results = new Map(receivers.map((r) => [r.partnerId, emptyResult(r.partnerId)]))
  const listed = new Set<string>()
  let nameless = false
  const seen = new Set<string>()
  let walk = startWalk('sweep', account.connection.askEventsPageSize)
  let isWhole = whole
  for (let pages = 1; ; pages++) {
    account.signal.throwIfAborted()
    const request = nextPage(walk)
    let page = await account.connection.listEvents(request)
    // An account that has events and suddenly lists none is more likely to stumble than to have lost them all.
    if (page.length === 0 && walk.page === 0 && last.events > 0)
      page = await account.connection.listEvents(request)
    if (walk.page === 0 && last.events > 0) await confirmOwn(account, page)
    const settled = await account.db
      .transaction()
      .execute((trx) => storePage(trx, account, receivers, page, results))
    // An event that could not be read is listed all the same: nobody knows which one it is, so none is missing.
    nameless ||= page.keyless.length > 0
    const before = seen.size
    for (const key of page.keys) seen.add(key)
    for (const event of page.events) listed.add(event.eventId)
    const next = step(walk, {
      keys: [...page.keys, ...page.keyless.map((k) => `#${k.fingerprint.toString('hex')}`)],
      total: null,
      date: page.date,
      fresh: seen.size - before,
      known: seen.size,
      reachedKnown: false,
      shifted: false,
      outOfOrder: false,
    })
    walk = next.walk
    if (next.step.do === 'restart') {
      seen.clear()
      listed.clear()
    }
    if (isOver(next.step, settled && !whole)) break
    if (pages >= mostPages) {
      isWhole = false
      break
    }
  }
  await finish(account, receivers, { whole: isWhole, listed: nameless ? [] : [...listed] }, results)
  // A server that clamps the page number, and a walk begun anew, show events twice.
  return [...results.values()].map((result) => ({ ...result, events: listed.size }))
}

/**
 * A key that the provider no longer recognises may be given everybody's list instead of an error. Where most of a first
 * page was never seen before, the account shows anew that it is its own, before any of it is stored.
 * @throws StartlistError `CREDENTIAL_REFUSED`
 */
async function confirmOwn(account: AccountContext, { keys }: EventsPage): Promise<void> {
  const { connection } = account
  if (connection.confirm === undefined || keys.length === 0) return
  const known = await countKnownLists(account.db, account.account.accountId, keys)
  if (known * 2 < new Set(keys).size) await connection.confirm()
}

function isOver(next: Step, settled: boolean): boolean {
  if (next.do === 'fail' || next.do === 'abandon') {
    throw new StartlistError('UNSTABLE_LIST', 'the list of events kept changing its page size')
  }
  return settled || next.do === 'finish'
}

function emptyResult(partnerId: number): DiscoveryResult {
  return { partnerId, events: 0, new: 0, changed: 0, missing: 0 }
}

/** @returns whether every event of the page is past, and known as it is */
async function storePage(
  trx: Trx,
  account: AccountContext,
  receivers: readonly Credential[],
  page: EventsPage,
  results: Map<number, DiscoveryResult>,
): Promise<boolean> {
  const { accountId, provider } = account.account
  await checkFence(trx, accountId, account.fence)
  let settled = page.events.length > 0
  for (const receiver of receivers) {
    const overrides = await zoneOverrides(trx, { provider, partnerId: receiver.partnerId })
    const rowOf = (event: EventRecord) =>
      eventRow(event, {
        override: overrides.get(event.eventId) ?? null,
        organization: receiver.timezone,
        partner: receiver.partnerTimezone,
      })
    const rows = [...new Map(page.events.map((event) => [event.eventId, rowOf(event)])).values()]
    const outcome = await upsertEvents(
      trx,
      { provider, accountId, partnerId: receiver.partnerId, organization: receiver.organization },
      rows,
    )
    const result = results.get(receiver.partnerId)
    if (result) count(result, outcome.values())
    if (!rows.every((row) => outcome.get(row.eventId) === 'same' && isPast(row, account.clock.now())))
      settled = false
    const at = { provider, accountId, partnerId: receiver.partnerId, eventId: '' }
    const rejects = rejectsOf(page)
    await dropReadableFields(
      trx,
      at,
      rows.map((row) => row.eventId),
      rejects,
    )
    await keepRejects(trx, at, null, rejects)
  }
  return settled
}

function count(result: DiscoveryResult, outcomes: Iterable<'new' | 'changed' | 'same'>): void {
  for (const outcome of outcomes) if (outcome !== 'same') result[outcome]++
}

/** A day after its start, and after its end where it has one: what the provider changes then can wait for the whole walk. */
function isPast(row: EventRow, now: number): boolean {
  const last = row.endsAt ?? row.endDay ?? row.startsAt ?? row.startDay
  return last !== null && Date.parse(last) + 2 * DAY < now
}

function rejectsOf(page: EventsPage): Reject[] {
  const fields = page.events.flatMap((event) =>
    event.problems.map((problem) => ({
      kind: 'field' as const,
      recordKey: event.eventId,
      field: problem.field,
      reason: problem.reason,
      raw: problem.raw,
      fingerprint: null,
    })),
  )
  const records = page.keyless.map((row) => ({
    kind: 'record' as const,
    recordKey: row.fingerprint.toString('hex'),
    field: '',
    reason: row.reason,
    raw: row.raw,
    fingerprint: row.fingerprint,
  }))
  return [...fields, ...records]
}

async function finish(
  account: AccountContext,
  receivers: readonly Credential[],
  walk: { whole: boolean; listed: string[] },
  results: Map<number, DiscoveryResult>,
): Promise<void> {
  const { accountId, provider } = account.account
  await account.db.transaction().execute(async (trx) => {
    await checkFence(trx, accountId, account.fence)
    if (walk.whole && walk.listed.length > 0) {
      for (const { partnerId } of receivers) {
        const missing = await markMissing(
          trx,
          { provider, accountId, partnerIds: [partnerId], pastToo: account.provider.capabilities.pastEvents },
          walk.listed,
        )
        const result = results.get(partnerId)
        if (result) result.missing = missing.length
      }
    }
    await markDiscovered(trx, accountId, walk.whole)
  })
}
