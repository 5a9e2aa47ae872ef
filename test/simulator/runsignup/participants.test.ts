import { expect, test } from 'vitest'
import type { Json, JsonObject } from '../../../src/domain/json.ts'
import { edit, editRunner, register, remove } from '../../../src/simulator/runsignup/index.ts'
import { codeOf, ids, registrationsOf, type Setup, setup } from './client.ts'

const firstId = (s: Setup) => registrationsOf(s.event)[0] as string

test('the answer is an array with one element per event, and the list inside of `event` is empty', async () => {
  await using s = await setup()
  const elements = await s.elements({ event_id: s.both, results_per_page: '2500' })
  expect(elements.map(({ event }) => event)).toEqual([
    { event_id: Number(s.event.id), participants: [] },
    { event_id: Number(s.other.id), participants: [] },
  ])
  expect(elements.map(({ participants }) => ids(participants ?? []))).toEqual([
    registrationsOf(s.event),
    registrationsOf(s.other),
  ])
})

test('a row has the person under `user`, the age beside it, and stamps of two kinds', async () => {
  await using s = await setup({ participants: 0 })
  const runner = { dob: '1986-05-02', gender: 'F', firstName: 'Zqxjmargie' } as const
  const { id } = register(s.world, s.event.id, { runner, bib: '17' })
  edit(s.world, s.event.id, id, { amount: '1234.50' })
  const [row] = await s.rows()
  expect(row).toMatchObject({
    user: {
      first_name: 'Zqxjmargie',
      dob: '1986-05-02',
      gender: 'F',
      address: { country_code: expect.any(String) },
    },
    registration_id: Number(id),
    event_id: Number(s.event.id),
    transaction_id: expect.stringMatching(/^ay_\d+_0$/),
    bib_num: 17,
    age: 40,
    registration_date: '4/1/2026 08:00',
    last_modified: Date.parse('2026-04-01T12:00:00Z') / 1000,
    amount_paid: '$1,234.50',
    imported: expect.stringMatching(/^[TF]$/),
  })
  expect(row?.user).not.toHaveProperty('age')
})

test('the age is the one on race day where the race is', async () => {
  await using s = await setup({ participants: 0 })
  s.world.event(s.event.id).startsAt = Date.parse('2026-05-03T02:00:00Z')
  const { id } = register(s.world, s.event.id, { runner: { dob: '2000-05-03' } })
  expect((await s.rows())[0]?.age).toBe(25)
  editRunner(s.world, s.event.id, id, { dob: null })
  edit(s.world, s.event.id, id, { statedAge: 33 })
  expect((await s.rows())[0]).toMatchObject({ age: 33, user: { dob: null } })
})

test('bibs are numbers or text, the gender X is for those who support it', async () => {
  await using s = await setup({ participants: 0 })
  const { id } = register(s.world, s.event.id, { runner: { gender: 'X' }, bib: '17' })
  const bib = async () => (await s.rows())[0]?.bib_num
  const gender = async (query: Record<string, string> = {}) =>
    ((await s.rows(query))[0] as { user: JsonObject }).user.gender
  s.sim.traits.bib = 'text'
  expect(await bib()).toBe('17')
  s.sim.traits.bib = 'number'
  const seen: Json[] = []
  for (const text of ['A17', '007', null]) {
    edit(s.world, s.event.id, id, { bib: text })
    seen.push((await bib()) ?? null)
  }
  expect(seen).toEqual(['A17', '007', null])
  expect(await gender({ supports_nb: 'T' })).toBe('X')
  for (const [form, shown] of [
    ['empty', ''],
    ['null', null],
    ['M', 'M'],
    ['F', 'F'],
  ] as const) {
    s.sim.traits.genderX = form
    expect(await gender()).toBe(shown)
  }
})

