import { expect, test } from 'vitest'
import type { JsonObject } from '../../../src/domain/json.ts'
import { Rng } from '../../../src/simulator/index.ts'
import { randomMove, type TrueEvent } from '../../../src/simulator/runsignup/index.ts'
import { HOUR, ids, type Setup, setup } from './client.ts'

const ASKED = {
  supports_nb: 'T',
  include_questions: 'T',
  include_corrals: 'T',
  include_registration_addons: 'T',
}

/** All rows of both events, read as a plain client reads them: by the last id seen. */
async function readAll(s: Setup, list: Setup['rows'] | Setup['removed']): Promise<JsonObject[]> {
  const all: JsonObject[] = []
  for (;;) {
    const after_registration_id = ids(all.slice(-1))[0] ?? '0'
    const query = { ...ASKED, event_id: s.both, results_per_page: '25', after_registration_id }
    const page = (await list(query)).toSorted((a, b) => Number(a.registration_id) - Number(b.registration_id))
    if (page.length === 0) return all
    all.push(...page)
  }
}

/** What the truth says of both events, each registration as a plain client sees it. */
function told(s: Setup, of: (event: TrueEvent) => Iterable<JsonObject>): JsonObject[] {
  const truth = s.sim.truth()
  return [s.event, s.other]
    .flatMap(({ id }) => {
      const event = truth.get(id)
      return event ? [...of(event)] : []
    })
    .toSorted((a, b) => Number(a.id) - Number(b.id) || Number(a.event) - Number(b.event))
}

const eastern = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

function seen(row: JsonObject): JsonObject {
  const user = row.user as JsonObject & { address: JsonObject }
  const [name, phone] = row.question_responses as JsonObject[]
  return {
    id: String(row.registration_id),
    event: String(row.event_id),
    name: [user.first_name ?? null, user.middle_name ?? null, user.last_name ?? null],
    contact: [user.email ?? null, user.phone ?? null, name?.response ?? null, phone?.response ?? null],
    address: user.address,
    person: [user.dob ?? null, row.age ?? null, user.gender ?? null],
    bib: row.bib_num == null ? null : String(row.bib_num),
    rest: [row.chip_num ?? null, row.team_name ?? null, row.corral_name ?? null, row.giveaway ?? null],
    amount: String(row.amount_paid).replaceAll(/[$,]/g, ''),
    addOns: (row.participant_addons as JsonObject[]).map((one) => one.addon_name ?? null),
    registered: String(row.registration_date),
    modified: Number(row.last_modified),
  }
}

const registered = (event: TrueEvent) =>
  event.registrations.values().map(
    (r): JsonObject => ({
      id: r.registrationId,
      event: r.eventId,
      name: [r.firstName, r.middleName, r.lastName],
      contact: [r.email, r.phone, r.emergencyName, r.emergencyPhone],
      address: {
        street: r.address.street,
        city: r.address.city,
        state: r.address.state,
        zipcode: r.address.zipcode,
        country_code: r.address.countryCode,
      },
      person: [r.dob, r.age, r.gender],
      bib: r.bib,
      rest: [r.chip, r.team, r.corral, r.giveaway],
      amount: r.amount,
      addOns: r.addOns.map(({ name }) => name),
      registered: eastern.format(new Date(r.registeredAt)).replace(',', ''),
      modified: Date.parse(r.updatedAt) / 1000,
    }),
  )

const removedRow = (row: JsonObject): JsonObject => ({
  id: String(row.registration_id),
  event: String(row.event_id),
  reason: row.removed_reason ?? null,
  newId: row.new_registration_id == null ? null : String(row.new_registration_id),
  at: Number(row.last_modified_ts) * 1000,
})

const removals = (event: TrueEvent) =>
  event.removed.values().map(
    (r): JsonObject => ({
      id: r.registrationId,
      event: event.id,
      reason: r.reason,
      newId: r.newRegistrationId,
      at: Date.parse(r.removedAt),
    }),
  )

test.each(['new', 'same'] as const)(
  'after any moves a plain full read sees the truth, when transfers get the %s id',
  async (transferIds) => {
    for (const seed of [1, 2, 3]) {
      await using s = await setup({ seed, transferIds })
      const rng = new Rng(seed)
      for (let i = 0; i < 150; i++) {
        s.clock.advance(rng.int(90_000))
        randomMove(rng, s.world, { silent: 0.2, erase: true })
      }
      expect((await readAll(s, s.rows)).map(seen)).toEqual(told(s, registered))
      const gone = (await readAll(s, s.removed)).map(removedRow)
      expect(gone).toEqual(told(s, removals))
      expect(new Set(gone.map((row) => row.reason)).size).toBe(4)
    }
  },
)

test('the truth knows events with their zone and start, deleted ones and planned moves', async () => {
  await using s = await setup()
  expect(s.sim.truth().get(s.event.id)).toMatchObject({
    raceId: s.race.id,
    accountId: s.account.id,
    startsAt: '2026-05-02T12:30:00.000Z',
    timezone: 'America/Chicago',
    deleted: false,
  })
  s.sim.at(s.clock.now() + HOUR, (world) => {
    world.event(s.event.id).deleted = true
  })
  expect(s.sim.truth().get(s.event.id)?.deleted).toBe(false)
  s.clock.advance(HOUR)
  expect(s.sim.truth().get(s.event.id)?.deleted).toBe(true)
})

test('the log keeps every request in order, with whose it was and what came back', async () => {
  await using s = await setup()
  await s.json('/races', { events: 'T' })
  await s.elements({ event_id: s.both, results_per_page: '25', page: '2' })
  await s.removed()
  await s.bare('/races', { api_key: 'wrong', api_secret: 'wrong' })
  const client = s.account.id
  expect(s.sim.calls.list()).toMatchObject([
    { n: 1, endpoint: 'races', client, authorization: 'v1', status: 200, rows: 1 },
    {
      n: 2,
      endpoint: 'participants',
      raceId: s.race.id,
      eventId: s.both,
      page: 2,
      perPage: 25,
      rows: 15,
    },
    { n: 3, endpoint: 'removed', client, page: null, rows: 0 },
    { n: 4, endpoint: 'races', client: null, authorization: 'v1', status: 200, underWay: 0 },
  ])
  expect(s.sim.calls.count({ eventId: s.other.id })).toBe(1)
  expect(s.sim.calls.count({ raceId: s.race.id, afterCall: 2 })).toBe(1)
  expect(s.sim.calls.maxInWindow({ client })).toBe(3)
})

test('an event of 6,700 is read in three pages', async () => {
  await using s = await setup({ participants: 6_700 })
  const found = new Set<string>()
  for (let page = 1; page <= 3; page++)
    for (const id of ids(await s.rows({ results_per_page: '2500', page: String(page) }))) found.add(id)
  expect(found.size).toBe(6_700)
})
