import type { CallPurpose } from '../../domain/account.ts'
import { tallyRuns } from '../../store/changes.ts'
import type { Db } from '../../store/database.ts'
import type { Progress } from '../../sync/context.ts'
import type { DetailsOutcome, ListOutcome, SyncLine } from '../../sync/event-sync.ts'

/** What a backfill did to one list. */
interface ListTally {
  calls: number
  /** pages that showed nobody new: a list's end has to be seen (W2) */
  proofs: number
  /** registrations that its pages brought, and the most of one page */
  rows: number
  mostOfPage: number
  /** where the walk stood before the next page, and what the provider says of the whole */
  distinct: number
  total: number | null
  details: number
  complete: boolean
  partners: Map<number, PartnerTally>
}

interface PartnerTally {
  seen: number
  unchanged: number
  rejected: number
  runIds: Set<number>
}

/** Calls of a backfill against the fewest that could have brought as much. */
export interface CallCounts {
  /** HTTP attempts, retries included */
  calls: number
  /** by what they were for, as the ledger has them */
  byPurpose: Partial<Record<CallPurpose, number>>
  /** list calls that showed nobody new: proofs of a list's end, and heads of lists that were taken up again */
  endProofs: number
  /** the fewest: full pages for the registrations that were listed, and a call for each detail that was read */
  lowerBound: number
}

/** Counts what one account's backfill does, from its first call to its last. */
export class Tally {
  readonly byPurpose: Partial<Record<CallPurpose, number>> = {}
  /** Lists in the order in which they were finished. */
  readonly finished: string[] = []
  readonly #lists = new Map<string, ListTally>()

  /** The ledger's word that a call begins. */
  called({ purpose, eventId }: { purpose: CallPurpose; eventId: string | null }): void {
    this.byPurpose[purpose] = (this.byPurpose[purpose] ?? 0) + 1
    if (eventId !== null) this.#of(eventId).calls++
  }

  /** A pass begins or goes on where it has seen so many. */
  begin(eventId: string, distinct: number): void {
    this.#of(eventId).distinct = distinct
  }

  /** A page, or a detail, was read. */
  progressed({ eventId, kind, done, total }: Parameters<Progress>[0]): void {
    const list = this.#of(eventId)
    if (kind === 'details') return
    const fresh = Math.max(0, done - list.distinct)
    list.rows += fresh
    list.mostOfPage = Math.max(list.mostOfPage, fresh)
    if (fresh === 0) list.proofs++
    Object.assign(list, { distinct: done, total })
  }

  /** What the pages of this run have shown of a list. */
  shown(eventId: string): { rows: number; total: number | null } {
    const { distinct, total } = this.#of(eventId)
    return { rows: distinct, total }
  }

  listed({ eventId, lines, runIds, error, paused }: ListOutcome): void {
    const list = this.#of(eventId)
    for (const [i, { partnerId, seen, unchanged, rejected }] of lines.entries())
      add(list, partnerId, { seen, unchanged, rejected, runId: runIds[i] ?? null })
    if (error !== null || paused) return
    list.complete = lines.some(({ complete }) => complete)
    this.finished.push(eventId)
  }

  detailed(eventId: string, { read, holders }: DetailsOutcome): void {
    const list = this.#of(eventId)
    list.details += read
    for (const { partnerId, rejected, runId } of holders)
      add(list, partnerId, { seen: 0, unchanged: 0, rejected, runId })
  }

  counts(): CallCounts {
    const lists = [...this.#lists.values()]
    const sum = (of: (list: ListTally) => number) => lists.reduce((all, list) => all + of(list), 0)
    return {
      calls: Object.values(this.byPurpose).reduce((all, calls) => all + calls, 0),
      byPurpose: this.byPurpose,
      endProofs: sum(({ proofs }) => proofs),
      lowerBound: sum(
        ({ rows, mostOfPage, details }) => details + (rows === 0 ? 0 : Math.ceil(rows / mostOfPage)),
      ),
    }
  }

  /** A line per timing partner and list that was worked on, as `sync` has them. Who was listed and then detailed counts once. */
  async lines(db: Db, provider: string): Promise<SyncLine[]> {
    const lines: SyncLine[] = []
    for (const [eventId, list] of this.#lists) {
      const partnerIds = [...list.partners.keys()].sort((a, b) => a - b)
      for (const partnerId of partnerIds) {
        const { seen, unchanged, rejected, runIds } = list.partners.get(partnerId)!
        lines.push({
          ...{ provider, partnerId, eventId, kind: 'sweep' },
          calls: partnerId === partnerIds[0] ? list.calls : 0,
          seen,
          ...(await tallyRuns(db, [...runIds])),
          ...{ unchanged, rejected, complete: list.complete },
        })
      }
    }
    return lines
  }

  #of(eventId: string): ListTally {
    let list = this.#lists.get(eventId)
    if (list === undefined) {
      list = {
        ...{ calls: 0, proofs: 0, rows: 0, mostOfPage: 0, distinct: 0, total: null, details: 0 },
        complete: false,
        partners: new Map(),
      }
      this.#lists.set(eventId, list)
    }
    return list
  }
}

function add(
  { partners }: ListTally,
  partnerId: number,
  done: { seen: number; unchanged: number; rejected: number; runId: number | null },
): void {
  const so = partners.get(partnerId) ?? { seen: 0, unchanged: 0, rejected: 0, runIds: new Set<number>() }
  so.seen += done.seen
  so.unchanged += done.unchanged
  so.rejected += done.rejected
  if (done.runId !== null) so.runIds.add(done.runId)
  partners.set(partnerId, so)
}
