import type { Json } from '../domain/json.ts'
import { screenOf } from '../domain/personal-data.ts'
import type { ListPage, ListRow } from '../providers/provider.ts'
import type { Trx } from '../store/database.ts'
import { setHolderState } from '../store/events.ts'
import { type ProbeHit, probe } from '../store/participants/probe.ts'
import { keepRejects, knownRejects } from '../store/rejects.ts'
import { attempt } from '../store/savepoint.ts'
import type { EventContext, HolderContext } from './context.ts'
import type { News } from './merge.ts'
import { writeRows } from './write-rows.ts'

/** Which pass a page belongs to, for the proof of its rows (W4) and for who wins (W10). */
export interface PagePass {
  kind: 'poll' | 'sweep'
  number: number
  /** The last finished pass: rows stored by a later one are not proven. */
  proven: number
  /** List rows hold the whole registration: no detail is owed (F1). */
  whole: boolean
}

/** What the page looked like beside what is stored. */
export interface PageOutcome {
  /** Stored with this fingerprint for every current holder, by a proven pass (W4). */
  isKnown: (row: ListRow) => boolean
  /** Rows that were there already, but not with this fingerprint. */
  changed: Set<string>
  /** No key of the page is live for anyone: it may be another event's list (A3). */
  allUnknown: boolean
}

/** One page's rows without its duplicates: of a row that drift shows twice, the newer stamp counts. */
export function distinctRows(page: ListPage): ListRow[] {
  const rows = new Map<string, ListRow>()
  for (const row of page.rows) {
    const seen = rows.get(row.key)
    if (seen === undefined || (row.stamp ?? 0n) > (seen.stamp ?? 0n)) rows.set(row.key, row)
  }
  return [...rows.values()]
}

/** A page's keys as sent; a keyless record counts under its fingerprint, so that counts can agree with totals. */
export function keysOf(page: ListPage): string[] {
  return [
    ...page.rows.map((row) => row.key),
    ...page.keyless.map((row) => `#${row.fingerprint.toString('hex')}`),
  ]
}

/**
 * Compares a page with every holder's rows; reads only.
 * @param pass.partnerIds for whom a row has to be stored to be known; by default for all who are current
 */
export async function probePage(
  trx: Trx,
  event: EventContext,
  pass: Pick<PagePass, 'proven'> & { partnerIds?: readonly number[] },
  rows: readonly ListRow[],
): Promise<{ hits: Map<number, ProbeHit[]>; outcome: PageOutcome }> {
  const hits = new Map<number, ProbeHit[]>()
  const unproven = new Set<string>()
  const changed = new Set<string>()
  let allUnknown = rows.length > 0
  for (const { holder } of event.holders) {
    const found = await probe(
      trx,
      event.shape,
      { partnerId: holder.partnerId, eventId: event.eventId, provenPass: pass.proven },
      rows,
    )
    hits.set(holder.partnerId, found)
    // A holder that is behind is levelled later; it must not make the others read on.
    const counts =
      pass.partnerIds?.includes(holder.partnerId) ?? (holder.state === 'current' || !event.someCurrent)
    for (const hit of found) {
      if (counts) unproven.add(hit.key)
      if (hit.stored && !hit.same) changed.add(hit.key)
    }
    const missing = found.filter((hit) => !hit.live).length
    if (missing < rows.length) allUnknown = false
  }
  const rejected = await rejectedHexes(
    trx,
    event,
    rows.filter((row) => unproven.has(row.key)),
  )
  const isKnown = (row: ListRow) => !unproven.has(row.key) || rejected.has(row.fingerprint.toString('hex'))
  return { hits, outcome: { isKnown, changed, allUnknown } }
}

async function rejectedHexes(trx: Trx, event: EventContext, rows: readonly ListRow[]): Promise<Set<string>> {
  const [first] = event.holders
  if (first === undefined || rows.length === 0) return new Set()
  const at = { provider: event.account.provider, partnerId: first.holder.partnerId, eventId: event.eventId }
  return knownRejects(
    trx,
    at,
    rows.map((row) => row.fingerprint),
  )
}

/**
 * Stores a page for every holder, each under a savepoint: one that fails is set behind, and the page commits for the
 * others (S2). Unchanged rows are neither sent nor locked (D1).
 */
