import { loadConfig } from '../../src/config.ts'
import type { VirtualClock } from '../../src/domain/clock.ts'
import type { Recording } from '../../src/domain/recording.ts'
import { type Haku, startHaku, type Traits, type World } from '../../src/simulator/index.ts'
import { addCredential, listCredentials, setSecret } from '../../src/store/credentials.ts'
import type { Db } from '../../src/store/database.ts'
import { seal } from '../../src/store/secrets.ts'
import { type AccountOutcome, type SyncRequest, syncAccount } from '../../src/sync/account-sync.ts'
import { type DiscoveryResult, discover } from '../../src/sync/discover.ts'
import { type AccountUse, type Services, withAccount } from '../../src/sync/open-account.ts'

/** When virtual installations begin: a Friday at noon in New York. */
export const START = '2026-05-01T16:00:00Z'

/** A synthetic key, for tests only. */
const KEY = Buffer.alloc(32, 7).toString('base64')

/** A whole startlist on a virtual clock: real PostgreSQL, real HTTP, a simulated Haku, no spacing between calls. */
export interface Installation {
  clock: VirtualClock
  haku: Haku
  db: Db
  services: Services
  addPartner(name: string, timezone?: string | null): Promise<number>
  /** @returns the credential's id */
  addCredential(partnerId: number, clientId: string, secret: string, organization?: string): Promise<number>
  accountOf(clientId: string): Promise<number>
  discover(clientId: string, use?: Partial<AccountUse>): Promise<DiscoveryResult[]>
  sync(clientId: string, request?: SyncRequest, use?: Partial<AccountUse>): Promise<AccountOutcome>
  stop(): Promise<void>
}

export interface InstallationOptions {
  clock: VirtualClock
  world: World
  traits?: Partial<Traits>
  recording?: Recording
  env?: Record<string, string>
}

/** Starts one on a migrated database that has the same clock. */
export async function installOn(db: Db, options: InstallationOptions): Promise<Installation> {
  const { clock } = options
  const haku = await startHaku({
    world: options.world,
    ...(options.traits ? { traits: options.traits } : {}),
    ...(options.recording ? { recording: options.recording } : {}),
  })
  const config = loadConfig({
    root: '/nonexistent',
    env: {
      DATABASE_URL: 'postgres://unused@127.0.0.1/unused',
      STARTLIST_KEY: KEY,
      HAKU_API_URL: haku.apiUrl,
      HAKU_TOKEN_URL: haku.tokenUrl,
      HAKU_MIN_SPACING_MS: '0',
      HAKU_QUOTA_PER_HOUR: '100000',
      ...options.env,
    },
  })
  const services: Services = { db, clock, config, key: KEY }
  const accountOf = async (clientId: string): Promise<number> => {
    const all = await listCredentials(db)
    const found = all.find((credential) => credential.principal === clientId)
    if (!found) throw new Error(`no credential for ${clientId}`)
    return found.accountId
  }
  return {
    clock,
    haku,
    db,
    services,
    accountOf,
    async addPartner(name, timezone = 'America/New_York') {
      const row = await db
        .insertInto('timing_partners')
        .values({ company_name: name, timezone })
        .returning('timing_partner_id')
        .executeTakeFirstOrThrow()
      return row.timing_partner_id
    },
    async addCredential(partnerId, clientId, secret, organization = 'Test Organization') {
      const added = await db.transaction().execute((trx) =>
        addCredential(trx, {
          partnerId,
          provider: 'haku',
          organization,
          principal: clientId,
          timezone: null,
        }),
      )
      if (!added) throw new Error('the credential exists')
      await setSecret(db, added.credentialId, await seal(KEY, `credential:${added.credentialId}`, secret))
      return added.credentialId
    },
    async discover(clientId, use) {
      return withAccount(services, await accountOf(clientId), { class: 'person', ...use }, discover)
    },
    async sync(clientId, request = {}, use) {
      return withAccount(services, await accountOf(clientId), { class: 'person', ...use }, (account) =>
        syncAccount(account, request),
      )
    },
    stop: () => haku.stop(),
  }
}
