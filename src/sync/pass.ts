import { StartlistError } from '../domain/errors.ts'
import type { ListPage } from '../providers/provider.ts'
import type { Trx } from '../store/database.ts'
import { checkFence } from '../store/lanes.ts'
import { changedBeyond } from '../store/participants/changed-beyond.ts'
import { countLive } from '../store/participants/count.ts'
import { forgetSeen, markSeen } from '../store/sweep-seen.ts'
import { beginPass, finishPass, readState, type SyncState, saveCheckpoint } from '../store/sync-state.ts'
import { judgeAbsences } from './absence.ts'
import type { AccountContext, EventContext } from './context.ts'
import { verifyForeign } from './foreign.ts'
import { closeRuns, recordPage } from './history.ts'
import {
  belowHead,
  type Head,
  hasStamps,
  headOf,
  isHead,
  lineOf,
  outOfOrder,
  raise,
  reachedLine,
  watermarkOf,
} from './line.ts'
import { nextPage, resumeWalk, type Step, startWalk, step, type Walk, type WalkNote } from './walk.ts'
import { distinctRows, type PageOutcome, probePage, writePage } from './write-page.ts'

/** A pass under way. For a sweep it is stored after every page: its checkpoint (W3). */
export interface Pass {
  kind: 'poll' | 'sweep'
  number: number
  walk: Walk
  /** What page 1 offered: `Date` in ms, watermark in microseconds as text (JSON has no bigint), head. */
  began: number
  watermark: string | null
  head: Head | null
  /** Page 1 brought nothing new to an event that was complete: what changed further down was hidden (W9). */
  quietHead: boolean
  /** A remembered head row was met (W6). */
  metHead: boolean
  /** One of the rows was read singly under this event, so the list is not another event's (A3). */
  verified: boolean
  /** The list is read; what is absent from it is being judged (A1). */
  listed: boolean
  /** The sweep was repeated because an absent row proved to be alive (A2). */
  repeated: boolean
  /** List rows held whole registrations when the pass began; a checkpoint of the other form is of no use (F1). */
  whole: boolean
  /** ms since the epoch */
  savedAt: number
  notes: WalkNote[]
}

export interface PassResult {
  kind: 'poll' | 'sweep'
  /** A finished sweep, or a finished poll of a complete event, with nothing held back. */
  complete: boolean
  held: boolean
}

const HOUR = 3_600_000
const WEEK = 7 * 24 * HOUR

/**
 * One pass over an event's list. A poll reads down to the line; a sweep reads all, goes on from its checkpoint, and
 * judges what is absent. Every page commits with its rows, feed, rejects, marks and history, or not at all (D1).
 * @throws StartlistError by class; what was read until then is stored, and no mark has moved (W7)
 */
export async function runPass(
  account: AccountContext,
  event: EventContext,
  wanted: 'poll' | 'sweep',
): Promise<PassResult> {
  const state = await readState<Pass>(account.db, account.account.accountId, event.eventId)
  const unordered = isRecent(account.traits.unorderedSince, account)
  const kind = wanted === 'sweep' || state.completeAt === null || unordered ? 'sweep' : 'poll'
  const run = new PassRun(account, event, state)
  const result = kind === 'poll' ? await run.poll() : await run.sweep()
  // A poll that met an unsorted list proves nothing; a sweep does its work at once (W9).
  return result ?? (await new PassRun(account, event, state).sweep())
}

function isRecent(since: number | null, { clock }: AccountContext): boolean {
  return since !== null && clock.now() - since < WEEK
}

class PassRun {
  readonly #account: AccountContext
  readonly #event: EventContext
  readonly #state: SyncState<Pass>

  constructor(account: AccountContext, event: EventContext, state: SyncState<Pass>) {
    this.#account = account
    this.#event = event
    this.#state = state
  }

  /** @returns null when the list proved to be unsorted */
  async poll(): Promise<PassResult | null> {
    const pass = this.#fresh('poll')
    for (;;) {
      const next = await this.#readPage(pass)
      if (next.do === 'finish') return { kind: 'poll', complete: true, held: false }
      if (next.do === 'abandon') {
        await this.#account.saveTraits({ ...this.#account.traits, unorderedSince: this.#account.clock.now() })
        return null
      }
      this.#mustGoOn(next)
    }
  }

