import { sql } from 'kysely'
import { VirtualClock } from '../../../src/domain/clock.ts'
import type { Json } from '../../../src/domain/json.ts'
import {
  type Endpoint,
  type EventOptions,
  type Haku,
  type Organization,
  type RaceEvent,
  type Traits,
  type World,
  world,
} from '../../../src/simulator/index.ts'
import type { Db } from '../../../src/store/database.ts'
import type { AccountOutcome, SyncRequest } from '../../../src/sync/account-sync.ts'
import type { AccountUse } from '../../../src/sync/open-account.ts'
import { type Installation, install, START } from '../../helpers/installation.ts'
import { type Difference, differences } from '../../helpers/truth.ts'

/** One partner, one account and one event, discovered but not yet synced. What a test of one race needs, in a word. */
export interface Race {
  installation: Installation
  clock: VirtualClock
  world: World
  haku: Haku
  db: Db
  organization: Organization
  event: RaceEvent
  partnerId: number
  credentialId: number
  clientId: string
  /** Registration numbers in the world's order. */
  numbers(): string[]
  /** The `n`th registration, from 0. */
  nth(n: number): string
  sync(request?: SyncRequest, use?: Partial<AccountUse>): Promise<AccountOutcome>
  /** A minute passes, then a poll. */
  poll(use?: Partial<AccountUse>): Promise<AccountOutcome>
  /** A minute passes, then a full sweep. */
  sweep(request?: SyncRequest): Promise<AccountOutcome>
  /** First sweep, details, and a poll that settles the event (W5). */
  settled(): Promise<void>
  differences(partnerId?: number, except?: readonly string[]): Promise<Difference[]>
  callsOf(work: () => Promise<unknown>): Promise<{ list: number; detail: number; token: number; all: number }>
}

export interface RaceOptions extends EventOptions {
  traits?: Partial<Traits>
  env?: Record<string, string>
  seed?: number
  /** Further events of the same organization. */
  also?: EventOptions[]
}

export { feedFaults, feedOf } from './feed-faults.ts'

let open: Installation | undefined

/** For `afterEach`: stops what {@link race} started. */
export async function stopRace(): Promise<void> {
  await open?.stop()
  open = undefined
}

export async function race(options: RaceOptions = {}): Promise<Race> {
  const { traits, env, seed = 1, also = [], ...event } = options
  const clock = new VirtualClock(START)
  const w = world({ clock, seed })
  const organization = w.addOrganization({ name: 'Riverbend Runners' })
  const made = w.addEvent(organization, { startsAt: '2026-05-02T07:00:00', participants: 60, ...event })
  for (const other of also) w.addEvent(organization, other)
  await open?.stop()
  const installation = await install({ clock, world: w, ...(traits && { traits }), ...(env && { env }) })
  open = installation
  const { haku, db } = installation
  const { clientId } = organization
  const partnerId = await installation.addPartner('Alder Timing')
  const credentialId = await installation.addCredential(partnerId, clientId, organization.secrets[0] ?? '')
  await installation.discover(clientId)
  const self: Race = {
    installation,
    clock,
    world: w,
    haku,
    db,
    organization,
    event: made,
    partnerId,
    credentialId,
    clientId,
    numbers: () => [...made.registrations.keys()],
    nth: (n) => [...made.registrations.keys()][n] ?? '',
    sync: (request, use) => installation.sync(clientId, request, use),
    poll(use) {
      clock.advance(60_000)
      return installation.sync(clientId, {}, use)
    },
    sweep(request) {
      clock.advance(60_000)
      return installation.sync(clientId, { full: true, ...request })
    },
    async settled() {
      await installation.sync(clientId)
      clock.advance(60_000)
      await installation.sync(clientId)
      clock.advance(60_000)
    },
    async differences(partner = partnerId, except = []) {
      const truth = haku.truth().get(made.id)
      if (truth === undefined) throw new Error('the event is not in the truth')
      return differences(db, truth, { partnerId: partner, except })
    },
    async callsOf(work) {
      const { last } = haku.calls
      await work()
      const count = (endpoint: Endpoint | Endpoint[]) => haku.calls.count({ endpoint, afterCall: last })
      return {
        list: count(['participants', 'registrations']),
        detail: count('detail'),
        token: count('token'),
        all: haku.calls.last - last,
      }
    },
  }
  return self
}

/** What an event's `sync_state` says, as text. */
export async function stateOf(db: Db, eventId: string) {
  const { rows } = await sql<{
    watermark: string | null
    finished_pass: number
    last_pass: number
    complete_at: string | null
    swept_at: string | null
    pass: Json
    failures: number
    last_error: string | null
  }>`SELECT watermark, finished_pass, last_pass, complete_at, swept_at, pass, failures, last_error
    FROM sync_state WHERE event_id = ${eventId}`.execute(db)
  const row = rows[0]
  if (row === undefined) throw new Error(`no state of event ${eventId}`)
  return row
}

export interface StoredRegistration {
  bib_number: string | null
  provider_bib: string | null
  local_bib: string | null
  first_name: string | null
  last_name: string | null
  email: string | null
  phone: string | null
  date_of_birth: string | null
  age_on_race_day: number | null
  registration_status: string
  removed: boolean
  removal_note: string | null
  absences: number
  detail_attempts: number
  detail_read: boolean
  owed: boolean
}

/** One stored registration; null when there is no row. */
export async function rowOf(
  db: Db,
  eventId: string,
  key: string,
  partnerId?: number,
): Promise<StoredRegistration | null> {
  const { rows } = await sql<StoredRegistration>`
    SELECT bib_number, provider_bib, local_bib, first_name, last_name, email, phone, date_of_birth::text,
      age_on_race_day, registration_status, removed_at IS NOT NULL AS removed, removal_note, absences, detail_attempts,
      detail_read_at IS NOT NULL AS detail_read, detail_of IS DISTINCT FROM list_fingerprint AS owed
    FROM haku_participants WHERE event_id = ${eventId} AND participant_id = ${key}
      AND (${partnerId ?? null}::int IS NULL OR timing_partner_id = ${partnerId ?? null})`.execute(db)
  return rows[0] ?? null
}

/** Registrations of one partner's event that are not removed. */
export async function countRows(db: Db, eventId: string, partnerId: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    SELECT count(*)::int AS n FROM haku_participants
    WHERE event_id = ${eventId} AND timing_partner_id = ${partnerId} AND removed_at IS NULL`.execute(db)
  return rows[0]?.n ?? 0
}
