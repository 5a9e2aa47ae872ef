import { sql } from 'kysely'
import { loadConfig } from '../../src/config.ts'
import type { VirtualClock } from '../../src/domain/clock.ts'
import {
  type Account,
  type RunSignUpOptions,
  startRunSignUp,
  type TrueEvent,
  type World,
  world,
} from '../../src/simulator/runsignup/index.ts'
import { addCredential, listCredentials, setSecret } from '../../src/store/credentials.ts'
import type { Db } from '../../src/store/database.ts'
import { seal } from '../../src/store/secrets.ts'
import { type SyncRequest, syncAccount } from '../../src/sync/account-sync.ts'
import { discover } from '../../src/sync/discover.ts'
import { type AccountUse, type Services, withAccount } from '../../src/sync/open-account.ts'
import { testDatabase } from './database.ts'

/** A synthetic key, for tests only. */
const KEY = Buffer.alloc(32, 9).toString('base64')

/** What a test may decide of an installation. */
export interface RaceOptions {
  clock: VirtualClock
  traits?: RunSignUpOptions['traits']
  recording?: RunSignUpOptions['recording']
  transferIds?: 'new' | 'same'
  form?: 'v1' | 'v2'
  env?: Record<string, string>
  /** A database and a world that are there already, with the account's key among the credentials of a partner. */
  onto?: { db: Db; world: World; account: Account; partnerId: number }
}

/** A whole startlist on a virtual clock beside a simulated RunSignUp with one account and one partner. */
export async function installRunSignUp(options: RaceOptions) {
  const { clock } = options
  const { onto } = options
  const { db } = onto ?? (await testDatabase({ virtualClock: clock }))
  const w =
    onto?.world ?? world({ clock, seed: 3, ...(options.transferIds && { transferIds: options.transferIds }) })
  const account = onto?.account ?? w.addAccount()
  const key = account.keys.find(({ form }) => form === (options.form ?? 'v2'))
  if (key === undefined) throw new Error('the account lacks this form of key')
  const { traits, recording } = options
  const server = await startRunSignUp({
    world: w,
    ...(traits && { traits }),
    ...(recording && { recording }),
  })
  const services: Services = {
    db,
    clock,
    key: KEY,
    config: loadConfig({
      root: '/nonexistent',
      env: {
        DATABASE_URL: 'postgres://unused@127.0.0.1/unused',
        STARTLIST_KEY: KEY,
        RUNSIGNUP_API_URL: server.apiUrl,
        RUNSIGNUP_MIN_SPACING_MS: '0',
        RUNSIGNUP_QUOTA_PER_HOUR: '100000',
        ...options.env,
      },
    }),
  }
  const addPartner = async (name: string): Promise<number> => {
    const row = await db
      .insertInto('timing_partners')
      .values({ company_name: name, timezone: 'America/New_York' })
      .returning('timing_partner_id')
      .executeTakeFirstOrThrow()
    return row.timing_partner_id
  }
  const addKey = async (partnerId: number, principal = key.key, secret = key.secret) => {
    const added = await db.transaction().execute((trx) =>
      addCredential(trx, {
        ...{ partnerId, provider: 'runsignup', organization: 'Test Races', principal, timezone: null },
      }),
    )
    if (!added) throw new Error('the credential exists')
    await setSecret(db, added.credentialId, await seal(KEY, `credential:${added.credentialId}`, secret))
    return added
  }
  const partnerId = onto?.partnerId ?? (await addPartner('Alder Timing'))
  const { accountId, credentialId } = onto ? await keyOf(db, key.key) : await addKey(partnerId)
  const use = (part: Partial<AccountUse> = {}): AccountUse => ({ class: 'person', ...part })
  return {
    ...{
      clock,
      db,
      world: w,
      account,
      server,
      services,
      partnerId,
      accountId,
      credentialId,
      addPartner,
      addKey,
    },
    discover: (part?: Partial<AccountUse>) => withAccount(services, accountId, use(part), discover),
    sync: (request: SyncRequest = {}, part?: Partial<AccountUse>) =>
      withAccount(services, accountId, use(part), (open) => syncAccount(open, request)),
    /** Calls that `work` makes, by endpoint. */
    async callsOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
      const { last } = server.calls
      await work()
      const count: Record<string, number> = {}
      for (const { endpoint } of server.calls.list({ afterCall: last }))
        count[endpoint] = (count[endpoint] ?? 0) + 1
      return count
    },
    /** How the tables differ from what the provider knows of all events, past and deleted ones left out. */
    async differences(partner = partnerId): Promise<string[]> {
      const events = [...server.truth().values()].filter(({ deleted }) => !deleted)
      return (await Promise.all(events.map((event) => differences(db, event, partner)))).flat()
    },
    /** A file may have many of these, and PostgreSQL has a hundred connections for all files. */
    async stop() {
      await server.stop()
      await db.destroy()
    },
  }
}