  async sweep(): Promise<PassResult> {
    let pass = this.#resumed() ?? this.#fresh('sweep')
    for (;;) {
      while (!pass.listed) this.#mustGoOn(await this.#readPage(pass))
      const verdict = await judgeAbsences(this.#account, this.#event, pass, this.#state)
      if (verdict.do === 'finish') return { kind: 'sweep', complete: !verdict.held, held: verdict.held }
      if (pass.repeated) {
        throw new StartlistError(
          'UNSTABLE_LIST',
          `event ${this.#event.eventId}: the list hides registrations that exist`,
        )
      }
      pass = { ...this.#fresh('sweep'), repeated: true }
    }
  }

  #fresh(kind: 'poll' | 'sweep'): Pass {
    return {
      kind,
      number: 0,
      walk: startWalk(kind, this.#account.connection.askPageSize),
      began: 0,
      watermark: null,
      head: null,
      quietHead: false,
      metHead: false,
      verified: false,
      listed: false,
      repeated: false,
      whole: !this.#account.connection.needsDetail,
      savedAt: this.#account.clock.now(),
      notes: [],
    }
  }

  /** The stored checkpoint, if it is still of use. */
  #resumed(): Pass | null {
    const pass = this.#state.pass
    if (pass === null || pass.whole !== !this.#account.connection.needsDetail) return null
    const paused = this.#account.clock.now() - pass.savedAt
    return paused > HOUR && !pass.listed ? { ...pass, walk: resumeWalk(pass.walk) } : pass
  }

  #mustGoOn(next: Step): void {
    if (next.do === 'fail') {
      throw new StartlistError('UNSTABLE_LIST', `event ${this.#event.eventId}: the page size kept changing`)
    }
    this.#account.signal.throwIfAborted()
  }

  /** Reads one page, stores it with all that belongs to it, and leaves `pass` at the next step. */
  async #readPage(pass: Pass): Promise<Step> {
    const { account } = this
    const request = nextPage(pass.walk)
    let page = await account.connection.listParticipants(this.#event.eventId, {
      ...request,
      learn: pass.kind === 'sweep' && request.page === 1,
    })
    if (pass.walk.page === 0) pass.whole = !account.connection.needsDetail
    let next = await this.#commit(pass, page, request.page)
    if (next === 'foreign') {
      page = await verifyForeign(account, this.#event, request, page)
      pass.verified = true
      next = await this.#commit(pass, page, request.page)
    }
    if (next === 'foreign') throw new StartlistError('INTERNAL', 'a verified list was doubted again')
    account.progress({
      eventId: this.#event.eventId,
      kind: 'list',
      done: pass.walk.distinct,
      total: page.total,
      calls: account.calls(),
    })
    return next
  }

  private get account(): AccountContext {
    return this.#account
  }

