import { VirtualClock } from '../../../src/domain/clock.ts'
import { assignBibs, register, remove, setKeys } from '../../../src/simulator/runsignup/index.ts'
import { installRunSignUp } from '../../helpers/runsignup.ts'
import type { Stage } from '../conformance.ts'

/** RunSignUp with a race of two events: a list of several. */
export async function runsignupStage(participants: number): Promise<Stage> {
  const r = await installRunSignUp({ clock: new VirtualClock('2026-05-01T16:00:00Z') })
  const race = r.world.addRace(r.account)
  const half = Math.floor(participants / 2)
  const events = [half, participants - half].map((count) =>
    r.world.addEvent(race, { startsAt: '2026-05-09T07:00:00', participants: count }),
  )
  const [first, second] = events
  if (first === undefined || second === undefined) throw new Error('no events')
  await r.discover()
  // Found by nobody yet, and whose list a foreign one would be.
  r.world.addEvent(r.world.addRace(r.account), { startsAt: '2026-06-09T07:00:00', participants: 30 })
  return {
    ...{ clock: r.clock, db: r.db, secrets: r.account.keys.map(({ secret }) => secret) },
    discover: async () => {
      const found = await r.discover()
      return found.map((line) => ({ ...line, new: line.new - 1 }))
    },
    cap: (rows) => {
      r.server.traits.pageCap = rows
    },
    sync: (request) => r.sync({ ...request, eventId: race.id }),
    differences: async () => (await r.differences()).filter((line) => !isOther(line, [first.id, second.id])),
    calls: () => r.server.calls.last,
    register: (count) => {
      for (let i = 0; i < count; i++) register(r.world, second.id)
    },
    assignBibs: (count) => {
      assignBibs(r.world, first.id, Math.min(count, first.registrations.size))
      if (count > first.registrations.size) assignBibs(r.world, second.id, count - first.registrations.size)
    },
    remove: (count) => {
      for (const id of [...first.registrations.keys()].slice(0, count)) remove(r.world, first.id, id)
    },
    atSecondPage: (move) => r.server.atPage(first.id, 2, move),
    fault: (fault, times) => {
      r.server.faults.add({ match: { endpoint: 'participants' }, times, fault })
    },
    changeSecret: () =>
      setKeys(r.world, r.account.id, [
        { form: 'v2', key: 'another-key-of-a-test', secret: 'another-secret' },
      ]),
    stop: () => r.stop(),
  }
}

const isOther = (line: string, ids: readonly string[]) => !ids.some((id) => line.startsWith(`${id}/`))
