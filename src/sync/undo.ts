import type { BibAuthority } from '../domain/bib.ts'
import { StartlistError } from '../domain/errors.ts'
import type { Change, StoredRow } from '../domain/row.ts'
import { bibAuthorityOf } from '../store/bibs/lists.ts'
import { appendChanges, type PartnerEvent } from '../store/changes.ts'
import type { Trx } from '../store/database.ts'
import { NO_COUNTS, openRun, updateRun } from '../store/history.ts'
import { endPermissions, reopenHold } from '../store/holds.ts'
import { checkFence } from '../store/lanes.ts'
import { setLocalBibs } from '../store/participants/local-bibs.ts'
import { readToWrite } from '../store/participants/read.ts'
import { upsertRows } from '../store/participants/upsert.ts'
import { changedSince, entriesBefore, type FeedEntry, type Run, readRuns } from '../store/runs.ts'
import { forgetSeen } from '../store/sweep-seen.ts'
import { lowerMarks } from '../store/sync-state.ts'
import type { LaneContext } from './context.ts'
import { bibsOf, revertLocalBib } from './local-bib.ts'
import { type Reverted, revert } from './revert.ts'
import { type StoredWork, withLane } from './stored-work.ts'

/** What was taken back for one timing partner and event. */
export interface Undone extends PartnerEvent {
  /** The run of the undoing itself: it can be undone as well. */
  runId: number
  /** The runs that were taken back. */
  undone: number[]
  /** Registrations that are live again, gone again, and otherwise as before. */
  restored: number
  removed: number
  changed: number
  /** Registrations left alone, because they were changed again later or are forgotten. */
  skipped: number
  /** Registrations that the next pass reads again, list row and detail. */
  rereads: number
  /** Holds that wait for a decision again. */
  holdIds: number[]
}

export interface UndoRequest {
  runIds: readonly number[]
  /** Leave registrations alone that were changed again later, instead of refusing all. */
  onlyUntouched: boolean
}

/** Feed entries taken back at a time: memory must not grow with a run. */
const BATCH = 500
/** Registrations that a refusal names. */
const NAMED = 5

/**
 * Takes back all that runs did, by their feed entries, the newest first, as new entries: what was fed stays fed. One
 * transaction under the account's lane: all of it, or nothing.
 *
 * Afterwards the rows hold what they held before, while the provider may still say what it said. It is to have the last
 * word, but by saying it again: rows whose content was taken back count as never read, and the marks of the event are
 * lowered so that the next poll meets them.
 * @throws StartlistError `NO_SUCH_RUN`; `CHANGED_SINCE` unless `onlyUntouched`; `USAGE` for runs of several accounts
 */
export async function undoRuns(work: StoredWork, request: UndoRequest): Promise<Undone[]> {
  const runs = await readRuns(work.db, request.runIds)
  const missing = request.runIds.find((id) => !runs.some((run) => run.runId === id && run.accountId !== null))
  if (missing !== undefined) throw new StartlistError('NO_SUCH_RUN', `there is no run ${missing}`)
  const [accountId, ...others] = new Set(runs.map((run) => run.accountId))
  if (accountId == null) throw new StartlistError('USAGE', 'name a run to undo')
  if (others.length > 0)
    throw new StartlistError('USAGE', 'these runs are of different accounts: undo them one by one')
  return withLane(work, accountId, (lane) =>
    lane.db.transaction().execute(async (trx) => {
      await checkFence(trx, accountId, lane.fence)
      const undone: Undone[] = []
      for (const group of Map.groupBy(runs, (run) => `${run.partnerId} ${run.eventId}`).values())
        undone.push(await undoEvent(trx, lane, group, request.onlyUntouched))
      return undone
    }),
  )
}

/** An undoing under way. */
interface Undoing {
  trx: Trx
  lane: LaneContext
  event: PartnerEvent
  onlyUntouched: boolean
  result: Undone
  skipped: Set<string>
  authority: BibAuthority
  /** Down to which stamp the next poll reads; `all` without one; undefined while nothing has to be read again. */
  readDownTo: bigint | 'all' | undefined
}

async function undoEvent(
  trx: Trx,
  lane: LaneContext,
  runs: readonly Run[],
  onlyUntouched: boolean,
): Promise<Undone> {
  const [first] = runs
  if (first === undefined) throw new StartlistError('INTERNAL', 'an event without runs')
  const event = { provider: first.provider, partnerId: first.partnerId, eventId: first.eventId }
  const undone = runs.map((run) => run.runId)
  const touched = await changedSince(trx, event, undone)
  if (touched.length > 0 && !onlyUntouched) throw changedSinceError(touched)
  const runId = await openRun(trx, { event, accountId: lane.account.accountId, kind: 'undo' })
  const counts = { restored: 0, removed: 0, changed: 0, skipped: 0, rereads: 0 }
  const result: Undone = { ...event, runId, undone, ...counts, holdIds: [] }
  const undoing: Undoing = {
    ...{ trx, lane, event, onlyUntouched, result },
    skipped: new Set(touched),
    authority: await bibAuthorityOf(trx, event),
    readDownTo: undefined,
  }
  for (let position = Number.MAX_SAFE_INTEGER; ; ) {
    const entries = await entriesBefore(trx, event, undone, position, BATCH)
    const last = entries.at(-1)
    if (last === undefined) break
    await undoEntries(undoing, entries)
    position = last.position
  }
  result.skipped = undoing.skipped.size
  await settle(undoing, runs)
  return result
}

