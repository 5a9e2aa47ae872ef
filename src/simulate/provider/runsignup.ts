import type { Clock } from '../../domain/clock.ts'
import {
  assignBibs,
  edit,
  register,
  remove,
  setKeys,
  startRunSignUp,
  world,
} from '../../simulator/runsignup/index.ts'
import type { Scenario } from '../scenario.ts'
import { byClient, type ProviderMoves, type SimulatedProvider } from './provider.ts'

/** A simulated RunSignUp: each event is a race of its own, and a race is a list. */
export async function simulatedRunSignUp(
  { seed, provider }: Pick<Scenario, 'seed' | 'provider'>,
  clock: Clock,
): Promise<SimulatedProvider> {
  const runSignUp = await startRunSignUp({
    world: world({ clock, seed }),
    seed,
    traits: { pageCap: provider.pageCap },
  })
  type World = typeof runSignUp.world
  const keys = new Map<string, string>()
  const accounts = new Map<string, { id: string; timezone: string }>()
  const accountOf = (clientId: string) => {
    const account = accounts.get(clientId)
    if (account === undefined) throw new Error(`no account with the key ${clientId}`)
    return account
  }
  const eventOf = (at: World, list: string) => {
    const [event] = at.eventsOf(list)
    if (event === undefined) throw new Error(`no event of race ${list}`)
    return event
  }
  const movesOf = (at: World): ProviderMoves => ({
    enter(list) {
      const event = eventOf(at, list)
      const bib = at.nextBib(event)
      return { number: register(at, event.id, { bib }).id, bib }
    },
    withdraw: (list, number) => remove(at, eventOf(at, list).id, number),
    giveBib(list, number) {
      const event = eventOf(at, list)
      const bib = at.nextBib(event)
      edit(at, event.id, number, { bib })
      return bib
    },
    giveBibs(list, count) {
      const { id } = eventOf(at, list)
      return assignBibs(at, id, count).map((number) => ({
        number,
        bib: at.registration(id, number).bib ?? '',
      }))
    },
    changeSecrets(clientId) {
      const { id } = accountOf(clientId)
      setKeys(
        at,
        id,
        at.account(id).keys.map((key) => ({ ...key, secret: at.rng.hex(40) })),
      )
    },
  })
  return {
    name: 'runsignup',
    variables: { RUNSIGNUP_API_URL: runSignUp.apiUrl, RUNSIGNUP_CONCURRENCY: '1' },
    addAccount({ timezone }) {
      const { id, keys: made } = runSignUp.world.addAccount()
      const key = made.find(({ form }) => form === 'v2')
      if (key === undefined) throw new Error('the account lacks a key of version 2')
      accounts.set(key.key, { id, timezone })
      keys.set(id, key.key)
      return { clientId: key.key, secret: key.secret }
    },
    addEvent(clientId, { name, participants, startsAt }) {
      const { id, timezone } = accountOf(clientId)
      const race = runSignUp.world.addRace(runSignUp.world.account(id), { name, timezone })
      runSignUp.world.addEvent(race, { name, participants, startsAt })
      return race.id
    },
    numbersOf: (list) => [...eventOf(runSignUp.world, list).registrations.keys()],
    limit(clientId, calls) {
      runSignUp.traitsOf(accountOf(clientId).id).quota = calls
    },
    at: (instant, move) => runSignUp.at(instant, (then) => move(movesOf(then))),
    fail({ from, until, clientId, fault }) {
      const played = fault.kind === 'reset' ? { ...fault, when: 'at-once' as const } : fault
      const match = clientId === null ? {} : { match: { client: accountOf(clientId).id } }
      runSignUp.faults.add({ from, until, fault: played, ...match })
    },
    get lastCall() {
      return runSignUp.calls.last
    },
    callsAfter: (call, until) =>
      byClient(
        runSignUp.calls.list({ afterCall: call, until }).map(({ client, at, endpoint, raceId, page }) => ({
          ...{ at, endpoint, page, eventId: raceId },
          client: keys.get(client ?? ''),
        })),
      ),
    [Symbol.asyncDispose]: () => runSignUp.stop(),
  }
}
