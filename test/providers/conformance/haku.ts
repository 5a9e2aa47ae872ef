import { VirtualClock } from '../../../src/domain/clock.ts'
import { assignBibs, register, remove, setSecrets, world } from '../../../src/simulator/index.ts'
import { install, START } from '../../helpers/installation.ts'
import { differences } from '../../helpers/truth.ts'
import type { Stage } from '../conformance.ts'

/** Haku with whole registrations in its list, so that calls for details hide none for the list. */
export async function hakuStage(participants: number): Promise<Stage> {
  const clock = new VirtualClock(START)
  const w = world({ clock, seed: 1 })
  const organization = w.addOrganization({ name: 'Riverbend Runners' })
  const event = w.addEvent(organization, { startsAt: '2026-05-09T07:00:00', participants })
  // Whose list a foreign one would be.
  w.addEvent(organization, { startsAt: '2026-04-01T07:00:00', participants: 30 })
  const r = await install({ clock, world: w, traits: { registrationsList: 'whole', pageCap: 100 } })
  const partnerId = await r.addPartner('Alder Timing')
  const [secret = ''] = organization.secrets
  await r.addCredential(partnerId, organization.clientId, secret)
  const { clientId } = organization
  const discover = () => r.discover(clientId)
  await discover()
  const { haku } = r
  return {
    ...{ clock, db: r.db, secrets: [secret], discover },
    cap: (rows) => {
      haku.traits.pageCap = rows
    },
    sync: (request) => r.sync(clientId, request),
    async differences() {
      const truth = haku.truth().get(event.id)
      return truth === undefined ? ['the event is gone'] : differences(r.db, truth, { partnerId })
    },
    calls: () => haku.calls.last,
    register: (count) => {
      for (let i = 0; i < count; i++) register(w, event.id)
    },
    assignBibs: (count) => void assignBibs(w, event.id, count),
    remove: (count) => {
      for (const number of [...event.registrations.keys()].slice(0, count)) remove(w, event.id, number)
    },
    atSecondPage: (move) => haku.atPage(event.id, 2, move),
    fault: (fault, times) => {
      const played = fault.kind === 'status' && fault.status === 200 ? WITH_MESSAGE : fault
      haku.faults.add({ match: { endpoint: ['participants', 'registrations'] }, times, fault: played })
    },
    changeSecret: () => {
      setSecrets(w, clientId, ['another-secret-of-a-test'])
      haku.revokeTokens()
    },
    async stop() {
      await r.stop()
      await r.db.destroy()
    },
  }
}

/** What comes nearest to an error with status 200: an object that is no list. */
const WITH_MESSAGE = { kind: 'wrong-type', as: 'string' } as const
