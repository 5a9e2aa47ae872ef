import type { Clock } from '../../domain/clock.ts'
import { assignBibs, cancel, register, setBib, startHaku, type World, world } from '../../simulator/index.ts'
import type { Scenario } from '../scenario.ts'
import { byClient, type ProviderMoves, type SimulatedProvider } from './provider.ts'

/** A simulated Haku: an event is a list, and bibs come by detail calls where the lists are thin. */
export async function simulatedHaku(
  { seed, provider }: Pick<Scenario, 'seed' | 'provider'>,
  clock: Clock,
): Promise<SimulatedProvider> {
  const haku = await startHaku({
    world: world({ clock, seed }),
    seed,
    traits: {
      pageCap: provider.pageCap,
      pageDefault: provider.pageCap,
      ...(provider.lists === 'whole' && { participantsList: 'whole' }),
    },
  })
  const movesOf = (at: World): ProviderMoves => ({
    enter(list) {
      const bib = at.nextBib(at.event(list))
      return { number: register(at, list, { bib }).number, bib }
    },
    withdraw: (list, number) => cancel(at, list, number),
    giveBib(list, number) {
      const bib = at.nextBib(at.event(list))
      setBib(at, list, number, bib)
      return bib
    },
    giveBibs: (list, count) =>
      assignBibs(at, list, count).map((number) => ({ number, bib: bibOf(at, list, number) })),
    changeSecrets(clientId) {
      const organization = at.organization(clientId)
      organization.secrets = organization.secrets.map(() => at.rng.hex(40))
      haku.revokeTokens(clientId)
    },
  })
  return {
    name: 'haku',
    variables: { HAKU_API_URL: haku.apiUrl, HAKU_TOKEN_URL: haku.tokenUrl },
    addAccount(account) {
      const { clientId, secrets } = haku.world.addOrganization(account)
      return { clientId, secret: secrets[0] ?? '' }
    },
    addEvent(clientId, { isDay, ...event }) {
      const { id } = haku.world.addEvent(haku.world.organization(clientId), event)
      if (isDay) haku.traitsOf(id).eventDate = 'date'
      return id
    },
    numbersOf: (list) => [...haku.world.event(list).registrations.keys()],
    limit(clientId, calls) {
      haku.traitsOf(clientId).quota =
        calls === null ? null : { limit: calls, retryAfter: 'seconds', headers: false }
    },
    at: (instant, move) => haku.at(instant, (then) => move(movesOf(then))),
    fail({ from, until, clientId, fault }) {
      const played = fault.kind === 'reset' ? { ...fault, when: 'at-once' as const } : fault
      haku.faults.add({
        from,
        until,
        fault: played,
        ...(clientId !== null && { match: { client: clientId } }),
      })
    },
    get lastCall() {
      return haku.calls.last
    },
    callsAfter: (call, until) => byClient(haku.calls.list({ afterCall: call, until })),
    [Symbol.asyncDispose]: () => haku.stop(),
  }
}

function bibOf(at: World, list: string, number: string): string {
  const { categories } = at.registration(list, number)
  return categories.find(({ tagNumber }) => tagNumber !== null)?.tagNumber ?? ''
}
