import { sql } from 'kysely'
import { VirtualClock } from '../../../src/domain/clock.ts'
import {
  editPerson,
  type RaceEvent,
  Rng,
  register,
  remove,
  type World,
  world,
} from '../../../src/simulator/index.ts'
import { eventsOfAccount } from '../../../src/store/events.ts'
import { openHolds } from '../../../src/store/holds.ts'
import { syncList } from '../../../src/sync/event-sync.ts'
import { withAccount } from '../../../src/sync/open-account.ts'
import { type Installation, installOn, START } from '../../helpers/installation-on.ts'
import { differences } from '../../helpers/truth.ts'
import type { Databases } from '../../soak/databases.ts'

/** What came of a history in the real engine. */
export interface DriftedRows {
  /** removed in the tables and alive at the provider, after any pass; nobody comes back in these histories */
  falselyRemoved: string[]
  /** after the quiet sweep, where no hold is open */
  wrong: string[]
  held: boolean
  removed: number
}

/** The same histories as in memory, on PostgreSQL, by HTTP: the list moves between any two calls of a pass. */
export async function driftOnPostgres(
  seed: number,
  open: (options: { virtualClock: VirtualClock }) => ReturnType<Databases['open']>,
): Promise<DriftedRows> {
  const rng = new Rng(seed)
  const clock = new VirtualClock(START)
  const scene = world({ clock, seed })
  const organization = scene.addOrganization()
  const participants = 20 + rng.int(100)
  const event = scene.addEvent(organization, { startsAt: '2026-05-10T07:00:00', participants })
  const { db, drop } = await open({ virtualClock: clock })
  const traits = { registrationsList: 'whole', pageCap: rng.pick([10, 25]) } as const
  const installation = await installOn(db, { clock, world: scene, traits })
  try {
    const partnerId = await installation.addPartner('Drift Timing')
    const { clientId, secrets } = organization
    await installation.addCredential(partnerId, clientId, secrets[0] ?? '')
    await installation.discover(clientId)
    const falselyRemoved: string[] = []
    const pass = async (kind: 'poll' | 'sweep', atBoundary: () => void) => {
      await passOver(installation, clientId, kind, atBoundary)
      falselyRemoved.push(...(await removedAlive(installation, event)))
    }
    const moves = () => move(rng, scene, event, clock)
    await pass('sweep', moves)
    for (let passes = rng.int(4); passes > 0; passes--) {
      clock.advance(1_000 + rng.int(600_000))
      moves()
      await pass(rng.chance(0.6) ? 'poll' : 'sweep', moves)
    }
    clock.advance(60_000)
    await pass('sweep', () => {})
    const truth = installation.haku.truth().get(event.id)
    if (truth === undefined) throw new Error('the event is not in the truth')
    const held = (await openHolds(db)).length > 0
    const found = await differences(db, truth, { partnerId })
    // People of a hold are stored, and gone at the provider, until somebody decides.
    const wrong = found.filter((one) => !(held && one.what === 'row' && one.stored === 'present'))
    const { rows } = await sql<{ n: number }>`
      SELECT count(*)::int AS n FROM haku_participants WHERE removed_at IS NOT NULL`.execute(db)
    return { falselyRemoved, wrong: wrong.map((one) => JSON.stringify(one)), held, removed: rows[0]?.n ?? 0 }
  } finally {
    await installation.stop()
    await drop()
  }
}

async function passOver(
  { services, accountOf }: Installation,
  clientId: string,
  kind: 'poll' | 'sweep',
  atBoundary: () => void,
): Promise<void> {
  const accountId = await accountOf(clientId)
  await withAccount(services, accountId, { class: 'person' }, async (account) => {
    const [listed] = await eventsOfAccount(account.db, accountId)
    if (listed === undefined) throw new Error('the event is not there')
    const between = async () => {
      atBoundary()
      return 'go' as const
    }
    const { error } = await syncList(account, listed, {
      kind,
      class: 'person',
      between,
      pollAfterResume: false,
    })
    if (error !== null) throw error
  })
}

async function removedAlive({ db }: Installation, event: RaceEvent): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    SELECT participant_id AS key FROM haku_participants WHERE removed_at IS NOT NULL`.execute(db)
  return rows.map(({ key }) => key).filter((key) => event.registrations.has(key))
}

/** Deletions, edits and insertions, up to three of them within a few seconds. */
function move(rng: Rng, scene: World, event: RaceEvent, clock: VirtualClock): void {
  for (let left = rng.int(4); left > 0; left--) {
    clock.advance(rng.int(1_500))
    const numbers = [...event.registrations.keys()]
    const kind = rng.next()
    if (kind < 0.2 || numbers.length === 0) register(scene, event.id)
    else if (kind < 0.6) remove(scene, event.id, rng.pick(numbers))
    else editPerson(scene, event.id, rng.pick(numbers), { phone: `+1 555 01${rng.int(90) + 10}` })
  }
}
