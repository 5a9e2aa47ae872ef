import { sql } from 'kysely'
import { VirtualClock } from '../../../src/domain/clock.ts'
import { type AccountBackfill, backfillAccount } from '../../../src/scheduler/backfill/account.ts'
import { CallBudget } from '../../../src/scheduler/backfill/budget.ts'
import type { BackfillRequest } from '../../../src/scheduler/backfill/job.ts'
import { type Organization, type Traits, type World, world } from '../../../src/simulator/index.ts'
import type { Db } from '../../../src/store/database.ts'
import { type Installation, installOn, START } from '../../helpers/installation-on.ts'
import { differences } from '../../helpers/truth.ts'

/** How many participants each event has, soonest first; negative days are past. */
export interface SceneOptions {
  sizes: readonly number[]
  traits?: Partial<Traits>
  env?: Record<string, string>
  /** days from now at which the first event starts, and from one to the next */
  firstDay?: number
  everyDays?: number
}

/** An organization with events of these sizes, none of which was ever read. */
export interface Scene {
  installation: Installation
  clock: VirtualClock
  world: World
  organization: Organization
  partnerId: number
  eventIds: string[]
  backfill(request?: Partial<BackfillRequest>): Promise<AccountBackfill>
  /** What is stored and not true, over all events. */
  wrong(): Promise<string[]>
  /** Rows that are stored. */
  rows(): Promise<number>
}

/** What `startlist backfill` asks for without an option. */
export function requestFor(accountId: number): BackfillRequest {
  return {
    accountId,
    largeEvent: 1_000,
    processLarge: false,
    wait: true,
    databaseWaitMs: 60_000,
    budget: new CallBudget(),
    hooks: {},
    signal: new AbortController().signal,
  }
}

/** Starts a simulated provider and an installation on a migrated database that has the same clock. */
export async function setScene(db: Db, clock: VirtualClock, options: SceneOptions): Promise<Scene> {
  const { sizes, traits, env, firstDay = 10, everyDays = 3 } = options
  const w = world({ clock, seed: 4 })
  const organization = w.addOrganization({ name: 'Riverbend Runners' })
  const day = 86_400_000
  const eventIds = sizes.map(
    (participants, i) =>
      w.addEvent(organization, {
        // A name says nothing: the smallest is called a marathon.
        name: `Marathon ${i + 1}`,
        startsAt: clock.now() + (firstDay + i * everyDays) * day,
        participants,
      }).id,
  )
  const installation = await installOn(db, {
    clock,
    world: w,
    traits: { pageCap: 100, ...traits },
    env: { HAKU_QUOTA_PER_HOUR: '500', HAKU_MIN_SPACING_MS: '1500', ...env },
  })
  const partnerId = await installation.addPartner('Alder Timing')
  await installation.addCredential(partnerId, organization.clientId, organization.secrets[0] ?? '')
  const accountId = await installation.accountOf(organization.clientId)
  return {
    installation,
    clock,
    world: w,
    organization,
    partnerId,
    eventIds,
    backfill: (request = {}) =>
      backfillAccount(installation.services, { ...requestFor(accountId), ...request }),
    async wrong() {
      const found: string[] = []
      for (const truth of installation.haku.truth().values())
        for (const { eventId, key, what } of await differences(db, truth, { partnerId }))
          found.push(`${eventId} ${key} ${what}`)
      return found
    },
    async rows() {
      const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM haku_participants`.execute(db)
      return rows[0]?.n ?? 0
    },
  }
}

export const sceneClock = () => new VirtualClock(START)
