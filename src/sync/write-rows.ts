import type { Account } from '../domain/account.ts'
import { FORGOTTEN, screenOf } from '../domain/personal-data.ts'
import type { Change, StoredRow } from '../domain/row.ts'
import { appendChanges } from '../store/changes.ts'
import { isDataError, isTaken } from '../store/data-error.ts'
import type { Trx } from '../store/database.ts'
import type { Holder } from '../store/events.ts'
import { forgottenKeys } from '../store/forgotten.ts'
import { keepLocalBibs } from '../store/participants/local-bibs.ts'
import { readToWrite } from '../store/participants/read.ts'
import { putAside } from '../store/participants/set-aside.ts'
import type { ParticipantTable } from '../store/participants/table.ts'
import { upsertRows } from '../store/participants/upsert.ts'
import { dropReadableFields, keepRejects, type Reject } from '../store/rejects.ts'
import { attempt } from '../store/savepoint.ts'
import { freedFirst } from './bib-order.ts'
import { type Merged, merge, type News, type RowSettings } from './merge.ts'

/** Where rows go: one timing partner's copy of an event. */
export interface RowTarget {
  account: Account
  eventId: string
  holder: Holder
  shape: ParticipantTable
  settings: Omit<RowSettings, 'raceDay' | 'bibAuthority'>
  runId: number | null
  /** Leave rows alone whose content and mapping version stay as they are. */
  onlyChanged?: boolean
}

/** What one write did. */
export interface RowCounts {
  inserted: number
  updated: number
  removed: number
  /** Whole records that PostgreSQL would not take. */
  rejected: number
  /** Older versions that were not let over newer ones (W10). */
  refused: number
}

/**
 * Turns news into rows, feed entries and rejects of one timing partner, inside the caller's transaction.
 * @param newsOf the news about one key, given the stored row; null refuses it (W10)
 */
export async function writeRows(
  trx: Trx,
  target: RowTarget,
  keys: readonly string[],
  newsOf: (key: string, before: StoredRow | null) => News | null,
): Promise<RowCounts> {
  const { eventId, holder, shape } = target
  const at = { partnerId: holder.partnerId, eventId }
  const { rows: before, bibsAside } = await readToWrite(trx, shape, at, keys)
  // After the rows are locked: who is forgotten meanwhile is forgotten in what is written here.
  const forgotten = await forgottenKeys(trx, target.account.provider, keys)
  const screen = screenOf(holder.keptParts)
  const settings: RowSettings = {
    ...target.settings,
    raceDay: holder.raceDay,
    bibAuthority: holder.bibAuthority,
  }
  const merged: Merged[] = []
  let refused = 0
  for (const key of keys) {
    const { row, raw } = forgotten.has(key) ? FORGOTTEN : screen
    const stored = before.get(key) ?? null
    // As if it had never been stored: that it goes is no news for the feed.
    const old = stored && row(stored)
    const news = newsOf(key, old)
    if (news === null) {
      refused++
      continue
    }
    const told = { ...news, raw: raw(news.raw), bibsAside: bibsAside.get(key) ?? [] }
    const next = merge(old, told, settings)
    const asBefore =
      next.change === null && old === stored && old?.mapping_version === next.row.mapping_version
    if (!(target.onlyChanged && asBefore)) merged.push(next)
  }
  const { stored, rejects } = await upsertTolerant(trx, target, merged)
  const kept = stored.flatMap(({ row, keptBib }) =>
    keptBib === null ? [] : [{ key: row.participant_id, bib: keptBib }],
  )
  await keepLocalBibs(trx, shape, at, kept)
  const changes = freedFirst(stored.map((m) => m.change).filter((change) => change !== null))
  const event = { provider: target.account.provider, ...at }
  await appendChanges(trx, event, target.runId, changes)
  const fields = stored.flatMap((m) => m.problems.map((p) => fieldReject(m.row.participant_id, p)))
  await dropReadableFields(
    trx,
    event,
    stored.map((m) => m.row.participant_id),
    fields,
  )
  await keepRejects(trx, { ...event, accountId: target.account.accountId }, target.runId, [
    ...fields,
    ...rejects,
  ])
  return { ...tally(changes), rejected: rejects.length, refused }
}

function tally(changes: readonly Change[]): Pick<RowCounts, 'inserted' | 'updated' | 'removed'> {
  const inserted = changes.filter((c) => c.change === 'added').length
  const removed = changes.filter((c) => c.change === 'removed').length
  const asFound = changes.filter((c) => c.change === 'adopted' && Object.keys(c.fields).length === 0).length
  return { inserted, removed, updated: changes.length - inserted - removed - asFound }
}

function fieldReject(key: string, problem: { field: string; reason: string; raw: string }): Reject {
  return {
    kind: 'field',
    recordKey: key,
    field: problem.field,
    reason: problem.reason,
    raw: problem.raw,
    fingerprint: null,
  }
}

/** Writes all rows; if PostgreSQL refuses one of them, finds it by halving, keeps it as a reject, and goes on (D2). */
async function upsertTolerant(
  trx: Trx,
  target: RowTarget,
  merged: readonly Merged[],
): Promise<{ stored: Merged[]; rejects: Reject[] }> {
  if (merged.length === 0) return { stored: [], rejects: [] }
  const at = {
    partnerId: target.holder.partnerId,
    eventId: target.eventId,
    credentialsUsed: target.holder.organization,
  }
  const rows = merged.map((m) => m.row)
  const write = () => attempt(trx, () => upsertRows(trx, target.shape, at, rows))
  let written = await write()
  if (!written.ok && isTaken(written.error)) {
    // The older system put one of them into the event where it goes, after it was read.
    const keys = rows.map((row) => row.participant_id)
    await putAside(trx, target.shape, at, keys)
    written = await write()
  }
  if (written.ok) return { stored: [...merged], rejects: [] }
  if (!isDataError(written.error)) throw written.error
  const [only] = merged
  if (merged.length === 1 && only !== undefined)
    return { stored: [], rejects: [recordReject(only, written.error)] }
  const half = Math.ceil(merged.length / 2)
  const first = await upsertTolerant(trx, target, merged.slice(0, half))
  const second = await upsertTolerant(trx, target, merged.slice(half))
  return { stored: [...first.stored, ...second.stored], rejects: [...first.rejects, ...second.rejects] }
}

function recordReject({ row }: Merged, error: unknown): Reject {
  const state = (error as { code?: string }).code ?? 'unknown'
  return {
    kind: 'record',
    recordKey: row.participant_id.slice(0, 200),
    field: '',
    reason: `PostgreSQL does not take this record (SQLSTATE ${state})`,
    raw: JSON.stringify(row.raw_data).slice(0, 20_000),
    fingerprint: row.list_fingerprint,
  }
}