async function keyOf(db: Db, principal: string): Promise<{ accountId: number; credentialId: number }> {
  const found = (await listCredentials(db)).find((credential) => credential.principal === principal)
  if (found === undefined) throw new Error('nobody has the key')
  return found
}

export type RaceInstallation = Awaited<ReturnType<typeof installRunSignUp>>

interface Stored {
  key: string
  event: string
  live: boolean
  status: string
  told: Record<string, unknown>
  successor: string | null
}

/** Where the rows of one partner differ from one event's truth, both ways, in words. */
async function differences(db: Db, event: TrueEvent, partnerId: number): Promise<string[]> {
  const { rows } = await sql<Stored>`
    SELECT registration_id::text AS key, event_id::text AS event, removed_at IS NULL AS live,
      registration_status AS status, successor,
      jsonb_build_object('firstName', first_name, 'middleName', middle_name, 'lastName', last_name, 'email', email,
        'phone', phone, 'dob', dob, 'age', age_on_race_day, 'legacyAge', age, 'bib', bib_num, 'chip', chip_num,
        'team', team_affiliation, 'corral', corral, 'country', nationality, 'amount', amount_paid::text,
        'userId', user_id) AS told
    FROM runsignup_participants WHERE timing_partner_id = ${partnerId} AND event_id = ${event.id}::int`.execute(
    db,
  )
  const found: string[] = []
  const stored = new Map(rows.map((row) => [row.key, row]))
  for (const [key, truth] of event.registrations) {
    const row = stored.get(key)
    if (row === undefined || !row.live) {
      found.push(`${event.id}/${key} is not live`)
      continue
    }
    const { firstName, middleName, lastName, email, phone, dob, age, bib, chip, team, corral, userId } = truth
    const country = truth.address.countryCode
    const amount = Number(truth.amount).toFixed(2)
    const all = { firstName, middleName, lastName, email, phone, dob, age, bib, chip, team, corral, userId }
    const should: Record<string, unknown> = { ...all, legacyAge: age, country, amount }
    for (const [what, value] of Object.entries(should)) {
      if (JSON.stringify(row.told[what] ?? null) !== JSON.stringify(value === '' ? null : (value ?? null)))
        found.push(`${event.id}/${key} ${what}: ${row.told[what]} is not ${value}`)
    }
  }
  for (const { key, live, status, successor } of rows) {
    const removal = event.removed.get(key)
    if (live && !event.registrations.has(key)) found.push(`${event.id}/${key} is live, and gone in truth`)
    if (live || removal === undefined || event.registrations.has(key)) continue
    const told = removal.reason === 'cleared' ? 'removed' : removal.reason
    if (status !== told) found.push(`${event.id}/${key} is ${status}, not ${told}`)
    if (successor !== removal.newRegistrationId) found.push(`${event.id}/${key} has successor ${successor}`)
  }
  return found
}
