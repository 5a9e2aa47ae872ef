/**
 * A process that syncs one account, to be killed. Its orders come by environment: DATABASE_URL, STARTLIST_KEY, HAKU_*,
 * SYNC_ACCOUNT, SYNC_REQUEST (JSON) and SYNC_NOW, the instant of its virtual clock. It tells its outcome in one line.
 */
import { setTimeout } from 'node:timers/promises'
import { loadConfig } from '../../../src/config.ts'
import { VirtualClock } from '../../../src/domain/clock.ts'
import { codeOf } from '../../../src/domain/errors.ts'
import { openDatabase } from '../../../src/store/database.ts'
import { type SyncRequest, syncAccount } from '../../../src/sync/account-sync.ts'
import { withAccount } from '../../../src/sync/open-account.ts'

const config = loadConfig({ root: '/nonexistent' })
/** Time of its own that passes ten times as fast as the machine's: who waits must not outrun another's lease. */
class HastyClock extends VirtualClock {
  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await setTimeout(ms / 10)
    await super.sleep(ms, signal)
  }
}

const clock = new HastyClock(process.env.SYNC_NOW ?? '')
const db = openDatabase(config.databaseUrl ?? '', { virtualClock: clock })
const services = { db, clock, config, key: config.key ?? '' }
const request = JSON.parse(process.env.SYNC_REQUEST ?? '{}') as SyncRequest
let told: object
try {
  const outcome = await withAccount(
    services,
    Number(process.env.SYNC_ACCOUNT),
    { class: 'person' },
    (account) => syncAccount(account, request),
  )
  told = {
    stopped: outcome.stopped?.code ?? null,
    errors: outcome.events.map((event) => event.error?.code ?? null),
  }
} catch (error) {
  told = { stopped: codeOf(error), errors: [], ...(codeOf(error) === 'INTERNAL' && { why: String(error) }) }
}
await db.destroy()
process.stdout.write(`${JSON.stringify(told)}\n`)
