import { type Config, loadConfig } from '../config.ts'
import { type Db, openDatabase } from '../store/database.ts'
import type { Cli, Command } from './cli.ts'
import {
  checkAdoption,
  checkClock,
  checkCredentials,
  checkIsolation,
  checkKey,
  checkSchema,
  checkSecrets,
  checkServer,
  checkZones,
} from './doctor-checks.ts'
import { checkForeignCalls, checkForeignWrites } from './doctor-cutover.ts'
import { errorFields } from './output.ts'
import { keyOf, openServer } from './session.ts'

/** What one check found. */
export interface Check {
  check: string
  state: 'ok' | 'warn' | 'fail'
  detail: string
  /** What to do; empty when there is nothing to do. */
  hint: string
}

const STYLES = { ok: 'green', warn: 'yellow', fail: 'red' } as const

/** `doctor`: looks at everything that can be looked at without an API call. Exit 1 when a check fails. */
export const doctor: Command<object> = async (cli) => {
  let failed = false
  const tell = (found: Check) => {
    failed ||= found.state === 'fail'
    cli.out.record(found)
    const { check, state, detail, hint } = found
    cli.out.line(`${cli.out.paint(STYLES[state], state.padEnd(4))}  ${check.padEnd(11)}  ${detail}`)
    if (hint !== '' && state !== 'ok') cli.out.line(`${' '.repeat(19)}${hint}`)
  }
  const config = await attempt('config', tell, async () => loadConfig())
  if (config !== null) {
    tell({ check: 'config', state: 'ok', detail: `home ${config.home}`, hint: '' })
    await withServer(config, tell, (db) => checkAll(cli, config, db, tell))
  }
  return failed ? 1 : 0
}

/** Tells a check's error instead of throwing it: the others are still worth a look. */
async function attempt<T>(
  check: string,
  tell: (found: Check) => void,
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    const { message, hint } = errorFields(error)
    tell({ check, state: 'fail', detail: message, hint })
    return null
  }
}

async function withServer(
  config: Config,
  tell: (found: Check) => void,
  work: (db: Db) => Promise<void>,
): Promise<void> {
  const server = await attempt('database', tell, () => openServer(config))
  if (server === null) return
  const db = openDatabase(server.url)
  try {
    await work(db)
  } finally {
    await db.destroy()
    await server.release()
  }
}

async function checkAll({ clock }: Cli, config: Config, db: Db, tell: (found: Check) => void): Promise<void> {
  const key = await attempt('key', tell, async () => keyOf(config))
  if (key !== null) tell(checkKey(config))
  const server = await attempt('database', tell, () => checkServer(db, config))
  if (server === null) return
  tell(server)
  const schema = await attempt('schema', tell, () => checkSchema(db, config))
  if (schema !== null) tell(schema)
  if (schema?.state !== 'ok') return
  const checks: [string, () => Promise<Check>][] = [
    ['clock', () => checkClock(db, clock)],
    ['credentials', () => checkCredentials(db)],
    ['zones', () => checkZones(db, clock)],
    ['isolation', () => checkIsolation(db)],
    ['adoption', () => checkAdoption(db)],
    ['writers', () => checkForeignWrites(db)],
    ['calls', () => checkForeignCalls(db, config)],
  ]
  if (key !== null) checks.unshift(['secrets', () => checkSecrets(db, key)])
  for (const [name, check] of checks) {
    const found = await attempt(name, tell, check)
    if (found !== null) tell(found)
  }
}
