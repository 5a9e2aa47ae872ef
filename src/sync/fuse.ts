import { eventsOfAccount } from '../store/events.ts'
import { agreeAgainFromNow, openHold, openHoldOf, type Sample } from '../store/holds.ts'
import type { AccountContext, EventContext } from './context.ts'
import { eventSchedule } from './event-schedule.ts'
import type { Pass } from './pass.ts'
import { type Checked, checkSingly, provenGone } from './single-reads.ts'

/** Most rows that are asked for one by one, unless a twentieth of the event is more (A1, A2). */
const FEW = 20
const SAMPLES = 5
const HOUR = 3_600_000
/** A sweep agrees with a hold that has waited this long. */
const AGREES_AFTER = 6 * HOUR
/** Nearer to the start only a person decides. */
const AT_LEAST_BEFORE_START = 24 * HOUR

/** What a sweep did not show, beside what was stored before it. */
export interface Absent {
  known: number
  absent: number
  keys: string[]
}

/** Is this more than is asked for one by one (A2)? */
export function isFused({ known, absent }: Pick<Absent, 'known' | 'absent'>, listIsEmpty: boolean): boolean {
  return absent > fewOf(known) || (known >= 4 && absent > known / 2) || listIsEmpty
}

const fewOf = (known: number) => Math.max(FEW, Math.floor(known * 0.05))

/** What follows when the fuse has blown. */
export type FuseVerdict =
  /** The list cannot be trusted: read it again. */
  | { do: 'repeat' }
  /** A person decides, or a later sweep. */
  | { do: 'hold' }
  /** The hold waited, and all speaks for it: these registrations are removed. */
  | { do: 'apply'; holdId: number; keys: string[] }

/**
 * Many are absent: a few are asked for, and if one is alive the list is read again, once. Else a hold opens, or the
 * open one waits on; a sweep that agrees with it six hours later applies it (A2). An open hold that has not grown by
 * more than the fuse costs no further call.
 */
export async function judgeMany(
  account: AccountContext,
  event: EventContext,
  pass: Pass,
  many: Absent,
): Promise<FuseVerdict> {
  const open = await openHoldOf(account.db, event.at, 'removal')
  if (open !== null && many.absent - open.keys.length <= fewOf(many.known)) {
    return (await mayAgree(account, event, open)) ? agree(account, event, pass, open) : { do: 'hold' }
  }
  const sampled = await checkSingly(account, event, spread(many.keys, SAMPLES))
  if (sampled.hidden.size > 0 && !pass.repeated) return { do: 'repeat' }
  await openHold(account.db, {
    ...event.at,
    kind: 'removal',
    reason: reasonOf(pass, sampled),
    absent: many.absent,
    known: many.known,
    keys: many.keys,
    samples: samplesOf(sampled),
    runId: event.holders[0]?.runId ?? null,
  })
  return { do: 'hold' }
}

/** Has the hold waited, is the event still discovered, and its start far (A2)? Without a date nobody can tell. */
async function mayAgree(
  account: AccountContext,
  { at }: EventContext,
  open: { agreeFrom: number },
): Promise<boolean> {
  const now = account.clock.now()
  if (now - open.agreeFrom < AGREES_AFTER) return false
  const [event] = await eventsOfAccount(account.db, at.accountId, { eventIds: [at.eventId] })
  if (event === undefined || event.missing) return false
  const { start } = eventSchedule(event)
  return start !== null && start - now > AT_LEAST_BEFORE_START
}

/**
 * Asks for samples anew: all must be gone, while a registration that is listed answers on the same route. An empty list
 * has none that could; there the samples alone decide.
 */
async function agree(
  account: AccountContext,
  event: EventContext,
  pass: Pass,
  { holdId, keys }: { holdId: number; keys: string[] },
): Promise<FuseVerdict> {
  const samples = spread(keys, SAMPLES)
  const sampled = await checkSingly(account, event, samples)
  if (sampled.hidden.size > 0 && !pass.repeated) return { do: 'repeat' }
  const proven = pass.walk.distinct === 0 ? sampled : await provenGone(account, event, pass, sampled)
  if (proven.gone.length === samples.length) return { do: 'apply', holdId, keys }
  await agreeAgainFromNow(account.db, holdId)
  return { do: 'hold' }
}

function reasonOf(pass: Pass, sampled: Checked): string {
  if (pass.walk.distinct === 0) return 'the list came back empty'
  // Twice: a list that hides them on purpose must not make every further sweep fail.
  if (sampled.hidden.size > 0) return 'the list hides registrations that exist'
  return 'more registrations vanished at once than cancellations explain'
}

function samplesOf({ gone, hidden }: Checked): Sample[] {
  return [
    ...gone.map((key) => ({ key, found: false })),
    ...[...hidden.keys()].map((key) => ({ key, found: true })),
  ]
}

/** `count` keys spread evenly over all of them. */
function spread(keys: readonly string[], count: number): string[] {
  if (keys.length <= count) return [...keys]
  return Array.from({ length: count }, (_, i) => keys[Math.floor((i * keys.length) / count)]).filter(
    (key) => key !== undefined,
  )
}
