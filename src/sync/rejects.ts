import type { RawParticipant } from '../domain/participant.ts'
import { checkFence } from '../store/lanes.ts'
import { type KeptReject, rejectedEvents, rejectsOf } from '../store/overview/rejects.ts'
import { dropRejects } from '../store/rejects.ts'
import { readState } from '../store/sync-state.ts'
import type { EventContext, HolderContext, LaneContext } from './context.ts'
import { closeRuns } from './history.ts'
import { asStored, type News } from './merge.ts'
import { type StoredWork, storedEvent, withLane } from './stored-work.ts'
import { type RowCounts, type RowTarget, writeRows } from './write-rows.ts'

/** What looking again at the rejects of a timing partner's event came to. */
export interface Retried {
  provider: string
  partnerId: number
  eventId: string
  /** Rejects before and after. */
  before: number
  left: number
}

const BATCH = 200
/** The note that a listed registration has no detail (F2): only the provider can mend it. */
const NO_DETAIL = 'detail'

/**
 * Reads rejected records and fields again by the mapping of today, from what is kept, without a call (F5). What is
 * readable now is stored, with entries in the feed, and leaves the list.
 * @param rejectId this one alone; a field brings those of the same record along
 * @returns a line for each timing partner and event that had rejects
 */
export async function retryRejects(work: StoredWork, rejectId?: number): Promise<Retried[]> {
  const events = await rejectedEvents(work.db, { rejectId })
  const retried: Retried[] = []
  for (const { provider, partnerId, eventId, accountId, rejects } of events) {
    await withLane(work, accountId, async (lane) => {
      const event = await storedEvent(lane, eventId, 'remap')
      const holder = event.holders.find((one) => one.holder.partnerId === partnerId)
      // A partner without a working secret receives nothing, not even this (S1).
      if (holder !== undefined) await retryAsRun(lane, event, holder, rejectId)
    })
    const after = await rejectedEvents(work.db, { rejectId })
    const left = after.find((one) => one.partnerId === partnerId && one.eventId === eventId)?.rejects ?? 0
    retried.push({ provider, partnerId, eventId, before: rejects, left })
  }
  return retried
}

async function retryAsRun(
  lane: LaneContext,
  event: EventContext,
  holder: HolderContext,
  rejectId: number | undefined,
): Promise<void> {
  const alone = { ...event, holders: [holder] }
  await retryHolder(lane, alone, holder, { rejectId, asRun: true })
  if (holder.runId === null) return
  await lane.db
    .transaction()
    .execute((trx) => closeRuns(trx, lane, alone, { quietPoll: false, complete: true }))
}

/**
 * Looks again at what was rejected of one timing partner's event, a batch a transaction.
 * @param options.asRun under a history row of the event's kind; else the entries belong to no run
 */
export async function retryHolder(
  lane: LaneContext,
  event: EventContext,
  holder: HolderContext,
  options: { rejectId?: number | undefined; asRun?: boolean } = {},
): Promise<void> {
  const { accountId, eventId, provider } = event.at
  const { lastPass } = await readState(lane.db, accountId, eventId)
  for (let after = 0; ; ) {
    const last = await lane.db.transaction().execute(async (trx) => {
      await checkFence(trx, accountId, lane.fence)
      const at = { provider, partnerId: holder.holder.partnerId, eventId }
      const batch = await rejectsOf(trx, at, { rejectId: options.rejectId, after, limit: BATCH })
      if (batch.length > 0) {
        const runId = options.asRun === true ? await holder.run(trx) : null
        const target = { ...event, holder: holder.holder, runId }
        const written = [await remapFields(trx, target, batch)]
        for (const reject of batch.filter(({ kind }) => kind === 'record')) {
          const counts = await storeRecord(trx, lane, target, reject, lastPass)
          if (counts !== null) written.push(counts)
        }
        if (runId !== null) for (const counts of written) addCounts(holder, counts)
      }
      return batch.at(-1)
    })
    if (last === undefined) return
    after = last.rejectId
  }
}

type Trx = Parameters<typeof writeRows>[0]

/** Fields of stored registrations: mapping them again drops from the list what is readable. */
async function remapFields(trx: Trx, target: RowTarget, batch: readonly KeptReject[]): Promise<RowCounts> {
  const keys = batch
    .filter(({ kind, field }) => kind === 'field' && field !== NO_DETAIL)
    .map((reject) => reject.recordKey)
  const distinct = [...new Set(keys)]
  return writeRows(trx, target, distinct, (_, before) =>
    before === null || before.raw_data === null ? null : asStored(before),
  )
}

/** A record that was rejected whole: for want of a number, or because PostgreSQL refused it. */
async function storeRecord(
  trx: Trx,
  { provider }: LaneContext,
  target: RowTarget,
  reject: KeptReject,
  lastPass: number,
): Promise<RowCounts | null> {
  const raw = keptRaw(reject)
  const read = raw === null ? null : provider.rereadRecord(JSON.stringify(raw.list))
  if (raw === null || read === null) return null
  const { row, whole } = read
  const counts = await writeRows(trx, target, [row.key], (key, before): News | null => {
    const isOlder =
      row.stamp !== null && before?.source_updated_at != null && row.stamp < before.source_updated_at
    if (isOlder) return null
    return {
      key,
      raw: { list: row.record, detail: whole ? null : (raw.detail ?? before?.raw_data?.detail ?? null) },
      listFingerprint: row.fingerprint,
      detailOf: whole ? row.fingerprint : (before?.detail_of ?? null),
      detailReadAt: whole ? target.settings.now : (before?.detail_read_at ?? null),
      // Seen by some pass up to now; the next one to meet it proves it (W4).
      listPass: before?.list_pass ?? lastPass,
      sourceUpdatedAt: row.stamp,
    }
  })
  // Refused by PostgreSQL again, it has been noted again, under its number.
  if (counts.rejected === 0 || reject.recordKey !== row.key) await dropRejects(trx, [reject.rejectId])
  return counts
}

/** What was kept of a whole record: the list record alone, or both halves of one that PostgreSQL refused. */
function keptRaw({
  raw,
}: KeptReject): (RawParticipant & { list: NonNullable<RawParticipant['list']> }) | null {
  const value = parsed(raw)
  if (value === null || typeof value !== 'object') return null
  const { list, detail } = value as Partial<RawParticipant>
  if (list === undefined) return { list: value as NonNullable<RawParticipant['list']>, detail: null }
  return list === null ? null : { list, detail: detail ?? null }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Cut to length, or never JSON: the next sweep brings the record again.
    return null
  }
}

function addCounts({ counts }: HolderContext, added: RowCounts): void {
  counts.inserted += added.inserted
  counts.updated += added.updated
  counts.removed += added.removed
}