/** Takes a batch of entries back in its order: a registration may be in it more than once. */
async function undoEntries(undoing: Undoing, entries: readonly FeedEntry[]): Promise<void> {
  const { trx, lane, event, result, skipped } = undoing
  const keys = [...new Set(entries.map((entry) => entry.key))].filter((key) => !skipped.has(key))
  const { rows } = await readToWrite(trx, lane.shape, event, keys)
  const written = new Map<string, Reverted['row']>()
  const renumbered = new Set<string>()
  const changes: Change[] = []
  const settings = {
    mappingVersion: lane.provider.mappingVersion,
    now: new Date(lane.clock.now()).toISOString(),
    note: `run ${result.undone.join(', ')} undone`,
  }
  for (const entry of entries) {
    const row = rows.get(entry.key)
    if (skipped.has(entry.key)) continue
    const numbered =
      row !== undefined && isOfBibs(entry) ? revertLocalBib(row, entry.fields, undoing.authority) : null
    if (numbered !== null) {
      rows.set(entry.key, numbered.row)
      renumbered.add(entry.key)
      changes.push(numbered.change)
      result.changed++
      continue
    }
    const reverted = row === undefined || isOfBibs(entry) ? null : revert(row, entry, settings)
    if (row === undefined || reverted === null) {
      // A row that is not there any more was forgotten on purpose.
      if (row !== undefined && !undoing.onlyUntouched) throw changedSinceError([entry.key])
      skipped.add(entry.key)
      continue
    }
    written.set(entry.key, reverted.row)
    rows.set(entry.key, reverted.row)
    note(undoing, row, reverted)
    if (reverted.change !== null) changes.push(reverted.change)
  }
  const at = { partnerId: event.partnerId, eventId: event.eventId, credentialsUsed: null }
  await upsertRows(trx, lane.shape, at, [...written.values()])
  const bibs = [...rows.values()].filter((row) => renumbered.has(row.participant_id)).map(bibsOf)
  await setLocalBibs(trx, lane.shape, event, bibs)
  await appendChanges(trx, event, result.runId, changes)
}

/** A person gave or took back a bib: the provider has no part in it, and nothing is to be read again. */
const isOfBibs = ({ fields }: FeedEntry): boolean => fields.local_bib !== undefined

/** Counts what became of a row, and how far down the list the provider has to be asked for it. */
function note(undoing: Undoing, before: StoredRow, { row, change, rereads }: Reverted): void {
  const { result } = undoing
  if (change !== null) {
    if (row.removed_at !== null && before.removed_at === null) result.removed++
    else if (row.removed_at === null && before.removed_at !== null) result.restored++
    else result.changed++
  }
  // A registration of several entries counts once: after the first it has nothing more to be read from.
  if (before.raw_data === null) return
  if (rereads) result.rereads++
  if (!rereads && row.removed_at === null) return
  const stamp = before.source_updated_at
  const { readDownTo } = undoing
  if (stamp === null || readDownTo === 'all') undoing.readDownTo = 'all'
  else if (readDownTo === undefined || stamp - 1n < readDownTo) undoing.readDownTo = stamp - 1n
}

/** History, marks and holds, so that the next pass finds what it has to find. */
async function settle(
  { trx, lane, event, result, readDownTo }: Undoing,
  runs: readonly Run[],
): Promise<void> {
  const { accountId } = lane.account
  const counts = { ...NO_COUNTS, updated: result.restored + result.changed, removed: result.removed }
  await updateRun(trx, result.runId, counts, { status: 'success', complete: result.skipped === 0 })
  if (readDownTo !== undefined) {
    await lowerMarks(trx, accountId, event.eventId, readDownTo === 'all' ? null : readDownTo)
    await forgetSeen(trx, accountId, event.eventId)
    await endPermissions(trx, { accountId, eventId: event.eventId })
  }
  for (const holdId of new Set(runs.map((run) => run.holdId).filter((id) => id !== null)))
    if (await reopenHold(trx, holdId)) result.holdIds.push(holdId)
}

function changedSinceError(keys: readonly string[]): StartlistError {
  const more = keys.length > NAMED ? ` and ${keys.length - NAMED} more` : ''
  const noun = keys.length === 1 ? 'registration was' : 'registrations were'
  return new StartlistError(
    'CHANGED_SINCE',
    `${keys.length} ${noun} changed again later: ${keys.slice(0, NAMED).join(', ')}${more}`,
  )
}
