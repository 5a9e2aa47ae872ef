import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { loadConfig } from '../src/config.ts'
import { systemClock } from '../src/domain/clock.ts'
import { addCredential, setSecret } from '../src/store/credentials.ts'
import type { Db } from '../src/store/database.ts'
import { addPartner } from '../src/store/partners.ts'
import { seal } from '../src/store/secrets.ts'
import { syncAccount } from '../src/sync/account-sync.ts'
import { discover } from '../src/sync/discover.ts'
import { type Services, withAccount } from '../src/sync/open-account.ts'
import { withServer } from './runsignup-night/database.ts'
import { walkNaively } from './runsignup-night/naive.ts'
import type { Ready, Size } from './runsignup-night/provider.ts'

/**
 * A quiet night at RunSignUp: how many calls one polling round of all races takes, beside the way it was done before,
 * and what the first load costs. All in one run, counted by the simulated provider. See bench/README.md.
 */

const { values } = parseArgs({ options: { scale: { type: 'string', default: '1' } } })
const scale = Number(values.scale)
if (!(scale > 0 && scale <= 1)) throw new Error('--scale takes a share, such as 0.05')
const KEY = Buffer.alloc(32, 5).toString('base64')
const of = (whole: number) => Math.max(1, Math.round(whole * scale))
const size: Size = { partners: of(13), races: of(364), events: of(5_382), participants: of(260_000) }

const child = fork(fileURLToPath(new URL('./runsignup-night/provider.ts', import.meta.url)))
try {
  const { ready } = await ask<{ ready: Ready }>(child, size)
  await withServer((db) => night(db, ready))
} finally {
  child.kill()
}

async function night(db: Db, ready: Ready): Promise<void> {
  const services: Services = {
    ...{ db, clock: systemClock, key: KEY },
    config: loadConfig({
      root: '/nonexistent',
      env: {
        ...{ DATABASE_URL: 'postgres://unused@127.0.0.1/unused', STARTLIST_KEY: KEY },
        ...{
          RUNSIGNUP_API_URL: ready.apiUrl,
          RUNSIGNUP_MIN_SPACING_MS: '0',
          RUNSIGNUP_QUOTA_PER_HOUR: '1000000',
        },
      },
    }),
  }
  const accounts: number[] = []
  for (const [i, { key, secret }] of ready.keys.entries())
    accounts.push(await account(db, `Timing partner ${i + 1}`, key, secret))
  const onEach = async (work: Parameters<typeof withAccount<unknown>>[3]) => {
    for (const accountId of accounts) await withAccount(services, accountId, { class: 'person' }, work)
  }
  tell(
    'world',
    `${size.partners} partners, ${size.races} races, ${size.events} events, ${size.participants} participants`,
  )
  tell('discovery', `${await callsOf(() => onEach(discover))} calls, the proof of each key included`)

  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 100)
  const began = performance.now()
  const load = await callsOf(() => onEach((open) => syncAccount(open, {})))
  const seconds = (performance.now() - began) / 1_000
  clearInterval(watch)
  const { rows } = await sql<{
    stored: number
  }>`SELECT count(*)::int AS stored FROM runsignup_participants`.execute(db)
  const stored = rows[0]?.stored ?? 0
  tell(
    'first load',
    `${load} calls, ${stored} rows, ${Math.round(stored / seconds)} rows/s, peak ${mib(peak)} MiB RSS`,
  )

  const since = Math.floor(systemClock.now() / 1_000)
  const ours = await callsOf(() => onEach((open) => syncAccount(open, {})))
  const before = await callsOf(() => walkNaively(ready, since))
  tell(
    'a quiet round',
    `startlist ${ours} calls, the original way ${before} calls: ${(before / ours).toFixed(1)} times`,
  )
}

async function account(db: Db, name: string, principal: string, secret: string): Promise<number> {
  const partnerId = (await addPartner(db, { name, timezone: 'America/New_York' })) ?? 0
  const added = await db
    .transaction()
    .execute((trx) =>
      addCredential(trx, { partnerId, provider: 'runsignup', organization: name, principal, timezone: null }),
    )
  if (added === null) throw new Error('the key is taken')
  await setSecret(db, added.credentialId, await seal(KEY, `credential:${added.credentialId}`, secret))
  return added.accountId
}

async function callsOf(work: () => Promise<unknown>): Promise<number> {
  const { calls: before } = await ask<{ calls: number }>(child, 'calls')
  await work()
  return (await ask<{ calls: number }>(child, 'calls')).calls - before
}

function ask<T>(process: ChildProcess, what: object | string): Promise<T> {
  return new Promise((resolve) => {
    process.once('message', (answer) => resolve(answer as T))
    process.send(what)
  })
}

function mib(bytes: number): number {
  return Math.round(bytes / 2 ** 20)
}
function tell(what: string, text: string): void {
  process.stdout.write(`${what.padEnd(14)} ${text}\n`)
}
