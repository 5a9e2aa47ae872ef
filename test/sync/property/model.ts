import { VirtualClock } from '../../../src/domain/clock.ts'
import { StartlistError } from '../../../src/domain/errors.ts'
import {
  assignBibs,
  type Fault,
  hide,
  type Organization,
  Rng,
  randomMove,
  register,
  remove,
  type TrueEvent,
  type World,
  world,
} from '../../../src/simulator/index.ts'
import type { Db } from '../../../src/store/database.ts'
import { setPartnerCadence } from '../../../src/store/partners.ts'
import type { SyncRequest } from '../../../src/sync/account-sync.ts'
import { type Installation, installOn, START } from '../../helpers/installation-on.ts'
import { type Difference, differences } from '../../helpers/truth.ts'
import { FeedReader } from './feed.ts'
import { History } from './history.ts'
import type { During, Moves, Plan, Step, SyncStep } from './plan.ts'

/** Gives a migrated database with the given clock, and takes it back. */
export type OpenDatabase = (options: {
  virtualClock: VirtualClock
}) => Promise<{ db: Db; drop(): Promise<void> }>

/** What a world came to. */
export interface WorldReport {
  calls: number
  passes: number
  rows: number
  holds: number
}

const HOUR = 3_600_000
/** Sweeps in which every row of a list with unstable ties must have been shown. */
const MOST_DEALS = 8
/** No pass of a world this small needs so many: an endless loop ends here. */
const MOST_CALLS_PER_STEP = 3_000
/** Codes that a provider which moves, stumbles or changes its ways may cause. */
const EXPECTED = ['NOT_FOUND', 'PROVIDER_DOWN', 'NETWORK', 'BAD_BODY', 'UNSTABLE_LIST', 'INTERRUPTED']

/**
 * Plays a plan against the engine, and checks what must hold at every moment (the feed) and at the end: after the
 * provider went quiet, one sweep (and one detail round where the list hides edits) makes tables and truth equal, or
 * the difference is a hold.
 * @throws Error that says what differs
 */
export async function runWorld(plan: Plan, open: OpenDatabase): Promise<WorldReport> {
  const clock = new VirtualClock(START)
  const { db, drop } = await open({ virtualClock: clock })
  try {
    const game = await RandomWorld.begin(plan, clock, db)
    try {
      for (const step of plan.steps) await game.play(step)
      return await game.end()
    } finally {
      await game.stop()
    }
  } finally {
    await drop()
  }
}

class RandomWorld {
  readonly #plan: Plan
  readonly #world: World
  readonly #organization: Organization
  readonly #installation: Installation
  readonly #history: History
  readonly #feeds = new Map<string, FeedReader>()
  readonly #partners: number[] = []
  #passes = 0

  private constructor(plan: Plan, place: World, organization: Organization, installation: Installation) {
    this.#plan = plan
    this.#world = place
    this.#organization = organization
    this.#installation = installation
    this.#history = new History(place)
  }

  static async begin(plan: Plan, clock: VirtualClock, db: Db): Promise<RandomWorld> {
    const place = world({ clock, seed: plan.world })
    const organization = place.addOrganization({ name: 'Riverbend Runners', timezone: 'America/Denver' })
    for (const { size, days } of plan.events) {
      place.addEvent(organization, { participants: size, startsAt: clock.now() + days * 24 * HOUR })
    }
    const installation = await installOn(db, { clock, world: place, traits: plan.traits })
    const game = new RandomWorld(plan, place, organization, installation)
    await game.#join('Alder Timing')
    if (plan.shared) await game.#join('Birch Timing')
    await installation.discover(organization.clientId)
    return game
  }

  async stop(): Promise<void> {
    await this.#installation.stop()
  }

