import { afterAll, afterEach, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/domain/clock.ts'
import type { Traits } from '../../../src/simulator/runsignup/traits.ts'
import { START } from '../../helpers/installation.ts'
import { installRunSignUp, type RaceInstallation } from '../../helpers/runsignup.ts'
import { type Choices, extend, product } from '../covering.ts'
import { runVerify } from './run-verify.ts'

const EVERY = {
  pageCap: [2500, 100],
  form: ['v1', 'v2'],
} as const satisfies Choices
const PAIRED = {
  shape: ['array', 'object'],
  bib: ['number', 'text'],
  empty: ['list', 'null', 'absent', 'no-element'],
  pageOver: ['all', 'event'],
  wrongKeyRaces: ['nation', 'refused', 'none'],
  pageCapMode: ['silent', 'reject'],
} as const satisfies Choices
const COMBINATIONS = extend<typeof EVERY, typeof PAIRED>(product(EVERY), PAIRED)

const open: RaceInstallation[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop()
})
afterAll(() => expect(open).toEqual([]))

const DAY = 86_400_000

async function installed(
  { form, ...traits }: Partial<Traits> & { form?: 'v1' | 'v2' },
  sizes: readonly number[],
) {
  const clock = new VirtualClock(START)
  const place = await installRunSignUp({ clock, traits, ...(form && { form }) })
  open.push(place)
  const { world: w, account } = place
  for (const [i, participants] of sizes.entries()) {
    const race = w.addRace(account)
    w.addEvent(race, { participants, startsAt: clock.now() + (i + 3) * DAY })
  }
  // Somebody else's, that the nation's list has as well.
  const other = w.addAccount()
  for (let i = 0; i < 3; i++) w.addEvent(w.addRace(other), { participants: 1 })
  const { accountId, partnerId, credentialId } = place
  return { place, at: { accountId, partnerId, credentialIds: [credentialId] } }
}

it.each(COMBINATIONS.map((chosen, number) => ({ chosen, number })))(
  'tells shape $number as it is',
  async ({ chosen }) => {
    const { place, at } = await installed(chosen, [130, 6])
    const { last } = place.server.calls
    const found = await runVerify(place, at)
    const hint = JSON.stringify(chosen)
    const calls = place.server.calls.count({ afterCall: last })
    expect(calls, hint).toBe(found.ledger)
    expect(calls, hint).toBeLessThan(30)
    expect(
      found.states.filter((state) => !state.startsWith('ok')),
      hint,
    ).toEqual([])
    expect(Object.fromEntries(found.answers), hint).toMatchObject({
      'key-form': chosen.form === 'v1' ? 'in the query (version 1)' : 'in a header (version 2)',
      'key-limits-races': 'yes',
      totals: 'no',
      shape: chosen.shape === 'array' ? 'an array' : 'one object',
      'bib-type': chosen.bib === 'number' ? 'a number' : 'a text',
      'page-cap': 'at least 50',
      zone: 'yes',
      order: 'yes',
      'last-modified': 'yes',
      'removed-feed': 'yes',
    })
  },
  60_000,
)

it('tells a refused key, and asks for nothing more', async () => {
  const { place, at } = await installed({ wrongKeyRaces: 'refused' }, [5])
  place.account.keys.splice(0)
  const found = await runVerify(place, at)
  expect(found.states).toEqual(['ok secret', 'fail token', 'open events'])
  expect(found.ledger).toBeLessThanOrEqual(5)
})
