import { canonicalJson } from '../domain/fingerprint.ts'
import type { Change, Content, StoredRow, WrittenRow } from '../domain/row.ts'
import { CONTENT_COLUMNS } from '../domain/row.ts'
import type { FeedEntry } from '../store/runs.ts'
import { changeOf, rowHash } from './merge.ts'

/**
 * Taking one feed entry back. Pure: the row as it stands and the entry give the row of before it, and the entry that
 * tells so.
 */

/** A row with what was before the entry in it again. */
export interface Reverted {
  row: WrittenRow & { local_bib: string | null }
  /** Null when the row was like that already. */
  change: Change | null
  /** The provider's words no longer explain the row: it is to be read again, list row and detail. */
  rereads: boolean
}

export interface RevertSettings {
  mappingVersion: number
  /** ISO 8601 */
  now: string
  /** Why a registration that the run added, or brought back, is removed now. */
  note: string
}

const COLUMNS: ReadonlySet<string> = new Set(CONTENT_COLUMNS)
const isColumn = (name: string): name is keyof Content => COLUMNS.has(name)

/**
 * The row before a feed entry.
 * @returns null when the row is no longer what the entry left: something else has changed it
 */
export function revert(row: StoredRow, entry: FeedEntry, settings: RevertSettings): Reverted | null {
  const fields = Object.entries(entry.fields)
  const isAsLeft = fields.every(
    ([name, [, left]]) => isColumn(name) && canonicalJson(row[name] ?? null) === canonicalJson(left),
  )
  if (!isAsLeft) return null
  const old = entry.change === 'added' ? { registration_status: 'removed' } : oldContent(fields)
  const content: Content = { ...row, ...old }
  const removed = removalOf(row, old.registration_status, settings)
  const after = { ...row, ...old, ...removed, row_hash: rowHash(content), fetched_at: settings.now }
  const crossesRemoval = row.removed_at !== null || removed.removed_at !== null
  const rereads = !(crossesRemoval && Object.keys(old).every((name) => name === 'registration_status'))
  const reverted: Reverted['row'] = {
    ...after,
    mapping_version: settings.mappingVersion,
    ...(rereads ? UNREAD : {}),
  }
  return { row: reverted, change: changeOf(row, reverted), rereads }
}

/**
 * As if nothing had been read of it: no page finds it known, its detail is owed as soon as a list shows it, and a new
 * mapping has nothing to bring the taken-back values forth from. It stays one that an earlier pass stored (A1).
 */
const UNREAD = {
  raw_data: null,
  list_fingerprint: null,
  detail_of: null,
  detail_read_at: null,
  detail_attempts: 0,
  detail_not_before: null,
  source_updated_at: null,
} as const

function oldContent(fields: readonly (readonly [string, FeedEntry['fields'][string]])[]): Partial<Content> {
  return Object.fromEntries(fields.map(([name, [old]]) => [name, old]))
}

/** Removed with the status, and back with it; an entry that leaves the status alone leaves the removal alone. */
function removalOf(
  row: StoredRow,
  status: string | undefined,
  { now, note }: RevertSettings,
): Pick<StoredRow, 'removed_at' | 'removal_note'> {
  if (status === 'removed')
    return { removed_at: row.removed_at ?? now, removal_note: row.removal_note ?? note }
  const isBack = status !== undefined && row.registration_status === 'removed'
  return isBack
    ? { removed_at: null, removal_note: null }
    : { removed_at: row.removed_at, removal_note: row.removal_note }
}
