import { isDeepStrictEqual } from 'node:util'
import {
  type RaceEvent,
  type RunSignUp,
  register,
  startRunSignUp,
  type TrueEvent,
  transfer,
  world,
} from '../../simulator/runsignup/index.ts'
import { addCredential, setSecret } from '../../store/credentials.ts'
import { streamParticipants } from '../../store/overview/participants.ts'
import { seal } from '../../store/secrets.ts'
import { discover } from '../../sync/discover.ts'
import { withAccount } from '../../sync/open-account.ts'
import { syncOne } from './fill.ts'
import type { DemoAccount, Installation } from './install.ts'
import { somebody } from './people.ts'
import type { Scene } from './scene.ts'
import type { Screen } from './screen.ts'

const RACE = 'Harbor Lights Weekend'
const DAY = 86_400_000
const SEED = 91
const SHOWN_DIFFERENCES = 5

/** Starts the second provider, with nothing in it yet, on the scene's clock. */
export const startSecond = ({ clock }: Pick<Scene, 'clock'>): Promise<RunSignUp> =>
  startRunSignUp({ world: world({ clock, seed: SEED }) })

/**
 * Shows the second provider: one timing partner has a key at a simulated RunSignUp, where one call brings every
 * registration of a race's events, a poll without news costs one, and a transfer is in both events at one commit.
 * @returns whether the rows equal the provider's truth in the end
 */
export async function showRunSignUp(
  installation: Installation,
  server: RunSignUp,
  screen: Screen,
  signal: AbortSignal,
): Promise<boolean> {
  const { scene, db, services } = installation
  const { clock } = scene
  const { world: provider } = server
  const account = provider.addAccount()
  const race = provider.addRace(account, { name: RACE, timezone: scene.race.timezone })
  const startsAt = clock.now() + DAY
  const add = (name: string, people: number): RaceEvent => {
    const event = provider.addEvent(race, { name, startsAt })
    for (let i = 0; i < people; i++) {
      const bib = provider.rng.chance(0.8) ? provider.nextBib(event) : null
      provider.addRegistration(event, clock.now() - 1 - provider.rng.int(90 * DAY), {
        runner: somebody(provider.rng),
        bib,
      })
    }
    return event
  }
  const half = add('Half Marathon', 60)
  const ten = add('10K', 40)
  const spent = async (work: () => Promise<unknown>) => {
    const { last } = server.calls
    await work()
    return callsText(server.calls.last - last)
  }

  const partnerId = installation.accounts[0]?.partnerIds[0] ?? 0
  const added = await addKey(
    installation,
    partnerId,
    account.keys.find(({ form }) => form === 'v2'),
  )
  const found = await spent(() =>
    withAccount(services, added.accountId, { class: 'person', signal }, discover),
  )
  const filled = await spent(() => syncOne(installation, added, {}, { signal }))
  screen.line(`  ${RACE}: the key tried and 2 events found in ${found}.`)
  screen.line(`  100 registrations of both, bibs included, in ${filled}.`)
  clock.advance(60_000)
  screen.line(
    `  A poll without news: ${await spent(() => syncOne(installation, added, {}, { signal }))}, for both events.`,
  )

  const mover = [...half.registrations.values()][0]
  if (mover === undefined) throw new Error('the demo has nobody to transfer')
  const { firstName, lastName } = mover.runner
  transfer(provider, half.id, mover.id, ten.id)
  register(provider, ten.id, { runner: somebody(provider.rng), bib: provider.nextBib(ten) })
  clock.advance(60_000)
  const moved = await spent(() => syncOne(installation, added, {}, { signal }))
  screen.line(
    `  ${firstName} ${lastName.slice(0, 1)}. moves to the 10K, and somebody new registers: ${moved}.`,
  )
  const { registrations, wrong } = await compare(db, partnerId, [...server.truth().values()])
  const verdict =
    wrong.length === 0 ? screen.paint(['bold', 'green'], 'yes') : screen.paint(['bold', 'red'], 'no')
  screen.line(`  Rows equal RunSignUp's truth: ${verdict} (${registrations} registrations)`)
  for (const line of wrong.slice(0, SHOWN_DIFFERENCES)) screen.line(`    ${line}`)
  return wrong.length === 0
}

async function addKey(
  { db, services }: Installation,
  partnerId: number,
  key: { key: string; secret: string } | undefined,
): Promise<DemoAccount> {
  if (key === undefined) throw new Error('the account lacks a key of version 2')
  const credential = { partnerId, provider: 'runsignup' as const, organization: RACE, principal: key.key }
  const added = await db.transaction().execute((trx) => addCredential(trx, { ...credential, timezone: null }))
  if (added === null) throw new Error('the key could not be added')
  const { accountId, credentialId } = added
  await setSecret(db, credentialId, await seal(services.key, `credential:${credentialId}`, key.secret))
  return { accountId, clientId: key.key, organization: RACE, partnerIds: [partnerId] }
}

/** Holds the rows against the truth, both ways: who is in which event, by what name, with which bib. */
async function compare(
  db: Installation['db'],
  partnerId: number,
  truth: readonly TrueEvent[],
): Promise<{ registrations: number; wrong: string[] }> {
  const wrong: string[] = []
  let count = 0
  for (const { id, name, registrations } of truth) {
    const stored = new Map<string, unknown>()
    for await (const rows of streamParticipants(db, { eventId: id, partnerId })) {
      for (const { registration, firstName, lastName, bib, age } of rows)
        stored.set(registration ?? '', { firstName, lastName, bib, age })
    }
    for (const [number, { firstName, lastName, bib, age }] of registrations) {
      count++
      if (!isDeepStrictEqual(stored.get(number), { firstName, lastName, bib, age }))
        wrong.push(`${name}: ${number} is not as the provider has it`)
      stored.delete(number)
    }
    for (const number of stored.keys()) wrong.push(`${name}: ${number} is not there any more`)
  }
  return { registrations: count, wrong }
}

const callsText = (calls: number) => (calls === 1 ? '1 call' : `${calls} calls`)
