import { codeOf, StartlistError } from '../domain/errors.ts'
import type { JsonObject } from '../domain/json.ts'
import type { StoredRow } from '../domain/row.ts'
import type { Trx } from '../store/database.ts'
import { type Holder, setHolderState } from '../store/events.ts'
import { checkFence } from '../store/lanes.ts'
import {
  countOwed,
  endPutOffs,
  type OwedScope,
  owedDetails,
  putOffDetail,
} from '../store/participants/owed.ts'
import { keepRejects } from '../store/rejects.ts'
import { attempt } from '../store/savepoint.ts'
import { readState } from '../store/sync-state.ts'
import type { AccountContext, EventContext, HolderContext } from './context.ts'
import { closeRuns, recordPage } from './history.ts'
import { asStored } from './merge.ts'
import { Rereads, type StoredDetail } from './rereads.ts'
import { writeRows } from './write-rows.ts'

/** Which of an event's details are read. */
export interface DetailsScope {
  /** ISO 8601; details read earlier are due again (F4). Null for those owed alone (F2). */
  readBefore: string | null
  /** Those that failed a moment ago as well, once each: a person asked for every detail. */
  evenPutOff?: boolean
  /** at most so many; all when left out */
  most?: number
}

/** What became of an event's owed details. */
export interface DetailsResult {
  read: number
  /** Details that failed after retries, or that the provider does not have for a listed row. */
  putOff: number
  /** The failure that put some off, for the exit code; a 404 is a finding and no failure. */
  failure: StartlistError | null
  /** Ended before all were read, to go on later. */
  stopped: boolean
}

/** Details read between two looks at what is owed; bounds memory, not calls. */
const BATCH = 200
/** This many failures in a row are the provider's, not one registration's: stop asking. */
const MOST_FAILURES_IN_A_ROW = 3

/**
 * Reads the details that an event owes, a call each (F2); with `readBefore` also those that are too old (F4). A row's
 * detail commits by itself, so names turn into bibs one by one, and a killed run repeats at most one call.
 * @throws StartlistError of any class but a single row's transient failure
 */
export async function readOwedDetails(
  account: AccountContext,
  event: EventContext,
  scope: DetailsScope,
): Promise<DetailsResult> {
  const { finishedBegan } = await readState(account.db, event.at.accountId, event.eventId)
  const rereads = new Rereads(account, finishedBegan)
  try {
    return await readAll(account, event, scope, rereads)
  } finally {
    await rereads.keep()
  }
}

async function readAll(
  account: AccountContext,
  allHolders: EventContext,
  { readBefore, evenPutOff = false, most = Number.POSITIVE_INFINITY }: DetailsScope,
  rereads: Rereads,
): Promise<DetailsResult> {
  // Who is behind is levelled with the others' details, and owes no call of its own (S2).
  const event = { ...allHolders, holders: allHolders.holders.filter(({ holder }) => isServed(holder)) }
  // Told anew for every batch: who falls behind meanwhile owes nothing more, and would be asked for in a circle.
  const scope = (): OwedScope => ({ ...scopeOf(event), readBefore })
  if (evenPutOff) {
    await account.db.transaction().execute(async (trx) => {
      await checkFence(trx, event.at.accountId, account.fence)
      await endPutOffs(trx, event.shape, scopeOf(event))
    })
  }
  const total = await countOwed(account.db, event.shape, scope())
  const result: DetailsResult = { read: 0, putOff: 0, failure: null, stopped: false }
  let failuresInARow = 0
  for (;;) {
    const keys = await owedDetails(account.db, event.shape, scope(), BATCH)
    if (keys.length === 0) break
    for (const key of keys) {
      account.signal.throwIfAborted()
      if (!event.holders.some(({ holder }) => isServed(holder))) break
      const asked = result.read + result.putOff
      if (asked >= most || (asked > 0 && (await allHolders.between(event)) === 'stop')) {
        return finish(account, event, { ...result, stopped: true })
      }
      const answer = await readOne(account, event, key, rereads)
      if (answer instanceof StartlistError) {
        result.failure = answer
        result.putOff++
        if (++failuresInARow >= MOST_FAILURES_IN_A_ROW) return finish(account, event, result)
        continue
      }
      failuresInARow = 0
      if (answer === 'missing') result.putOff++
      else result.read++
      account.progress({
        eventId: event.eventId,
        kind: 'details',
        done: result.read + result.putOff,
        total,
        calls: account.calls(),
      })
    }
  }
  return finish(account, event, result)
}

const isServed = (holder: Holder): boolean => holder.state === 'current' && !holder.failed

async function finish(
  account: AccountContext,
  event: EventContext,
  result: DetailsResult,
): Promise<DetailsResult> {
  if (event.holders.some((h) => h.runId !== null)) {
    await account.db
      .transaction()
      .execute((trx) =>
        closeRuns(trx, account, event, { quietPoll: false, complete: result.failure === null }),
      )
  }
  return result
}