test('questions, corrals, check-in, add-ons and the template row come only when asked for', async () => {
  await using s = await setup({ participants: 0 })
  const { id } = register(s.world, s.event.id)
  edit(s.world, s.event.id, id, {
    corral: { id: 301, name: 'Corral B' },
    emergency: { name: 'Zqxj Friend', phone: '999-555-7000' },
    addOns: [{ id: 90, name: 'Parking', quantity: 2, amount: '12.00' }],
    checkedInAt: Date.parse('2026-05-02T11:00:00Z'),
  })
  const plain = (await s.rows())[0] ?? {}
  const asked = {
    include_questions: 'T',
    include_corrals: 'T',
    include_checkin_data: 'T',
    include_registration_addons: 'T',
  }
  const extras = ['question_responses', 'corral_name', 'checkin_data', 'participant_addons']
  expect(extras.filter((name) => name in plain)).toEqual([])
  const [row] = await s.rows(asked)
  expect(row).toMatchObject({
    question_responses: [
      { response: 'Zqxj Friend' },
      { response: '999-555-7000' },
      { responses: ['2024', '2025'] },
    ],
    corral_name: 'Corral B',
    checkin_data: { checked_in: 'T', checkin_ts: Date.parse('2026-05-02T11:00:00Z') / 1000 },
    participant_addons: [{ addon_name: 'Parking', quantity: 2, amount: '$12.00' }],
  })
  s.sim.traits.corral = 'object'
  expect((await s.rows(asked))[0]).toMatchObject({ corral: { corral_name: 'Corral B' } })
  const template = { include_template_participant: 'T', event_id: s.both, results_per_page: '1' }
  const [lowest] = registrationsOf(s.other) as [string]
  expect(ids(await s.rows(template))).toEqual(['-1', '-1', lowest])
  expect(ids(await s.rows({ ...template, page: '2' }))).not.toContain('-1')
})

test('`modified_after_timestamp` counts whole seconds and includes its own', async () => {
  await using s = await setup()
  s.clock.set('2026-04-01T13:00:00.900Z')
  edit(s.world, s.event.id, firstId(s), { chip: 'C1' })
  const second = Date.parse('2026-04-01T13:00:00Z') / 1000
  const since = async (value: number | string) =>
    ids(await s.rows({ modified_after_timestamp: String(value) }))
  expect([await since(second), await since(second + 1)]).toEqual([[firstId(s)], []])
  s.sim.traits.modifiedAfter = 'exclusive'
  expect([await since(second - 1), await since(second)]).toEqual([[firstId(s)], []])
  s.sim.traits.modifiedAfter = 'ignored'
  expect(await since(second + 1)).toHaveLength(30)
  s.sim.traits.modifiedAfter = 'inclusive'
  s.sim.traits.stampStep = 3600
  s.clock.advance(1_800_000)
  edit(s.world, s.event.id, firstId(s), { chip: 'C2' })
  expect([await since(second), await since(second + 1)]).toEqual([[firstId(s)], []])
  const query = { modified_after_timestamp: '2026-04-01 13:00:00' }
  expect(codeOf((await s.elements(query)) as unknown as Json)).toBe(3)
})

test('rows can be asked for by the second of their registration, bounds included', async () => {
  await using s = await setup({ participants: 0 })
  const at = Date.parse('2026-03-01T10:00:00Z')
  const made = [at - 1, at, at + 999, at + 1000].map((ms) => s.world.addRegistration(s.event, ms).id)
  const second = String(at / 1000)
  expect(ids(await s.rows({ registered_after_timestamp: second }))).toEqual(made.slice(1))
  expect(ids(await s.rows({ registered_before_timestamp: second }))).toEqual(made.slice(0, 3))
})

test('a silent change is shown, but not to those who ask for changes', async () => {
  await using s = await setup()
  s.clock.advance(60_000)
  edit(s.world, s.event.id, firstId(s), { bib: '4321' }, 'silent')
  expect((await s.rows())[0]?.bib_num).toBe(4321)
  const now = String(Math.floor(s.clock.now() / 1000))
  expect(await s.rows({ modified_after_timestamp: now })).toEqual([])
})

