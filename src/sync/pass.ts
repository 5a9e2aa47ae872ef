import type { Clock } from '../domain/clock.ts'
import { intervalAt } from '../domain/schedule.ts'
import type { SyncState } from '../store/sync-state.ts'
import type { AccountContext, EventContext } from './context.ts'
import type { Head } from './line.ts'
import { resumeWalk, startWalk, type Walk, type WalkNote } from './walk.ts'

/** A pass under way. For a sweep, and a look, it is stored after every page: its checkpoint (W3). */
export interface Pass {
  kind: 'poll' | 'sweep'
  /** A poll of what jumped to the head of a list while a sweep read it; nobody may poll afterwards (W1). */
  isLook: boolean
  /** A poll between two pages of a first sweep, and part of its run (W8). */
  withinSweep: boolean
  /** What its rows are stored under (W4); 0 before its first page, and again when a checkpoint is taken up. */
  number: number
  /** What its sweep, or look, has seen is kept under: the number that it began with (A1). */
  seenAs: number
  walk: Walk
  /** What page 1 offered: `Date` in ms, watermark in microseconds as text (JSON has no bigint), head. */
  began: number
  watermark: string | null
  head: Head | null
  /** When page 1 was last read, by this pass or within it; ms since the epoch */
  headAt: number
  /** `Date` of page 1 of the walk under way, ms, and when the last of those left whom the feed of removals told of (W1). */
  listedFrom: number
  goneAt: number | null
  /** So many pages are its own before one of the head is again: polls within take no more calls than it does (W8). */
  ownPages: number
  /** Page 1 brought nothing new to an event that was complete: what changed further down was hidden (W9). */
  quietHead: boolean
  /** Where the order of the remembered head begins again was met, and which of its keys stood above (W6). */
  belowHead: boolean
  metHead: string[]
  /** Something changed behind a quiet first page; rows came twice, so the list moved while it was read (W9). */
  hidden: boolean
  drifted: boolean
  /** Somebody may have jumped to the head before this look began, or was seen to have. */
  jumped: boolean
  /** Timing partners for whom every page so far is stored: only they are current in the end (S2). */
  partnerIds: number[]
  /** One of the rows was read singly under this event, so the list is not another event's (A3). */
  verified: boolean
  /** The list is read; what is absent from it is being judged (A1). */
  listed: boolean
  /** The sweep was repeated because an absent row proved to be alive (A2). */
  repeated: boolean
  /** List rows held whole registrations when the pass began; a checkpoint of the other form is of no use (F1). */
  whole: boolean
  /** The events that it asks for: of others it proves nothing. */
  events: readonly string[]
  /** What changed before this stamp (microseconds, as text) is not asked for; null for the whole list. */
  since: string | null
  /** When it was first tried, and last stored; ms since the epoch */
  startedAt: number
  savedAt: number
  notes: WalkNote[]
}

const HOUR = 3_600_000
/** What was learnt of lists is believed so long, ms. */
export const BELIEVED_MS = 7 * 24 * HOUR

/** A pass that has not read a page yet. */
export function freshPass(
  account: AccountContext,
  event: EventContext,
  kind: 'poll' | 'sweep',
  watermark: bigint | null = null,
): Pass {
  return {
    kind,
    isLook: false,
    withinSweep: false,
    number: 0,
    seenAs: 0,
    walk: startWalk(kind, account.connection.askPageSize),
    began: 0,
    watermark: null,
    head: null,
    headAt: account.clock.now(),
    listedFrom: 0,
    goneAt: null,
    ownPages: 0,
    quietHead: false,
    belowHead: false,
    metHead: [],
    hidden: false,
    drifted: false,
    jumped: false,
    partnerIds: event.holders.map(({ holder }) => holder.partnerId),
    verified: false,
    listed: false,
    repeated: false,
    whole: !account.connection.needsDetail,
    events: event.events,
    since:
      account.provider.capabilities.modifiedSince && kind === 'poll' ? sinceOf(account, watermark) : null,
    startedAt: event.startedAt,
    savedAt: account.clock.now(),
    notes: [],
  }
}

/** A coarse stamp lies before the change that it is of, by as much as it was cut (W10). */
function sinceOf({ traits }: AccountContext, watermark: bigint | null): string | null {
  return watermark === null ? null : String(watermark - BigInt(traits.stampStep - 1) * 1_000_000n)
}

/** The sweep that a checkpoint goes on with; null when there is none, or it is of no use any more. */
export function resumedPass(
  account: AccountContext,
  event: EventContext,
  state: SyncState<Pass>,
): Pass | null {
  const pass = state.pass
  if (pass === null || !isOfUse(pass, account, event)) return null
  if (pass.listed) return pass
  const paused = account.clock.now() - pass.savedAt
  // A new number: a poll may have finished meanwhile, and must not vouch for rows that this sweep stores after it.
  return { ...pass, number: 0, walk: paused > HOUR ? resumeWalk(pass.walk) : pass.walk }
}

