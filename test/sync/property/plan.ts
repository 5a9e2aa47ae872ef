import type { Traits } from '../../../src/simulator/index.ts'
import fc from '../../helpers/fast-check.ts'

/**
 * What happens in a random world, as plain data: the same plan always makes the same run, and fast-check can take
 * parts of it away until only the counterexample is left.
 */
export interface Plan {
  /** Seed of the world's people. */
  world: number
  traits: Partial<Traits>
  /** How many registrations each event begins with, and in how many days it starts. */
  events: { size: number; days: number }[]
  /** A second timing partner with the same client id, from the beginning. */
  shared: boolean
  /** Share of changes that the list does not show. */
  invisible: number
  /** Events are moved, renamed, removed and restored as well. */
  eventsMove: boolean
  /** How often lists are to be read; where that is often, heads fall due amid a first sweep (W8). Null for the default. */
  cadence: '10s' | '1m' | null
  steps: Step[]
}

/** Changes by the provider: `count` random moves from `seed`. */
export interface Moves {
  count: number
  seed: number
}

export type Step =
  | { do: 'wait'; ms: number }
  | { do: 'move'; moves: Moves }
  /** A share of an event's registrations disappears at once. */
  | { do: 'vanish'; event: number; share: number; hidden: boolean }
  /** Bibs for up to `count` registrations of an event at one instant. */
  | { do: 'bibs'; event: number; count: number }
  | { do: 'sync'; sync: SyncStep }
  | { do: 'discover' }
  /** The second timing partner adds its credential now. */
  | { do: 'join' }
  /** The provider's ways change. */
  | { do: 'turn'; traits: Partial<Traits> }

export interface SyncStep {
  full: boolean
  details: boolean
  /** Index of the one event that is asked for; null for all. */
  event: number | null
  /** What happens before the given calls of this pass (1 is its first). */
  during: During[]
  /** The pass is interrupted at this call; null lets it finish. */
  cut: number | null
  /** From this call on `times` calls fail; three are one attempt with its retries. */
  fault: { after: number; times: number; kind: (typeof FAULTS)[number] } | null
}

/** What happens before a call is answered. */
export interface During {
  call: number
  /** Time passes. */
  ms: number
  moves: Moves
  /** So many of the newest registrations vanish from every event. */
  removals: number
  /** Registrations become visible so late after their own stamp. */
  late: { count: number; ms: number }
}

const FAULTS = ['down', 'cut', 'html', 'truncated', 'duplicate'] as const

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Just below and above the overlap, a poll's intervals, and pauses after which a checkpoint or knowledge is old. */
const WAITS = [1, 250, SECOND, 9 * SECOND, 11 * SECOND, MINUTE, 15 * MINUTE, 2 * HOUR, 9 * 24 * HOUR]

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 })
const moves = fc.record({ count: fc.integer({ min: 1, max: 6 }), seed: seeds })
const waits = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...WAITS.slice(0, -1)) },
  { weight: 1, arbitrary: fc.constantFrom(...WAITS) },
)

const during: fc.Arbitrary<During> = fc.record({
  call: fc.oneof(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 14 })),
  removals: fc.constantFrom(0, 0, 0, 1, 3),
  late: fc.record({ count: fc.constantFrom(0, 0, 1, 12), ms: fc.constantFrom(1_500, 4_000, 8_000) }),
  ms: fc.constantFrom(0, 0, 400, SECOND, 3 * SECOND, 12 * SECOND),
  moves,
})