test('pages go by number or by the last id seen, up to 2,500 rows', async () => {
  await using s = await setup({ participants: 2_600 })
  const all = registrationsOf(s.event)
  const page = async (query: Record<string, string>) =>
    ids(await s.rows({ sort: 'registration_id ASC', results_per_page: '9999', ...query }))
  expect(await page({})).toEqual(all.slice(0, 2_500))
  expect(await page({ page: '2' })).toEqual(all.slice(2_500))
  expect(await page({ page: '3' })).toEqual([])
  expect(await page({ after_registration_id: all[2_499] as string })).toEqual(all.slice(2_500))
  expect(await page({ before_registration_id: all[3] as string })).toEqual(all.slice(0, 3))
  expect(await s.rows()).toHaveLength(50)
  s.sim.traitsOf(s.race.id).pageCap = 20
  expect(await page({ page: '2' })).toEqual(all.slice(20, 40))
  s.sim.traits.pageCapMode = 'reject'
  const refused = await s.elements({ results_per_page: '21' })
  expect(codeOf(refused as unknown as Json)).toBe(3)
})

test('a page of several events is cut from all their rows, or from each event’s own', async () => {
  await using s = await setup()
  const lengths = async (page: string) =>
    (await s.elements({ event_id: s.both, results_per_page: '8', page })).map((e) => e.participants?.length)
  expect([await lengths('1'), await lengths('4'), await lengths('5')]).toEqual([
    [8, 0],
    [6, 2],
    [0, 8],
  ])
  s.sim.traits.pageOver = 'event'
  expect([await lengths('1'), await lengths('2'), await lengths('5')]).toEqual([
    [8, 8],
    [8, 2],
    [0, 0],
  ])
})

test('rows come in the order asked for, unless the provider ignores it', async () => {
  await using s = await setup()
  const all = registrationsOf(s.event)
  expect(ids(await s.rows({ sort: 'registration_id DESC' }))).toEqual(all.toReversed())
  const ages = (await s.rows({ sort: 'age ASC' })).map((row) => Number(row.age))
  expect(ages).toEqual(ages.toSorted((a, b) => a - b))
  expect(codeOf((await s.elements({ sort: 'shoe_size ASC' })) as unknown as Json)).toBe(3)
  s.sim.traits.sort = 'ignored'
  const names = (await s.rows({ sort: 'registration_id ASC' })).map(
    (row) => (row.user as { last_name: string }).last_name,
  )
  expect(names).toEqual(names.toSorted((a, b) => (a < b ? -1 : 1)))
})

test('page numbers drift when a row leaves between two pages; the last id seen does not', async () => {
  await using s = await setup()
  const all = registrationsOf(s.event)
  const [gone] = all as [string]
  s.sim.atPage(s.event.id, 2, (world) => remove(world, s.event.id, gone))
  const read = async (query: Record<string, string>) =>
    ids(await s.rows({ results_per_page: '10', ...query }))
  const byNumber = [...(await read({})), ...(await read({ page: '2' })), ...(await read({ page: '3' }))]
  expect(all.filter((id) => !byNumber.includes(id))).toEqual([all[10]])
  const rest = all.slice(1)
  s.sim.atCall(s.sim.calls.last + 2, (world) => remove(world, s.event.id, rest[0] as string))
  const byId = await read({})
  byId.push(...(await read({ after_registration_id: byId.at(-1) as string })))
  expect(byId).toEqual(rest.slice(0, 20))
})

test('an event without rows has an empty list, null, no key, or no element; one event may come bare', async () => {
  await using s = await setup({ participants: 0 })
  const event = { event_id: Number(s.event.id), participants: [] }
  const shapes: unknown[] = []
  for (const empty of ['list', 'null', 'absent', 'no-element'] as const) {
    s.sim.traits.empty = empty
    shapes.push(await s.elements())
  }
  expect(shapes).toEqual([[{ event, participants: [] }], [{ event, participants: null }], [{ event }], []])
  const removed: unknown[] = []
  for (const empty of ['list', 'null', 'absent', 'no-element'] as const) {
    s.sim.traits.empty = empty
    removed.push(await s.elements({}, s.race, 'removed-participants'))
  }
  const { event_id } = event
  expect(removed).toEqual([
    [{ event }],
    [{ event: { event_id, participants: null } }],
    [{ event: { event_id } }],
    [],
  ])
  Object.assign(s.sim.traits, { empty: 'list', shape: 'object' })
  expect(await s.elements()).toEqual({ event, participants: [] })
  expect(await s.elements({ event_id: s.both })).toHaveLength(2)
})