  async play(step: Step): Promise<void> {
    switch (step.do) {
      case 'wait':
        this.#installation.clock.advance(step.ms)
        return
      case 'move':
        this.#move(step.moves)
        return
      case 'vanish':
        this.#vanish(step)
        return
      case 'bibs':
        this.#assignBibs(step)
        return
      case 'sync':
        await this.#sync(step.sync)
        return
      case 'discover':
        await this.#installation.discover(this.#organization.clientId)
        return
      case 'join':
        if (this.#partners.length < 2) await this.#join('Birch Timing')
        return
      case 'turn':
        Object.assign(this.#installation.haku.traits, step.traits)
    }
  }

  /** The provider is quiet from here on: one sweep must do, and then polls cost a call each. */
  async end(): Promise<WorldReport> {
    const { clock, haku } = this.#installation
    const { clientId } = this.#organization
    clock.advance(2 * HOUR)
    await this.#installation.discover(clientId)
    await this.#checkPoll()
    // A sweep that began before the quiet goes on from its checkpoint, and has not seen what moved behind it since.
    if (await this.#hasCheckpoint()) await this.#quietSync({ full: true, past: true })
    await this.#quietSync({ full: true, past: true, details: this.#hidesEdits() })
    await this.#checkFeeds()
    const holds = await this.#settle()
    clock.advance(60_000)
    await this.#checkQuietPoll()
    return { calls: haku.calls.last, passes: this.#passes, rows: this.#rowCount(), holds }
  }

  /**
   * Where a list shows every change at its head, a poll brings all but what vanished: the sweep that follows would hide
   * what polls lose.
   */
  async #checkPoll(): Promise<void> {
    const { traits, invisible, eventsMove, steps } = this.#plan
    const { db, haku } = this.#installation
    if (traits.sort === 'ignored' || traits.ties === 'shuffled' || invisible > 0 || eventsMove) return
    if (this.#hidesEdits() || steps.some((step) => step.do === 'turn')) return
    // Without stamps nothing tells of a row that turns up late behind the head.
    if (traits.listStamp === false && steps.some(turnsUpLate)) return
    if (await this.#hasCheckpoint()) return
    await this.#quietSync({ past: true })
    await this.#checkFeeds()
    const wrong: string[] = []
    for (const event of haku.truth().values()) {
      for (const partnerId of this.#partners) {
        const found = await differences(db, event, { partnerId })
        const lost = found.filter(({ what, stored }) => !(what === 'row' && stored === 'present'))
        wrong.push(...unexplained(event, lost, false).map((one) => `after a poll, ${partnerId}: ${one}`))
      }
    }
    fail(wrong)
    this.#installation.clock.advance(60_000)
  }

  /**
   * Tables against truth. Where rows of one stamp change places from call to call a page border may hide one of them
   * from a whole sweep, and nothing on the wire tells: there every further sweep deals anew, and a few must do.
   */
  async #settle(): Promise<number> {
    for (let deals = this.#plan.traits.ties === 'shuffled' ? MOST_DEALS : 1; ; deals--) {
      const { wrong, holds } = await this.#compareTables()
      if (wrong.length === 0) return holds
      if (deals === 1) fail(wrong)
      this.#installation.clock.advance(60_000)
      await this.#quietSync({ full: true, past: true, details: this.#hidesEdits() })
      await this.#checkFeeds()
    }
  }

  /** Does the list fail to show some edits? A list without stamps and bibs does not show a new bib. */
  #hidesEdits(): boolean {
    const { invisible, traits, steps } = this.#plan
    const forms = [traits, ...steps.flatMap((step) => (step.do === 'turn' ? [step.traits] : []))]
    const thin = forms.some((form) => (form.registrationsList ?? 'whole') !== 'whole')
    return invisible > 0 || (traits.listStamp === false && thin)
  }

  async #hasCheckpoint(): Promise<boolean> {
    const { db } = this.#installation
    const open = await db.selectFrom('sync_state').select('event_id').where('pass', 'is not', null).execute()
    return open.length > 0
  }

  async #join(name: string): Promise<void> {
    const { clientId, secrets } = this.#organization
    const partnerId = await this.#installation.addPartner(name)
    await setPartnerCadence(this.#installation.db, partnerId, this.#plan.cadence)
    await this.#installation.addCredential(partnerId, clientId, secrets[0] ?? '')
    this.#partners.push(partnerId)
  }

  #move({ count, seed }: Moves): void {
    const rng = new Rng(seed)
    for (let i = 0; i < count; i++) {
      randomMove(rng, this.#world, { invisible: this.#plan.invisible, events: this.#plan.eventsMove })
      this.#history.note()
    }
  }

  /** Takes rows off the head of every list: those behind move up, over the border of a page that was read already. */
  #removeNewest(count: number): void {
    for (const event of this.#world.events.values()) {
      const newest = [...event.registrations.values()].sort((a, b) => b.listUpdatedAt - a.listUpdatedAt)
      for (const { number } of newest.slice(0, count)) remove(this.#world, event.id, number)
    }
    this.#history.note()
  }

  /** A transaction of the provider that is visible only after others with newer stamps: what the overlap is for (W5). */
  #registerLate({ count, ms }: During['late']): void {
    for (const event of this.#world.events.values()) {
      if (event.deleted) continue
      this.#world.holdAt(this.#world.now() - ms, (place) => {
        for (let i = 0; i < count; i++) register(place, event.id)
      })
    }
    this.#history.note()
  }

  #assignBibs({ event, count }: Extract<Step, { do: 'bibs' }>): void {
    const found = this.#event(event)
    if (found === undefined || found.deleted) return
    assignBibs(this.#world, found.id, count)
    this.#history.note()
  }

  #vanish({ event, share, hidden }: Extract<Step, { do: 'vanish' }>): void {
    const found = this.#event(event)
    if (found === undefined) return
    const numbers = [...found.registrations.keys()]
    for (const number of numbers.slice(0, Math.ceil(numbers.length * share))) {
      if (hidden) hide(this.#world, found.id, number)
      else remove(this.#world, found.id, number)
    }
    this.#history.note()
  }

  /** A pass during which the provider goes on moving; it may be interrupted, and calls may fail. */
  async #sync(sync: SyncStep): Promise<void> {
    const { haku, clock } = this.#installation
    const first = haku.calls.last
    const interrupted = new AbortController()
    const interrupt = () =>
      interrupted.abort(new StartlistError('INTERRUPTED', 'the plan interrupts this pass'))
    let over = false
    for (const { call, ms, moves, removals, late } of sync.during) {
      haku.atCall(first + call, () => {
        if (over) return
        clock.advance(ms)
        this.#removeNewest(removals)
        this.#registerLate(late)
        this.#move(moves)
      })
    }
    if (sync.cut !== null) haku.atCall(first + sync.cut, () => over || interrupt())
    let endless = false
    haku.atCall(first + MOST_CALLS_PER_STEP, () => {
      endless = !over
      if (endless) interrupt()
    })
    if (sync.fault !== null) {
      const { after, times, kind } = sync.fault
      haku.faults.add({ after, times, fault: FAULT_OF[kind], match: { path: '/events/' } })
    }
    this.#history.beginPass()
    try {
      await this.#request(
        {
          past: true,
          full: sync.full,
          details: sync.details,
          ...(sync.event === null ? {} : { eventId: this.#event(sync.event)?.id ?? 'none' }),
        },
        interrupted.signal,
      )
    } catch (error) {
      if (!isExpected(error)) throw error
    }
    over = true
    haku.faults.clear()
    if (endless) {
      const calls = haku.calls.list({ afterCall: first }).slice(0, 60)
      const which = calls.map((call) => `${call.endpoint} ${call.page ?? call.number} ${call.status}`)
      throw new Error(`a pass of more than ${MOST_CALLS_PER_STEP} calls: ${which.join(', ')}`)
    }
    await this.#checkFeeds()
  }

  async #request(request: SyncRequest, signal?: AbortSignal): Promise<boolean> {
    this.#passes++
    const use = signal === undefined ? {} : { signal }
    const outcome = await this.#installation.sync(this.#organization.clientId, request, use)
    const errors = [...outcome.events.map((event) => event.error), outcome.stopped]
    for (const error of errors) if (error !== null && !isExpected(error)) throw error
    return errors.every((error) => error === null || error.code === 'NOT_FOUND')
  }

  /** One is enough, unless the provider changed its lists meanwhile: that must be found out and learnt first. */
  async #quietSync(request: SyncRequest): Promise<void> {
    this.#history.beginPass()
    const turned = this.#plan.steps.some((step) => step.do === 'turn')
    for (let i = turned ? 3 : 1; i > 0; i--) if (await this.#request(request)) return
    throw new Error('the quiet sync reports errors')
  }

  async #checkFeeds(): Promise<void> {
    const wrong: string[] = []
    for (const event of this.#world.events.values()) {
      for (const partnerId of this.#partners) {
        wrong.push(...(await this.#feed(partnerId, event.id).follow(this.#installation.db, this.#history)))
      }
    }
    fail(wrong)
  }

  #feed(partnerId: number, eventId: string): FeedReader {
    const key = `${partnerId} ${eventId}`
    const feed = this.#feeds.get(key) ?? new FeedReader({ partnerId, eventId })
    this.#feeds.set(key, feed)
    return feed
  }

  /** @returns what differs, and how many events have an open hold */
  async #compareTables(): Promise<{ wrong: string[]; holds: number }> {
    const { db } = this.#installation
    const wrong: string[] = []
    let holds = 0
    for (const event of this.#installation.haku.truth().values()) {
      const held = await isHeld(db, event.id)
      if (held) holds++
      for (const partnerId of this.#partners) {
        wrong.push(...(await this.#feed(partnerId, event.id).compare(db)))
        // What an event held when it was deleted stays as it was then.
        if (event.deleted) continue
        const found = await differences(db, event, { partnerId })
        wrong.push(...unexplained(event, found, held).map((one) => `${partnerId}: ${one}`))
      }
    }
    return { wrong, holds }
  }

  /**
   * A poll of an unchanged event is one call, brings nothing, and serves all partners. Where the list is unsorted a
   * poll is a sweep, and may find that what is hidden is so for the second time.
   */
  async #checkQuietPoll(): Promise<void> {
    const { haku } = this.#installation
    const last = haku.calls.last
    const positions = this.#positions()
    await this.#quietSync({ past: true })
    await this.#checkFeeds()
    const { traits, eventsMove } = this.#plan
    if (traits.sort === 'ignored' || traits.ties === 'shuffled' || eventsMove) return
    // Without stamps an edit that shows neither in its row nor in the order looks like an unsorted list (W6, W9).
    if (traits.listStamp === false && this.#hidesEdits()) return
    if (String(positions) !== String(this.#positions())) fail(['a quiet poll wrote to the feed'])
    const endpoint = ['participants' as const, 'registrations' as const, 'detail' as const]
    for (const event of this.#world.events.values()) {
      // A list that lacks too much is looked at again by every poll, until a person decides.
      if (await isHeld(this.#installation.db, event.id)) continue
      const calls = haku.calls.list({ afterCall: last, eventId: event.id, endpoint })
      if (calls.length !== 1) {
        const which = calls.map((call) => `${call.endpoint} ${call.page ?? call.number}`).join(', ')
        fail([`a quiet poll of ${event.id} cost ${calls.length} calls: ${which}`])
      }
    }
  }

  #positions(): number[] {
    return [...this.#feeds.values()].map((feed) => feed.position)
  }

  #event(index: number) {
    const events = [...this.#world.events.values()]
    return events[index % events.length]
  }

  #rowCount(): number {
    return [...this.#world.events.values()].reduce((sum, event) => sum + event.registrations.size, 0)
  }
}

const FAULT_OF: Record<NonNullable<SyncStep['fault']>['kind'], Fault> = {
  down: { kind: 'status', status: 503 },
  cut: { kind: 'reset', when: 'body' },
  html: { kind: 'html' },
  truncated: { kind: 'truncated' },
  duplicate: { kind: 'duplicate', rows: 2 },
}

function turnsUpLate(step: Step): boolean {
  return step.do === 'sync' && step.sync.during.some(({ late }) => late.count > 0)
}

function isExpected(error: unknown): boolean {
  return error instanceof StartlistError && EXPECTED.includes(error.code)
}

/** Do removals of the event wait for a person? */
async function isHeld(db: Db, eventId: string): Promise<boolean> {
  const hold = await db
    .selectFrom('holds')
    .select('hold_id')
    .where('event_id', '=', eventId)
    .where('state', '=', 'open')
    .where('kind', '=', 'removal')
    .executeTakeFirst()
  return hold !== undefined
}

/**
 * Differences that neither a hold shows nor the provider keeps secret. While one is open, whoever else vanishes waits
 * until it has grown enough to be looked at again (A2).
 */
function unexplained(event: TrueEvent, found: readonly Difference[], held: boolean): string[] {
  return found
    .filter(({ key, what, stored }) => {
      const truth = event.registrations.get(key)
      // Of what is hidden nobody is told any more.
      if (truth !== undefined && !truth.listed) return false
      return !(held && what === 'row' && stored === 'present')
    })
    .map(({ key, what, stored, true: should }) => {
      return `event ${event.id}, ${key}: ${what} is ${JSON.stringify(stored)}, should be ${JSON.stringify(should)}`
    })
}

function fail(wrong: readonly string[]): void {
  if (wrong.length === 0) return
  const more = wrong.length > 12 ? [`and ${wrong.length - 12} more`] : []
  throw new Error([...wrong.slice(0, 12), ...more].join('\n'))
}