/** Minutes pass amid a sweep that is the list's first, mostly. */
const longSweep: fc.Arbitrary<Step[]> = fc
  .record({
    during: fc.array(
      fc.record({
        call: fc.integer({ min: 2, max: 20 }),
        removals: fc.constantFrom(0, 0, 0, 1, 3),
        late: fc.record({ count: fc.constantFrom(0, 0, 1, 12), ms: fc.constantFrom(1_500, 4_000, 8_000) }),
        ms: fc.constantFrom(0, 400, 11 * SECOND, 61 * SECOND, 61 * SECOND),
        moves,
      }),
      { minLength: 2, maxLength: 8 },
    ),
    cut: fc.option(fc.integer({ min: 3, max: 16 }), { freq: 1 }).map((cut) => cut ?? null),
    pause: fc.constantFrom(0, 0, MINUTE, 2 * HOUR),
  })
  .map(({ during, cut, pause }): Step[] => [
    { do: 'sync', sync: { full: false, details: false, event: 0, during, cut, fault: null } },
    ...(pause > 0 ? [{ do: 'wait' as const, ms: pause }] : []),
  ])

const sync: fc.Arbitrary<SyncStep> = fc.record({
  full: fc.boolean(),
  details: fc.constantFrom(false, false, false, true),
  event: fc.option(fc.nat(2), { freq: 3 }),
  during: fc.array(during, { maxLength: 4 }),
  cut: fc.option(fc.integer({ min: 1, max: 12 }), { freq: 5 }).map((cut) => cut ?? null),
  fault: fc.option(
    fc.record({
      after: fc.nat(8),
      times: fc.constantFrom(1, 2, 3, 4, 9),
      kind: fc.constantFrom(...FAULTS),
    }),
    { freq: 5 },
  ),
})

/** What a provider may begin to do differently between two passes. */
const turns: fc.Arbitrary<Partial<Traits>> = fc.oneof(
  fc.record({ pageCap: fc.constantFrom(10, 25, 50, 100) }),
  fc.record({ registrationsList: fc.constantFrom('whole', 'thin', 'missing') }),
  fc.record({ pastEnd: fc.constantFrom('empty', 'clamp') }),
  fc.record({ envelope: fc.constantFrom('bare', 'own', 'data') }),
)

/** A poll that is cut off amid its pages, when the event was known and quiet: what it stored must prove nothing. */
const cutPoll: fc.Arbitrary<Step[]> = fc
  .record({
    event: fc.nat(2),
    count: fc.integer({ min: 10, max: 150 }),
    cut: fc.integer({ min: 2, max: 4 }),
    after: fc.constantFrom(1, SECOND, 11 * SECOND, MINUTE),
  })
  .map(({ event, count, cut, after }) => {
    const plain = { details: false, event, during: [], fault: null }
    return [
      { do: 'sync', sync: { ...plain, full: true, cut: null } },
      { do: 'wait', ms: MINUTE },
      { do: 'bibs', event, count },
      { do: 'wait', ms: after },
      { do: 'sync', sync: { ...plain, full: false, cut } },
    ]
  })

const single: fc.Arbitrary<Step>[] = [
  fc.record({ do: fc.constant('wait' as const), ms: waits }),
  fc.record({ do: fc.constant('move' as const), moves }),
  fc.record({
    do: fc.constant('vanish' as const),
    event: fc.nat(2),
    share: fc.constantFrom(0.1, 0.4, 0.7, 1),
    hidden: fc.boolean(),
  }),
  fc.record({ do: fc.constant('sync' as const), sync }),
  fc.record({ do: fc.constant('discover' as const) }),
  fc.record({ do: fc.constant('join' as const) }),
  fc.record({ do: fc.constant('turn' as const), traits: turns }),
]
const WEIGHTS = [50, 50, 5, 60, 10, 4, 5]
const CUT_POLL_WEIGHT = 12

