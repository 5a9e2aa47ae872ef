import { loadConfig } from '../../src/config.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { addCredential, setSecret } from '../../src/store/credentials.ts'
import { openDatabase } from '../../src/store/database.ts'
import { addPartner } from '../../src/store/partners.ts'
import { seal } from '../../src/store/secrets.ts'
import { syncAccount } from '../../src/sync/account-sync.ts'
import { discover } from '../../src/sync/discover.ts'
import { withAccount } from '../../src/sync/open-account.ts'
import type { Ready } from './provider.ts'

/** One first load, measured from inside: the whole way from the HTTP answer to the committed page. */

/** What a load took. */
export interface Loaded {
  rows: number
  seconds: number
  /** heap after a collection, bytes, after each tenth of the pages */
  heaps: number[]
  /** bytes */
  peakRss: number
}

const PAGE = 500
const KEY = Buffer.alloc(32, 5).toString('base64')
const [rows = 0, url = '', ready] = JSON.parse(process.argv[2] ?? '[]') as [number, string, Ready]

const config = loadConfig({
  root: '/nonexistent',
  env: {
    ...{ DATABASE_URL: url, STARTLIST_KEY: KEY, HAKU_API_URL: ready.apiUrl, HAKU_TOKEN_URL: ready.tokenUrl },
    ...{ HAKU_MIN_SPACING_MS: '0', HAKU_QUOTA_PER_HOUR: '1000000' },
  },
})
const db = openDatabase(url)
const partnerId = (await addPartner(db, { name: 'Alder Timing', timezone: 'America/New_York' })) ?? 0
const account = {
  partnerId,
  provider: 'haku',
  organization: 'Generated',
  principal: ready.clientId,
  timezone: null,
} as const
const added = await db.transaction().execute((trx) => addCredential(trx, account))
if (added === null) throw new Error('the client id is taken')
await setSecret(db, added.credentialId, await seal(KEY, `credential:${added.credentialId}`, ready.secret))

const heaps: number[] = []
const tenth = Math.max(1, Math.floor(rows / PAGE / 10))
let pages = 0
const onPage = () => {
  if (++pages % tenth !== 0) return
  globalThis.gc?.()
  heaps.push(process.memoryUsage().heapUsed)
}
const services = { db, clock: systemClock, config, key: KEY, onPage }
await withAccount(services, added.accountId, { class: 'person' }, discover)
const began = performance.now()
const { events } = await withAccount(services, added.accountId, { class: 'person' }, (open) =>
  syncAccount(open, {}),
)
const seconds = (performance.now() - began) / 1_000
await db.destroy()
const [event] = events
if (event?.error) throw event.error
const loaded: Loaded = {
  rows: event?.lines[0]?.inserted ?? 0,
  seconds,
  heaps,
  peakRss: process.resourceUsage().maxRSS * 1_024,
}
process.send?.(loaded)
