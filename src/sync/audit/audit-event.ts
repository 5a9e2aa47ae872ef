import type { CallClass } from '../../domain/account.ts'
import type { StartlistError } from '../../domain/errors.ts'
import { markAudited } from '../../store/audit/plan.ts'
import { type Audit, type Finding, saveAudit } from '../../store/audit/results.ts'
import { type AuditedList, countHeld, countListed, countNews, drawSample } from '../../store/audit/rows.ts'
import { noteRereads } from '../../store/blindness.ts'
import type { AccountEvent } from '../../store/events.ts'
import { checkFence } from '../../store/lanes.ts'
import { readState } from '../../store/sync-state.ts'
import { type AccountContext, type Between, type EventContext, eventContext } from '../context.ts'
import { asError } from '../event-sync.ts'
import { isBelieved } from '../pass.ts'
import { recompute } from '../stored-rows.ts'
import { type CountVerdict, judgeCount } from './counts.ts'
import { replayFeed } from './feed.ts'
import { compareSample, type SampleResult } from './sample.ts'

/** How thoroughly an event is audited. */
export interface AuditRequest {
  class: CallClass
  /** Registrations to read singly, a call each. */
  sample: number
  /** Registrations whose feed is replayed, at most; where not all are, the seed says from which on. */
  replay: number
  /** The same seed draws the same registrations. */
  seed: string
  between?: Between
}

/** What became of an event's audit: one for each current holder. */
export interface AuditOutcome {
  eventId: string
  audits: Audit[]
  /** Broken off before it was worth keeping; it is to be done again. */
  stopped: boolean
  error: StartlistError | null
}

/** A sample that was broken off below this many reads is done again. */
const LEAST_SAMPLE = 5
/** Mismatches of one event that are kept; more are no news. */
const MOST_FINDINGS = 1_000

/**
 * Audits one event: our count against the provider's total, a random sample against single reads, the feed replayed to
 * the rows. Keeps the result, in place of the audit before. Never throws for one event's trouble.
 */
export async function auditEvent(
  account: AccountContext,
  event: AccountEvent,
  request: AuditRequest,
): Promise<AuditOutcome> {
  const run = eventContext(account, event, 'details', request)
  const outcome: AuditOutcome = { eventId: event.eventId, audits: [], stopped: false, error: null }
  try {
    await recompute(account, run)
    account.spendAs(request.class)
    const [first] = run.holders.filter(({ holder }) => holder.state === 'current')
    if (first === undefined) return outcome
    const list = listOf(run, first.holder.partnerId)
    const total = await askTotal(account, run)
    const counts = await countAll(account, run, total)
    const sampled = await sample(account, run, list, request)
    if (sampled.stopped && sampled.sampled < LEAST_SAMPLE) return { ...outcome, stopped: true }
    outcome.audits = await keep(account, run, { request, counts, total, sampled })
  } catch (error) {
    outcome.error = asError(error)
  }
  await markAudited(account.db, run.at.accountId, run.eventId)
  return outcome
}

const listOf = ({ at, events }: EventContext, partnerId: number): AuditedList => ({
  provider: at.provider,
  partnerId,
  eventId: at.eventId,
  events,
})

/** The provider's total, and who stands on the first page; null where totals do not exist or were proven wrong (W2). */
interface Total {
  theirs: number | null
  keys: string[]
}

async function askTotal(account: AccountContext, { eventId, events }: EventContext): Promise<Total | null> {
  const areWrong = isBelieved(account.traits.totalsWrongSince, account)
  if (!account.provider.capabilities.totals || areWrong) return null
  const request = { page: 1, perPage: account.connection.askPageSize, events }
  const { rows, total } = await account.connection.listParticipants(eventId, request)
  return { theirs: total, keys: rows.map((row) => row.key) }
}

interface Counted {
  ours: number
  verdict: CountVerdict
}

async function countAll(
  { db }: AccountContext,
  run: EventContext,
  total: Total | null,
): Promise<Map<number, Counted>> {
  const held = await countHeld(db, run.at)
  const counted = new Map<number, Counted>()
  for (const { holder } of run.holders) {
    if (holder.state !== 'current') continue
    const list = listOf(run, holder.partnerId)
    const ours = await countListed(db, run.shape, list)
    const keys = total?.keys ?? []
    const news = await countNews(db, run.shape, list, keys)
    const verdict = judgeCount({ ours, theirs: total?.theirs ?? null, listed: keys.length, news, held })
    counted.set(holder.partnerId, { ours, verdict })
  }
  return counted
}

async function sample(
  account: AccountContext,
  run: EventContext,
  list: AuditedList,
  { sample: limit, seed }: AuditRequest,
): Promise<SampleResult> {
  const { needsDetail } = account.connection
  const reads = account.provider.capabilities.singleRead ? limit : 0
  const keys = await drawSample(account.db, run.shape, list, { seed, limit: reads, thin: needsDetail })
  const { finishedBegan } = await readState(account.db, run.at.accountId, run.eventId)
  const result = await compareSample(account, run, keys, finishedBegan)
  const { sampled, gone, moved, blind } = result
  // Where a list holds whole registrations, no round waits for what it hides.
  if (needsDetail) await noteRereads(account.db, run.at.accountId, { read: sampled - gone - moved, blind })
  return result
}

/** Replays the feed of every holder, and stores what was found for each; the calls stand on the first. */
async function keep(
  account: AccountContext,
  run: EventContext,
  done: { request: AuditRequest; counts: Map<number, Counted>; total: Total | null; sampled: SampleResult },
): Promise<Audit[]> {
  const { request, counts, total, sampled } = done
  const audits: Audit[] = []
  for (const [partnerId, { ours, verdict }] of counts) {
    const list = listOf(run, partnerId)
    const feed = await replayFeed(account, run, list, await replayScope(account, run, list, request))
    const missing: Finding[] = verdict === 'missing' ? [{ kind: 'count', key: '', fields: [] }] : []
    const findings = [...missing, ...(sampled.findings.get(partnerId) ?? []), ...feed.findings]
    audits.push({
      provider: run.at.provider,
      partnerId,
      eventId: run.eventId,
      accountId: run.at.accountId,
      complete: !sampled.stopped,
      ours,
      theirs: total?.theirs ?? null,
      count: verdict,
      sampled: sampled.sampled,
      blind: sampled.blind,
      moved: sampled.moved,
      gone: sampled.gone,
      replayed: feed.replayed,
      calls: audits.length === 0 ? account.calls() - run.callsBefore : 0,
      findings: findings.slice(0, MOST_FINDINGS),
    })
  }
  await account.db.transaction().execute(async (trx) => {
    await checkFence(trx, run.at.accountId, account.fence)
    for (const audit of audits) await saveAudit(trx, audit)
  })
  return audits
}

/** All rows, or so many behind a key that the seed draws: night by night another stretch of a large event. */
async function replayScope(
  { db }: AccountContext,
  { shape }: EventContext,
  list: AuditedList,
  { replay, seed }: AuditRequest,
): Promise<{ from: string; most: number }> {
  if (replay === Number.POSITIVE_INFINITY) return { from: '', most: replay }
  if ((await countListed(db, shape, list)) <= replay) return { from: '', most: replay }
  const [from = ''] = await drawSample(db, shape, list, { seed, limit: 1, thin: false })
  return { from, most: replay }
}