const traits: fc.Arbitrary<Partial<Traits>> = fc.record({
  pageCap: fc.constantFrom(10, 10, 25, 25, 37, 50, 100),
  pageCapMode: fc.constantFrom('silent', 'silent', 'reject'),
  envelope: fc.constantFrom('bare', 'own', 'participants', 'registrations', 'data'),
  totals: fc.constantFrom('none', 'none', 'root', 'meta', 'pagination'),
  totalError: fc.constantFrom(0, 0, 0, 0, -1, 3),
  registrationsList: fc.constantFrom('whole', 'whole', 'thin', 'missing'),
  listStamp: fc.constantFrom(true, true, true, false),
  stampPrecision: fc.constantFrom('seconds', 'millis'),
  stampZone: fc.constantFrom('Z', 'offset', 'none'),
  sort: fc.constantFrom('honoured', 'honoured', 'honoured', 'honoured', 'ignored'),
  ties: fc.constantFrom('stable', 'stable', 'stable', 'shuffled'),
  pastEnd: fc.constantFrom('empty', 'empty', 'clamp'),
  authorization: fc.constantFrom('bare', 'bearer', 'both'),
  eventDate: fc.constantFrom('local', 'utc', 'offset', 'date', 'midnight'),
  money: fc.constantFrom('text', 'number', 'null'),
  categoryInfo: fc.constantFrom('text', 'object'),
  registrationNumber: fc.constantFrom('text', 'number'),
  emergencyPhoneField: fc.constantFrom('emergency_contact_phone_number', 'emergency_contact_phone'),
})

/** Where heads fall due amid a sweep, the first list is long enough for that. */
function longFirst(plan: Plan): Plan {
  if (plan.cadence === null) return plan
  const [first, ...others] = plan.events
  if (first === undefined) return plan
  const traits = { ...plan.traits, pageCap: (plan.traits.pageCap ?? 0) > 10 ? 25 : 10 }
  return { ...plan, traits, events: [{ ...first, size: 100 + (first.size % 50) }, ...others] }
}

/** A page cap refuses only what 422 answers can step down to; a list without whole records costs a call per row. */
function supported(plan: Plan): Plan {
  const { traits: given } = plan
  const reject = given.pageCapMode === 'reject' && (given.pageCap ?? 0) < 25
  const cheap = given.registrationsList === 'whole' ? 150 : 45
  return {
    ...plan,
    traits: { ...given, pageCap: reject ? 25 : (given.pageCap ?? 25) },
    events: plan.events.map((event) => ({ ...event, size: Math.min(event.size, cheap) })),
    steps: plan.steps.map((step) =>
      step.do === 'turn' && reject && (step.traits.pageCap ?? 25) < 25 ? { do: 'discover' } : step,
    ),
  }
}

const sizes = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 45 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 150 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 10, 20, 24, 25, 26, 50, 100, 101) },
)

/** Random plans. */
export const plans: fc.Arbitrary<Plan> = fc
  .record({
    world: seeds,
    traits,
    events: fc.array(fc.record({ size: sizes, days: fc.constantFrom(12, 30, 60) }), {
      minLength: 1,
      maxLength: 3,
    }),
    shared: fc.constantFrom(false, false, true),
    invisible: fc.constantFrom(0, 0, 0.3),
    eventsMove: fc.constantFrom(false, false, false, true),
    cadence: fc.constantFrom(null, null, '10s', '1m'),
    first: fc.array(longSweep, { minLength: 1, maxLength: 2 }),
    scenes: fc.array(
      fc.oneof(
        ...single.map((arbitrary, i) => ({
          weight: WEIGHTS[i] ?? 1,
          arbitrary: arbitrary.map((step) => [step]),
        })),
        { weight: CUT_POLL_WEIGHT, arbitrary: cutPoll },
      ),
      { minLength: 2, maxLength: 14 },
    ),
  })
  .map(({ first, scenes, ...rest }): Plan => ({ ...rest, steps: [...first, ...scenes].flat() }))
  .map(longFirst)
  .map(supported)

/** The plan of a seed: what `fc.assert` with this seed and one run checks. */
export function planOf(seed: number): Plan {
  const [plan] = fc.sample(plans, { seed, numRuns: 1 })
  if (plan === undefined) throw new Error('fast-check gave no plan')
  return plan
}
