import type { Config } from '../config.ts'
import { effectiveLimit } from '../quota/window.ts'
import { ledgerExcesses } from '../store/audit/headers.ts'
import type { Db } from '../store/database.ts'
import { type EarlyThrottle, foreignWrites, throttledAt } from '../store/overview/foreign.ts'
import { shadowedSince } from '../store/shadow/tables.ts'
import { limitsOf } from '../sync/open-account.ts'
import type { Check } from './doctor.ts'

/** Does another program still write the legacy tables? */
export async function checkForeignWrites(db: Db): Promise<Check> {
  const since = await shadowedSince(db)
  const shadowed = since === null ? '' : `; startlist works in the shadow since ${since}`
  const writes = await foreignWrites(db)
  if (writes.length === 0)
    return {
      check: 'writers',
      state: 'ok',
      detail: `no other program wrote the legacy tables within a day${shadowed}`,
      hint: since === null ? '' : 'startlist shadow diff, then startlist shadow end goes live.',
    }
  const found = writes.map(({ table, rows, newest }) => `${rows} in ${table} (newest ${newest})`).join(', ')
  return {
    check: 'writers',
    state: since === null ? 'warn' : 'ok',
    detail: `another program wrote rows within a day: ${found}${shadowed}`,
    hint: 'Two writers undo each other, and both spend the quota: stop the older scripts, or begin with startlist run --shadow (docs/cutover.md).',
  }
}

/** Does another program spend calls of the same client id? The provider refuses or counts what our ledger has not. */
export async function checkForeignCalls(db: Db, config: Config): Promise<Check> {
  const early = (await throttledAt(db)).filter((one) => one.counted <= limitOf(config, one))
  const excesses = await ledgerExcesses(db)
  if (early.length + excesses.length === 0)
    return {
      check: 'calls',
      state: 'ok',
      detail: 'no sign of another program on the same client ids',
      hint: '',
    }
  const found = [
    ...early.map(
      (one) =>
        `account ${one.accountId} was throttled after ${one.counted} of ${limitOf(config, one)} calls (${one.at}; ${one.times} times within a day)`,
    ),
    ...excesses.map(
      ({ accountId, excess }) =>
        `account ${accountId}: the provider counted ${excess} calls more than we made`,
    ),
  ]
  const first = early[0]?.accountId ?? excesses[0]!.accountId
  const share = early[0] === undefined ? HALF : shareLeft(config, early[0])
  return {
    check: 'calls',
    state: 'warn',
    detail: found.join('; '),
    hint: `Another program uses the same client id. Stop it, or leave it its share: startlist quota set --account ${first} --external-use ${share}%.`,
  }
}

const limitOf = (config: Config, one: EarlyThrottle) =>
  effectiveLimit(limitsOf(config, one), one.observedLimit)

/** Where nobody knows what others use. */
const HALF = 50

/** What others must have used, of the whole limit, in percent. */
function shareLeft(config: Config, one: EarlyThrottle): number {
  const { perHour } = limitsOf(config, one)
  const share = Math.ceil((100 * (perHour - one.counted + 1)) / perHour)
  return Math.min(95, Math.max(1, share))
}
