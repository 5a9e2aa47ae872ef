import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import { type Defect, type EventDateForm, type Traits, type World, world } from '../../src/simulator/index.ts'
import { isoMillis } from '../../src/simulator/instants.ts'
import { type Installation, install, START } from '../helpers/installation.ts'
import { differences } from '../helpers/truth.ts'
import { type Choices, extend, product } from './covering.ts'

/** Every combination of these is played. */
const EVERY = {
  cap: [
    { pageCap: 25, pageCapMode: 'silent' },
    { pageCap: 25, pageCapMode: 'reject' },
    { pageCap: 100, pageCapMode: 'silent' },
    { pageCap: 500, pageCapMode: 'silent' },
  ],
  envelope: ['bare', 'own', 'participants', 'registrations', 'data'],
  registrationsList: ['whole', 'thin', 'missing'],
  listStamp: [true, false],
} as const satisfies Choices

/** Of these every two values meet, and each meets every value of the above. */
const PAIRED = {
  // Around the borders of pages of 25 and 100.
  size: [26, 0, 25, 1, 24, 101, 100, 51],
  totals: ['none', 'root', 'meta', 'pagination'],
  totalError: [0, 0, 3],
  pastEnd: ['empty', 'clamp'],
  eventDate: [
    'local',
    'localIso',
    'localFraction',
    'utc',
    'utcFraction',
    'offset',
    'date',
    'midnight',
    'midnightIso',
    'midnightUtc',
    'null',
  ],
  timezone: ['America/New_York', 'Pacific/Honolulu', 'Europe/Berlin', 'Asia/Kolkata'],
  stampZone: ['Z', 'offset', 'none'],
  stampPrecision: ['seconds', 'millis'],
  money: ['text', 'number', 'null'],
  registrationNumber: ['text', 'number'],
  categoryInfo: ['text', 'object'],
  emergencyPhoneField: ['emergency_contact_phone_number', 'emergency_contact_phone'],
  authorization: ['bare', 'bearer', 'both'],
  defect: [null, null, 'no-number', 'null', 'object-number', 'bad-values'],
} as const satisfies Choices

const COMBINATIONS = extend<typeof EVERY, typeof PAIRED>(product(EVERY), PAIRED)
type Combination = (typeof COMBINATIONS)[number]

/** Two of the events' starts lie on either side of a clock change in zones that have one. */
const STARTS = ['2026-05-23 07:00:00', '2026-10-31 08:30:00', '2026-06-13 00:30:00']

let installation: Installation
let place: World
beforeAll(async () => {
  const clock = new VirtualClock(START)
  place = world({ clock, seed: 11 })
  installation = await install({ clock, world: place })
})
afterAll(() => installation.stop())

/** An account of its own for one combination, in the one database of this file. */
async function accountFor(chosen: Combination, number: number) {
  const { cap, size, timezone, defect, ...traits } = chosen
  const organization = place.addOrganization({ timezone })
  const event = place.addEvent(organization, {
    // A thin list costs a call per registration, and pages of 25 need no more than two borders.
    participants: traits.registrationsList !== 'whole' && cap.pageCap === 25 ? Math.min(size, 51) : size,
    startsAt: STARTS[number % STARTS.length] ?? null,
  })
  const { haku } = installation
  Object.assign(haku.traitsOf(organization.clientId), { ...cap, ...traits } satisfies Partial<Traits>)
  const broken = size >= 24 && defect !== null ? ([...event.registrations.keys()][20] ?? null) : null
  if (broken !== null) {
    haku.faults.add({
      match: { endpoint: ['participants', 'registrations'], eventId: event.id },
      fault: { kind: 'malformed', defects: [defect as Defect], numbers: [broken] },
    })
  }
  const partnerId = await installation.addPartner(`Timing ${number}`, timezone)
  await installation.addCredential(partnerId, organization.clientId, organization.secrets[0] ?? '')
  return { clientId: organization.clientId, eventId: event.id, partnerId, broken }
}

type Account = Awaited<ReturnType<typeof accountFor>>

function truthOf({ eventId }: Account) {
  const truth = installation.haku.truth().get(eventId)
  if (truth === undefined) throw new Error('the event is not in the truth')
  return truth
}

/** Where a start that was written in this form must stand: as an instant, as a day, or nowhere. */
function expectedStart(form: EventDateForm, startsAt: string, timezone: string) {
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone }).format(Date.parse(startsAt))
  switch (form) {
    case 'null':
      return { startsAt: null, day: null }
    case 'date':
    case 'midnight':
    case 'midnightIso':
    case 'midnightUtc':
      return { startsAt: null, day }
    default:
      return { startsAt, day: null }
  }
}