  async #commit(pass: Pass, page: ListPage, number: number): Promise<Step | 'foreign'> {
    const attempt: Pass = { ...pass }
    const runsBefore = this.#event.holders.map((holder) => ({
      runId: holder.runId,
      counts: { ...holder.counts },
    }))
    try {
      const next = await this.#account.db
        .transaction()
        .execute((trx) => this.#store(trx, attempt, page, number))
      if (next !== 'foreign') Object.assign(pass, attempt)
      return next
    } catch (error) {
      // What the transaction had counted did not happen.
      this.#event.holders.forEach((holder, i) => {
        Object.assign(holder, runsBefore[i])
      })
      throw error
    }
  }

  async #store(trx: Trx, pass: Pass, page: ListPage, number: number): Promise<Step | 'foreign'> {
    const { accountId } = this.#account.account
    const { eventId } = this.#event
    await checkFence(trx, accountId, this.#account.fence)
    if (pass.number === 0) pass.number = await beginPass(trx, accountId, eventId)
    const rows = distinctRows(page)
    const { hits, outcome } = await probePage(trx, this.#event, { proven: this.#state.finishedPass }, rows)
    if (await this.#looksForeign(trx, pass, outcome)) return 'foreign'

    if (number === 1 && pass.walk.page === 0) this.#takeHead(pass, page, rows, outcome)
    if (await this.#isHidden(trx, pass, rows, outcome)) {
      await this.#account.saveTraits({ ...this.#account.traits, unorderedSince: this.#account.clock.now() })
    }
    await writePage(
      trx,
      this.#event,
      { kind: pass.kind, number: pass.number, proven: this.#state.finishedPass, whole: pass.whole },
      page,
      rows,
      hits,
    )
    const keys = keysOf(page)
    const seen = { accountId, eventId, pass: pass.number }
    // Polls mark too while a sweep is under way: what they saw is not absent (A1).
    const sweeping =
      pass.kind === 'sweep' ? seen : this.#state.pass && { ...seen, pass: this.#state.pass.number }
    const fresh = sweeping ? await markSeen(trx, sweeping, keys) : null
    const facts = {
      keys,
      total: isRecent(this.#account.traits.totalsWrongSince, this.#account) ? null : page.total,
      date: page.date,
      fresh: pass.kind === 'sweep' ? fresh : null,
      reachedKnown: pass.kind === 'poll' && this.#reachedKnown(pass, page, rows, outcome),
      outOfOrder: outOfOrder(page.rows),
    }
    const { walk, step: next } = step(pass.walk, facts)
    pass.walk = walk
    await this.#settle(trx, pass, next)
    return next
  }

  /** Page 1 decides what the pass will leave behind when it finishes (W6, W7). */
  #takeHead(pass: Pass, page: ListPage, rows: ReturnType<typeof distinctRows>, outcome: PageOutcome): void {
    const { mark } = watermarkOf(rows, page.date)
    pass.began = page.date
    pass.watermark = mark === null ? null : mark.toString()
    pass.head = hasStamps(rows) ? null : headOf(rows)
    pass.quietHead = this.#state.completeAt !== null && rows.length > 0 && rows.every(outcome.isKnown)
  }

  #reachedKnown(
    pass: Pass,
    page: ListPage,
    rows: ReturnType<typeof distinctRows>,
    { isKnown }: PageOutcome,
  ): boolean {
    if (hasStamps(rows)) return reachedLine(page.rows, lineOf(this.#state), isKnown)
    const { head } = this.#state
    if (pass.walk.page === 0 && isHead(rows, head)) return rows.every(isKnown)
    const reached = belowHead(rows, head, pass.metHead, isKnown)
    const remembered = new Set(head?.map(([key]) => key))
    pass.metHead ||= rows.some((row) => remembered.has(row.key))
    return reached
  }

  /** A first page that shares no key with an event of more than 20 known rows may be another event's (A3). */
  async #looksForeign(trx: Trx, pass: Pass, outcome: PageOutcome): Promise<boolean> {
    if (!outcome.allUnknown || pass.verified || this.#state.completeAt === null) return false
    const partnerIds = this.#event.holders.map((h) => h.holder.partnerId)
    return (await countLive(trx, this.#event.shape, { eventId: this.#event.eventId, partnerIds })) > 20
  }

  /**
   * Did something change behind a quiet first page? With stamps only a stamp newer than all of page 1 proves that
   * the list is unsorted: an age that grew on a birthday bears its old stamp, and must not turn every poll of the
   * account into a sweep (W9).
   */
  async #isHidden(
    trx: Trx,
    pass: Pass,
    rows: ReturnType<typeof distinctRows>,
    outcome: PageOutcome,
  ): Promise<boolean> {
    if (pass.kind !== 'sweep') return false
    if (outOfOrder(rows)) return true
    if (!pass.quietHead || pass.walk.page === 0 || outcome.changed.size === 0) return false
    const changed = rows.filter((row) => outcome.changed.has(row.key))
    if (pass.watermark !== null)
      return changed.some((row) => row.stamp !== null && row.stamp > BigInt(pass.watermark ?? 0))
    const [first] = this.#event.holders
    if (first === undefined) return false
    const at = { partnerId: first.holder.partnerId, eventId: this.#event.eventId }
    return changedBeyond(trx, this.#event.shape, at, changed, this.#account.provider.capabilities.clockKeys)
  }

  /** Stores what follows from the page's step: the checkpoint, or for a poll its end. */
  async #settle(trx: Trx, pass: Pass, next: Step): Promise<void> {
    const { accountId } = this.#account.account
    const { eventId } = this.#event
    pass.savedAt = this.#account.clock.now()
    if (next.do === 'finish') pass.notes = next.notes
    if (pass.kind === 'sweep') {
      if (next.do === 'restart') await forgetSeen(trx, accountId, eventId)
      if (next.do === 'finish') pass.listed = true
      await saveCheckpoint(trx, accountId, eventId, pass)
      await recordPage(trx, this.#account, this.#event)
      return
    }
    if (next.do === 'finish') {
      await finishPass(trx, accountId, eventId, {
        pass: pass.number,
        kind: 'poll',
        watermark: raise(this.#state.watermark, pass.watermark === null ? null : BigInt(pass.watermark)),
        began: pass.began,
        head: pass.head,
        complete: false,
      })
      await closeRuns(trx, this.#account, this.#event, { quietPoll: true, complete: true })
    } else {
      await recordPage(trx, this.#account, this.#event)
    }
  }
}

/** A page's keys as sent; a keyless record counts under its fingerprint, so that counts can agree with totals. */
function keysOf(page: ListPage): string[] {
  return [
    ...page.rows.map((row) => row.key),
    ...page.keyless.map((row) => `#${row.fingerprint.toString('hex')}`),
  ]
}
