import { randomBytes } from 'node:crypto'
import { loadConfig } from '../config.ts'
import type { Clock } from '../domain/clock.ts'
import { addCredential, setSecret } from '../store/credentials.ts'
import type { Db } from '../store/database.ts'
import { addPartner, setEventCadence } from '../store/partners.ts'
import { seal } from '../store/secrets.ts'
import { syncAccount } from '../sync/account-sync.ts'
import { discover } from '../sync/discover.ts'
import { type Services, withAccount } from '../sync/open-account.ts'
import type { Scenario } from './scenario.ts'
import type { SimulatedWorld } from './world.ts'

/** A startlist as a person would have set it up at the simulated provider. */
export interface Installation {
  /** everything a turn needs but database and clock, which are a process' own */
  setup: Omit<Services, 'db' | 'clock' | 'fetch'>
  /** account ids by client id */
  accounts: Map<string, number>
  /** timing partners that receive the events of a client id */
  partners: Map<string, number[]>
}

/** Adds the partners and credentials, secrets sealed, to an empty, migrated database. */
export async function install(
  db: Db,
  url: string,
  { provider, accounts }: SimulatedWorld,
  scenario: Scenario,
): Promise<Installation> {
  const key = randomBytes(32).toString('base64')
  const config = loadConfig({
    root: import.meta.dirname,
    env: {
      DATABASE_URL: url,
      STARTLIST_KEY: key,
      ...provider.variables,
      [`${provider.name.toUpperCase()}_QUOTA_PER_HOUR`]: String(scenario.quota),
      [`${provider.name.toUpperCase()}_MIN_SPACING_MS`]: String(scenario.spacing),
    },
  })
  const known = new Map<string, number>()
  const made: Installation = { setup: { config, key }, accounts: new Map(), partners: new Map() }
  for (const { name: organization, clientId, secret, timezone, partners } of accounts) {
    for (const name of partners) {
      const partnerId = known.get(name) ?? (await addPartner(db, { name, timezone }))
      if (partnerId === null) throw new Error(`partner ${name} could not be added`)
      known.set(name, partnerId)
      const credential = { partnerId, provider: provider.name, organization, principal: clientId, timezone }
      const added = await db.transaction().execute((trx) => addCredential(trx, credential))
      if (added === null) throw new Error(`the credential for ${organization} could not be added`)
      await setSecret(db, added.credentialId, await seal(key, `credential:${added.credentialId}`, secret))
      made.accounts.set(clientId, added.accountId)
      made.partners.set(clientId, [...(made.partners.get(clientId) ?? []), partnerId])
    }
  }
  return made
}

/**
 * Reads what is known before the scenario begins, as days of running would have: every event is discovered, the lists
 * and details of the known ones are stored. Neither pace nor quota count here; the calls have left every window by then.
 */
export async function prepare(
  db: Db,
  clock: Clock,
  { setup, accounts, partners }: Installation,
  { provider, events, ...world }: SimulatedWorld,
): Promise<void> {
  const haste = { ...setup.config[provider.name], quotaPerHour: 1_000_000, minSpacingMs: 0 }
  const services: Services = { ...setup, config: { ...setup.config, [provider.name]: haste }, db, clock }
  for (const { clientId, limit } of world.accounts) {
    provider.limit(clientId, null)
    const mine = events.filter((event) => event.clientId === clientId)
    await withAccount(
      services,
      accounts.get(clientId) ?? 0,
      { class: 'person' },
      async (account, receivers) => {
        await discover(account, receivers)
        for (const { id } of mine.filter((event) => event.known)) {
          const { events: outcomes, stopped } = await syncAccount(account, { eventId: id })
          const error = stopped ?? outcomes.find((outcome) => outcome.error !== null)?.error
          if (error) throw error
        }
      },
    )
    provider.limit(clientId, limit)
    for (const { id, cadence } of mine) {
      if (cadence === undefined) continue
      await db.transaction().execute(async (trx) => {
        for (const partnerId of partners.get(clientId) ?? [])
          await setEventCadence(trx, { provider: provider.name, partnerId, eventId: id }, cadence)
      })
    }
  }
}