async function storedEvent({ partnerId, eventId }: Account) {
  const row = await installation.db
    .selectFrom('haku_events')
    .select(['event_name', 'starts_at', 'start_day', 'timezone'])
    .where('timing_partner_id', '=', partnerId)
    .where('event_id', '=', eventId)
    .executeTakeFirstOrThrow()
  return {
    name: row.event_name,
    startsAt: row.starts_at === null ? null : isoMillis(new Date(row.starts_at).getTime()),
    day: row.start_day,
    timezone: row.timezone,
  }
}

async function rejectsOf({ partnerId, eventId }: Account) {
  return installation.db
    .selectFrom('rejected_records')
    .select(['kind', 'record_key', 'field'])
    .where('timing_partner_id', '=', partnerId)
    .where('event_id', '=', eventId)
    .orderBy('field')
    .execute()
}

/** What is wrong after discovery and sync; a broken record must be among the rejects instead. */
async function faultsOf(chosen: Combination, account: Account): Promise<unknown[]> {
  const found: unknown[] = []
  const truth = truthOf(account)
  // Whole records have no age, and without a race day there is none to reckon.
  const ageless = chosen.eventDate === 'null' && chosen.registrationsList === 'whole'
  const options = { partnerId: account.partnerId, except: ageless ? ['age'] : [] }
  for (const difference of await differences(installation.db, truth, options)) {
    if (difference.key !== account.broken) found.push(difference)
  }
  const event = await storedEvent(account)
  const start = expectedStart(chosen.eventDate, truth.startsAt ?? '', chosen.timezone)
  const expected = { name: truth.name, ...start, timezone: chosen.timezone }
  if (JSON.stringify(event) !== JSON.stringify(expected)) found.push({ event, expected })
  return [...found, ...(await rejectFaults(chosen, account))]
}

async function rejectFaults({ defect }: Combination, account: Account): Promise<unknown[]> {
  const rejects = await rejectsOf(account)
  if (account.broken === null) return rejects
  if (defect === 'bad-values') {
    const fields = rejects.filter((r) => r.kind === 'field' && r.record_key === account.broken)
    return fields.length > 0 && fields.length === rejects.length ? [] : [{ rejects }]
  }
  return rejects.length === 1 && rejects[0]?.kind === 'record' ? [] : [{ rejects }]
}

async function listCallsOf(account: Account, work: () => Promise<unknown>): Promise<number> {
  const { calls } = installation.haku
  const { last } = calls
  await work()
  const endpoint = ['participants' as const, 'registrations' as const, 'detail' as const]
  return calls.count({ afterCall: last, eventId: account.eventId, endpoint })
}

describe('after discover and sync the tables, with the rejects, equal the truth', () => {
  const groups = product({ cap: EVERY.cap, registrationsList: EVERY.registrationsList })
  it.each(groups)(
    'with $cap and registrations list $registrationsList',
    async (group) => {
      const wanted = COMBINATIONS.map((chosen, number) => ({ chosen, number })).filter(
        ({ chosen }) => chosen.cap === group.cap && chosen.registrationsList === group.registrationsList,
      )
      expect(wanted).toHaveLength(EVERY.envelope.length * EVERY.listStamp.length)
      for (const { chosen, number } of wanted) {
        const account = await accountFor(chosen, number)
        await installation.discover(account.clientId)
        const outcome = await installation.sync(account.clientId)
        expect(outcome, JSON.stringify(chosen)).toMatchObject({ stopped: null, events: [{ error: null }] })
        expect(await faultsOf(chosen, account), JSON.stringify(chosen)).toEqual([])
        // Once settled, no news is one call, whatever the list looks like.
        installation.clock.advance(60_000)
        await installation.sync(account.clientId)
        installation.clock.advance(60_000)
        const calls = await listCallsOf(account, () => installation.sync(account.clientId))
        expect(calls, JSON.stringify(chosen)).toBe(1)
      }
    },
    60_000,
  )
})

it('every two of the paired values meet, and each meets every value of the others', () => {
  const all: Choices = { ...EVERY, ...PAIRED }
  const met = new Set<string>()
  for (const chosen of COMBINATIONS) {
    const entries = Object.entries(chosen)
    for (const a of entries) for (const b of entries) met.add(JSON.stringify([a, b]))
  }
  const missed = Object.entries(all).flatMap(([a, as]) =>
    Object.entries(all)
      .filter(([b]) => b > a)
      .flatMap(([b, bs]) =>
        as.flatMap((x) =>
          bs.map((y) =>
            JSON.stringify([
              [a, x],
              [b, y],
            ]),
          ),
        ),
      ),
  )
  expect(missed.filter((pair) => !met.has(pair))).toEqual([])
})