export async function writePage(
  trx: Trx,
  event: EventContext,
  pass: PagePass,
  page: ListPage,
  rows: readonly ListRow[],
  hits: ReadonlyMap<number, ProbeHit[]>,
): Promise<void> {
  const byKey = new Map(rows.map((row) => [row.key, row]))
  for (const holder of event.holders) {
    const different = (hits.get(holder.holder.partnerId) ?? []).filter((hit) => !hit.same)
    holder.counts.seen += page.length
    holder.counts.unchanged += rows.length - different.length
    if (different.length === 0 && page.keyless.length === 0) continue
    await holder.run(trx)
    const written = await attempt(trx, () => writeFor(trx, event, holder, pass, page, byKey, different))
    if (written.ok) continue
    if (event.holders.length === 1) throw written.error
    holder.holder.state = 'behind'
    holder.holder.failed = true
    const at = { ...event.at, partnerId: holder.holder.partnerId }
    await setHolderState(trx, at, 'behind', 'a page could not be written')
  }
}

async function writeFor(
  trx: Trx,
  event: EventContext,
  holder: HolderContext,
  pass: PagePass,
  page: ListPage,
  byKey: ReadonlyMap<string, ListRow>,
  different: readonly ProbeHit[],
): Promise<void> {
  const runId = await holder.run(trx)
  const target = { ...event, eventId: event.eventId, holder: holder.holder, runId }
  const counts = await writeRows(
    trx,
    target,
    different.map((hit) => hit.key),
    (key, before) => {
      const row = byKey.get(key)
      if (row === undefined) return null
      const stamp = row.stamp === null ? null : believable(row.stamp, page.date)
      const older = stamp !== null && before?.source_updated_at != null && stamp < before.source_updated_at
      if (older && pass.kind === 'poll' && before?.removed_at === null) return null
      return newsOfList(row, stamp, before, pass, event.settings.now)
    },
  )
  const fresh = await keepRejects(
    trx,
    { ...event.at, partnerId: holder.holder.partnerId },
    runId,
    page.keyless.map((row) => ({
      kind: 'record' as const,
      recordKey: row.fingerprint.toString('hex'),
      field: '',
      reason: row.reason,
      raw: screened(row.raw, holder.holder.keptParts),
      fingerprint: row.fingerprint,
    })),
  )
  holder.counts.inserted += counts.inserted
  holder.counts.updated += counts.updated
  holder.counts.removed += counts.removed
  holder.counts.rejected += counts.rejected + fresh
  holder.counts.refused += counts.refused
  // Touched without a change of content: read and stored, but nothing that a timer would call an update.
  const written = counts.inserted + counts.updated + counts.removed + counts.rejected + counts.refused
  holder.counts.unchanged += different.length - written
}

/** A record without a number as its timing partner may keep it. */
function screened(raw: string, kept: string | null): string {
  return JSON.stringify(screenOf(kept).record(JSON.parse(raw) as Json))
}

function newsOfList(
  row: ListRow,
  stamp: bigint | null,
  before: Parameters<Parameters<typeof writeRows>[3]>[1],
  pass: PagePass,
  now: string,
): News {
  const base = {
    key: row.key,
    listFingerprint: row.fingerprint,
    listPass: pass.number,
    sourceUpdatedAt: stamp,
  }
  if (pass.whole) {
    return { ...base, raw: { list: row.record, detail: null }, detailOf: row.fingerprint, detailReadAt: now }
  }
  // A list that no longer has whole registrations must not blank what it told: that was as good as a detail (F3).
  const told = before?.detail_of == null ? null : (before.raw_data?.detail ?? before.raw_data?.list ?? null)
  return {
    ...base,
    raw: { list: row.record, detail: told },
    detailOf: before?.detail_of ?? null,
    detailReadAt: before?.detail_read_at ?? null,
  }
}

/**
 * A stamp as it is, or the response's `Date` where it lies after that, so that one of the year 2099 does not win for
 * ever (W7). The header has whole seconds: a stamp within its second is not from the future, and is kept exact.
 */
function believable(stamp: bigint, date: number): bigint {
  return stamp < BigInt(date + 1000) * 1000n ? stamp : BigInt(date) * 1000n
}