/** @returns whether it was there, or the error that put this one registration off */
async function readOne(
  account: AccountContext,
  event: EventContext,
  key: string,
  rereads: Rereads,
): Promise<'read' | 'missing' | StartlistError> {
  try {
    const answer = await account.connection.readDetail(event.eventId, key, 'detail', event.events)
    if (answer.found) rereads.add(await storeDetail(account, event, key, answer.record), answer.record)
    else await noteMissing(account, event, key)
    return answer.found ? 'read' : 'missing'
  } catch (error) {
    const alone = error instanceof StartlistError && ['transient', 'provider_bug'].includes(error.class)
    if (!alone || codeOf(error) === 'NETWORK') throw error
    await account.db.transaction().execute(async (trx) => {
      await checkFence(trx, event.at.accountId, account.fence)
      await putOffDetail(trx, event.shape, scopeOf(event), key)
    })
    return error
  }
}

/**
 * Stores what a single read said of a listed registration, for every holder, in a transaction of its own.
 * @returns what it did to the row of the first of them
 */
export async function storeDetail(
  account: AccountContext,
  event: EventContext,
  key: string,
  record: JsonObject,
): Promise<StoredDetail> {
  const now = new Date(account.clock.now()).toISOString()
  const before = event.holders.map((holder) => ({ runId: holder.runId, counts: { ...holder.counts } }))
  const failed: HolderContext[] = []
  const stored: StoredDetail[] = []
  try {
    await account.db.transaction().execute(async (trx) => {
      await checkFence(trx, event.at.accountId, account.fence)
      for (const holder of event.holders) {
        if (holder.holder.failed) continue
        await holder.run(trx)
        const written = await attempt(trx, () => storeFor(trx, account, event, holder, key, record, now))
        if (written.ok) {
          stored.push(written.value)
          continue
        }
        if (event.holders.length === 1) throw written.error
        failed.push(holder)
        const at = { ...event.at, partnerId: holder.holder.partnerId }
        await setHolderState(trx, at, 'behind', 'a detail could not be written')
      }
      await recordPage(trx, account, event)
    })
  } catch (error) {
    event.holders.forEach((holder, i) => {
      Object.assign(holder, before[i])
    })
    throw error
  }
  for (const { holder } of failed) Object.assign(holder, { state: 'behind', failed: true })
  return stored[0] ?? { again: false, changed: false }
}

/** A single read that is older than the stored one this often is the provider's last word, and no stale replica's. */
const MOST_STALE_READS = 3

/** One holder's share of a detail. What cannot be taken stays owed, and is put off: else it would be asked for at once. */
async function storeFor(
  trx: Trx,
  account: AccountContext,
  event: EventContext,
  holder: HolderContext,
  key: string,
  record: JsonObject,
  now: string,
): Promise<StoredDetail> {
  let again = false
  const runId = await holder.run(trx)
  const target = { ...event, settings: { ...event.settings, now }, holder: holder.holder, runId }
  const counts = await writeRows(trx, target, [key], (_, row) => {
    if (row === null || isOlder(account, record, row)) return null
    again = row.list_fingerprint !== null && row.detail_of?.equals(row.list_fingerprint) === true
    return {
      ...asStored(row),
      raw: { list: row.raw_data?.list ?? null, detail: record },
      // The version of the list row that this detail answers for: the lane lets nobody change it between.
      detailOf: row.list_fingerprint,
      detailReadAt: now,
      detailAttempts: 0,
      detailNotBefore: null,
    }
  })
  if (counts.rejected + counts.refused > 0) {
    await putOffDetail(trx, event.shape, { ...scopeOf(event), partnerIds: [holder.holder.partnerId] }, key)
  }
  holder.counts.inserted += counts.inserted
  holder.counts.updated += counts.updated
  holder.counts.rejected += counts.rejected
  holder.counts.refused += counts.refused
  return { again, changed: counts.updated > 0 }
}

/** Detail against detail (W10). No detail is newer than the moment at which it was read, whatever it says. */
function isOlder({ provider }: AccountContext, record: JsonObject, row: StoredRow): boolean {
  const stored = row.raw_data?.detail
  if (!stored || row.detail_read_at === null || row.detail_attempts >= MOST_STALE_READS) return false
  const next = provider.stampOf(record)
  const last = provider.stampOf(stored)
  return (
    next !== null && last !== null && next < last && next < BigInt(Date.parse(row.detail_read_at)) * 1000n
  )
}

/** A listed registration without a detail is a finding, not a removal (F2). */
async function noteMissing(account: AccountContext, event: EventContext, key: string): Promise<void> {
  await account.db.transaction().execute(async (trx) => {
    await checkFence(trx, event.at.accountId, account.fence)
    await putOffDetail(trx, event.shape, scopeOf(event), key)
    for (const { holder } of event.holders) {
      await keepRejects(trx, { ...event.at, partnerId: holder.partnerId }, null, [
        {
          kind: 'field',
          recordKey: key,
          field: 'detail',
          reason: 'the provider lists this registration but answers 404 for its detail',
          raw: '',
          fingerprint: null,
        },
      ])
    }
  })
}

function scopeOf(event: EventContext): { eventId: string; partnerIds: number[] } {
  const served = event.holders.filter(({ holder }) => isServed(holder))
  return { eventId: event.eventId, partnerIds: served.map(({ holder }) => holder.partnerId) }
}