/**
 * A look that has not read a page yet.
 * @param isAgain the one before it met rows twice
 */
export function freshLook(
  account: AccountContext,
  event: EventContext,
  { watermark }: SyncState<Pass>,
  isAgain: boolean,
): Pass {
  return { ...freshPass(account, event, 'poll', watermark), isLook: true, jumped: !isAgain }
}

/** The look that a checkpoint goes on with; null when there is none. One that is older than an hour begins again (W3). */
export function resumedLook(
  account: AccountContext,
  event: EventContext,
  { look }: SyncState<Pass>,
): Pass | null {
  if (look === null || !isOfUse(look, account, event) || account.clock.now() - look.savedAt > HOUR)
    return null
  return { ...look, number: 0 }
}

/** Another set of events is another list; a checkpoint of an earlier release does not say which it was. */
function isOfUse(pass: Pass, { connection }: AccountContext, { events }: EventContext): boolean {
  return pass.whole === !connection.needsDetail && events.every((id) => pass.events?.includes(id))
}

/** Is the head of a list that no sweep has finished to be read again, though the sweep goes on (W8)? */
export function headIsDue(
  account: AccountContext,
  { schedule }: EventContext,
  { completeAt }: SyncState<Pass>,
  sweep: Pass,
): boolean {
  if (completeAt !== null || (sweep.watermark === null && sweep.head === null)) return false
  if (sweep.ownPages > 0 || !showsNewsFirst(account)) return false
  const every = intervalAt(schedule, account.clock.now())
  return every !== null && account.clock.now() - sweep.headAt >= every
}

/**
 * The poll that reads it: above the newest of what page 1 showed, for the sweep reads on below. Timing partners who came
 * amid the sweep are levelled after it, and ask for nothing here (S2).
 */
export function headPass(
  account: AccountContext,
  event: EventContext,
  { watermark }: SyncState<Pass>,
  { partnerIds, goneAt }: Pass,
): Pass {
  return { ...freshPass(account, event, 'poll', watermark), withinSweep: true, partnerIds, goneAt }
}

/**
 * What a poll within a sweep leaves to it: whose page could not be written lacks rows in the end (S2), and the head that
 * was read to its line is the newest one that is remembered (W5, W6). A poll that took many pages is not soon followed
 * by another: a provider that gives the whole list for a filter that it does not know would never be read to its end.
 */
export function takeOver(sweep: Pass, poll: Pass, isFinished: boolean): void {
  const { began, head, partnerIds, goneAt, walk } = poll
  const kept = { partnerIds, goneAt, ownPages: walk.page }
  Object.assign(sweep, kept, isFinished && { began, head })
}

/** Can what changed be read without the rest: do the account's lists give it alone, or before everything else (W9)? */
export function showsNewsFirst(account: AccountContext): boolean {
  return account.provider.capabilities.modifiedSince || !isBelieved(account.traits.unorderedSince, account)
}

/**
 * Did the list move under a pass, so that who jumped to its head is still to be read (W1)? Where lists are not sorted
 * nobody jumps.
 */
export function hasMoved(pass: Pass, account: AccountContext): boolean {
  return pass.drifted && !isBelieved(account.traits.unorderedSince, account)
}

/**
 * Did somebody leave the list while it was read? Who stood behind moved up, and one of them from a page still to be read to
 * one that was (W1). Not where page 1 had room: it was the whole list.
 */
export function hasShifted({ walk, goneAt, listedFrom }: Pass, { traits }: AccountContext): boolean {
  if (goneAt === null || walk.page === 0 || (walk.page === 1 && walk.short !== null)) return false
  return goneAt + traits.stampStep * 1000 > listedFrom
}

/**
 * Is the head to be read after this poll? Whoever jumped while a look met rows twice is news to the next one. If that finds
 * none, rows come twice for another reason, and would for ever: where nobody can tell their order, a provider may deal
 * them anew at each call. A page cannot move under itself.
 */
export function owesLook(pass: Pass, { headOwed }: SyncState<Pass>): boolean {
  return pass.isLook ? pass.drifted && pass.jumped : headOwed && pass.walk.page > 1
}

/** What was learnt of an account's lists is believed for a week, then tried again (F1, W9). */
export function isBelieved(since: number | null, { clock }: { clock: Clock }): boolean {
  return since !== null && clock.now() - since < BELIEVED_MS
}

/** The account's lists are not sorted newest first: its polls are sweeps until that is no longer believed (W9). */
export async function noteUnordered(account: AccountContext): Promise<void> {
  await account.saveTraits({ ...account.traits, unorderedSince: account.clock.now() })
}
