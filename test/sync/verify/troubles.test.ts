import { afterEach, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/domain/clock.ts'
import { isMarked, type Traits, world } from '../../../src/simulator/index.ts'
import { type Installation, install, START } from '../../helpers/installation.ts'
import { runVerify } from './run-verify.ts'

let installation: Installation
afterEach(() => installation.stop())

const DAY = 86_400_000

/** An account with events of these sizes, soonest first. */
async function accountWith(
  sizes: readonly number[],
  { secret, traits = {} }: { secret?: string; traits?: Partial<Traits> } = {},
) {
  const clock = new VirtualClock(START)
  const place = world({ clock, seed: 4 })
  const organization = place.addOrganization()
  const events = sizes.map((participants, i) =>
    place.addEvent(organization, { participants, startsAt: place.now() + (i + 2) * DAY }),
  )
  installation = await install({ clock, world: place, traits })
  const partnerId = await installation.addPartner('Lantern Timing')
  const given = secret ?? organization.secrets[0] ?? ''
  const credentialId = await installation.addCredential(partnerId, organization.clientId, given)
  const accountId = await installation.accountOf(organization.clientId)
  return { events, accountId, partnerId, credentialIds: [credentialId] }
}

it('tells a refused secret with one call, and asks for nothing else', async () => {
  const account = await accountWith([5], { secret: 'not-the-secret' })
  const found = await runVerify(installation, account)
  expect(found.states).toEqual(['ok secret', 'fail token', 'open events'])
  expect(installation.haku.calls.last).toBe(1)
  expect(found.ledger).toBe(1)
})

it('says of an empty account that nobody is there to compare', async () => {
  const account = await accountWith([0, 0])
  const found = await runVerify(installation, account)
  expect(found.states).toEqual(['ok secret', 'ok token', 'ok events', 'open event'])
  expect(found.answers.get('list-updated-at')).toBeNull()
  expect(found.answers.get('authorization')).toBe('bare')
})

it('says of an account without events that there are none', async () => {
  const account = await accountWith([])
  const found = await runVerify(installation, account)
  expect(found.states).toEqual(['ok secret', 'ok token', 'ok events', 'open event'])
  expect(found.detailOf('events')).toMatch(/^0 events found/)
})

it('reads of an event that is too large the first page and its first 15, and says so', async () => {
  const account = await accountWith([4_000])
  const found = await runVerify(installation, account)
  expect(found.states).toEqual([
    ...['ok secret', 'ok token', 'ok events', 'ok event', 'ok store', 'ok compare', 'open poll'],
  ])
  expect(found.detailOf('store')).toContain('25 registrations')
  expect(found.detailOf('compare')).toMatch(
    /^Only a part, .* 25 rows equal .*, 15 of them with their details/,
  )
  const details = installation.haku.calls.count({ endpoint: 'detail' })
  expect(details).toBe(15)
  expect(installation.haku.calls.last).toBeLessThan(30)
  expect(found.ledger).toBe(installation.haku.calls.last)
})

it('stops when the provider throttles, and keeps what it has found', async () => {
  const account = await accountWith([5], {
    traits: { quota: { limit: 4, retryAfter: 'seconds', headers: false } },
  })
  const found = await runVerify(installation, account)
  expect(found.states.slice(0, 3)).toEqual(['ok secret', 'ok token', 'ok events'])
  expect(found.states.at(-1)).toMatch(/^fail/)
  // The refused one is the last: nobody asks again during the pause.
  expect(installation.haku.calls.last).toBe(5)
  expect(found.answers.get('event-date')).not.toBeNull()
})

it('tells a list that cannot be read without hiding what else works', async () => {
  const account = await accountWith([5, 8])
  const [broken] = account.events
  installation.haku.faults.add({
    match: { endpoint: ['participants', 'registrations'], eventId: broken!.id },
    fault: { kind: 'status', status: 403 },
  })
  const found = await runVerify(installation, account)
  expect(found.states.filter((state) => !state.startsWith('ok'))).toEqual([])
  expect(found.detailOf('event')).toContain('8 registrations')
})

it('finds a row that differs from what the provider says', async () => {
  const account = await accountWith([6], { traits: { registrationsList: 'whole' } })
  await runVerify(installation, account)
  // A writer beside startlist, or a defect of ours.
  await installation.db
    .updateTable('haku_participants')
    .set({ last_name: 'Somebody', date_of_birth: null })
    .execute()
  const found = await runVerify(installation, account)
  expect(found.states).toContain('fail compare')
  expect(found.detailOf('compare')).toMatch(/columns that differ: .*last_name \(6\)/)
})

it('keeps an answer that a later contact cannot give, with its date', async () => {
  const account = await accountWith([60, 6])
  const first = await runVerify(installation, account)
  expect(first.answers.get('page-cap')).toBe('25')
  installation.clock.advance(3 * DAY)
  const later = await runVerify(installation, { ...account, calls: 6 })
  const cap = later.dated.find(({ question }) => question === 'page-cap')
  expect(cap).toMatchObject({ answer: '25', at: Date.parse(START) })
  expect(later.ledger).toBeLessThanOrEqual(6)
})

it('says nothing personal in checks and answers', async () => {
  const account = await accountWith([30, 12])
  const found = await runVerify(installation, account)
  expect(isMarked(JSON.stringify([found.checks, found.dated]))).toBe(false)
  // And the test can fail: what was seen is full of it.
  expect(isMarked(JSON.stringify(found.exchanges))).toBe(true)
})

it('makes not one call more than it may, and says what is left open', async () => {
  const account = await accountWith([6])
  const found = await runVerify(installation, { ...account, calls: 4 })
  expect(installation.haku.calls.last).toBe(4)
  expect(found.ledger).toBe(4)
  expect(found.states.at(-1)).toMatch(/^open /)
  expect(found.states.filter((state) => state.startsWith('fail'))).toEqual([])
})
