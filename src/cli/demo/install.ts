import { loadConfig } from '../../config.ts'
import type { Haku } from '../../simulator/index.ts'
import type { RunSignUp } from '../../simulator/runsignup/index.ts'
import { addCredential, setSecret } from '../../store/credentials.ts'
import { type Db, openDatabase } from '../../store/database.ts'
import { embeddedKey } from '../../store/embedded/key.ts'
import { migrate } from '../../store/migrate.ts'
import { addPartner } from '../../store/partners.ts'
import { seal } from '../../store/secrets.ts'
import type { Services } from '../../sync/open-account.ts'
import type { Scene } from './scene.ts'

/** An account of the demo: a client id, with the timing partners that hold it. */
export interface DemoAccount {
  accountId: number
  clientId: string
  organization: string
  partnerIds: number[]
}

/** A startlist as a person would have set it up, on the scene's clock. */
export interface Installation {
  scene: Scene
  haku: Haku
  db: Db
  services: Services
  accounts: DemoAccount[]
}

/** What one call takes: the pause between two calls of an account that is in force outside the demo. */
export const CALL_MS = 1_500

/**
 * Prepares database, partners and credentials, secrets sealed. The pause between two calls is none, but every call
 * moves the scene's clock on by it: a morning runs fast, and what is said about it stays true.
 */
export async function install(
  scene: Scene,
  { haku, runSignUp }: { haku: Haku; runSignUp: RunSignUp },
  at: { home: string; url: string },
): Promise<Installation> {
  const db = openDatabase(at.url, { virtualClock: scene.clock })
  try {
    await migrate(db)
    const key = embeddedKey(at.home)
    // Neither the shell's variables nor a .env: the home has none.
    const config = loadConfig({
      root: at.home,
      env: {
        STARTLIST_HOME: at.home,
        HAKU_API_URL: haku.apiUrl,
        HAKU_TOKEN_URL: haku.tokenUrl,
        HAKU_MIN_SPACING_MS: '0',
        RUNSIGNUP_API_URL: runSignUp.apiUrl,
        RUNSIGNUP_MIN_SPACING_MS: '0',
      },
    })
    const timed: typeof fetch = async (...request) => {
      const answer = await fetch(...request)
      scene.clock.advance(CALL_MS)
      return answer
    }
    const services: Services = { db, clock: scene.clock, config, key, fetch: timed }
    return { scene, haku, db, services, accounts: await addAccounts(services, scene) }
  } catch (error) {
    await db.destroy()
    throw error
  }
}

async function addAccounts({ db, key }: Services, scene: Scene): Promise<DemoAccount[]> {
  const partners = new Map<string, number>()
  const accounts = new Map<string, DemoAccount>()
  for (const { partner, organization, clientId, secret, timezone } of scene.credentials) {
    const partnerId = partners.get(partner) ?? (await addPartner(db, { name: partner, timezone }))
    if (partnerId === null) throw new Error(`partner ${partner} could not be added`)
    partners.set(partner, partnerId)
    const added = await db
      .transaction()
      .execute((trx) =>
        addCredential(trx, { partnerId, provider: 'haku', organization, principal: clientId, timezone }),
      )
    if (added === null) throw new Error(`the credential for ${organization} could not be added`)
    await setSecret(db, added.credentialId, await seal(key, `credential:${added.credentialId}`, secret))
    const known = accounts.get(clientId)
    if (known) known.partnerIds.push(partnerId)
    else
      accounts.set(clientId, { accountId: added.accountId, clientId, organization, partnerIds: [partnerId] })
  }
  return [...accounts.values()]
}
