import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Clock } from '../domain/clock.ts'
import { StartlistError } from '../domain/errors.ts'
import type { Db } from '../store/database.ts'
import { hostOf } from '../store/database-error.ts'
import { readIsolation } from '../store/isolation/roles.ts'
import { openStored } from '../store/key-rotation.ts'
import { pendingMigrations } from '../store/migrate.ts'
import { adoptionLeftovers } from '../store/overview/adoption.ts'
import { credentialOverview } from '../store/overview/credentials.ts'
import { listEvents } from '../store/overview/events.ts'
import { databaseNow, serverFacts } from '../store/overview/health.ts'
import { storedSecrets } from '../store/sealed.ts'
import { isSealed } from '../store/secrets.ts'
import { isOver } from '../sync/event-schedule.ts'
import { adviceFor, isUsable } from './accounts.ts'
import type { Check } from './doctor.ts'

/** PostgreSQL 15 is the first with what startlist's schema needs (I1). */
const OLDEST_POSTGRES = 15
/** A skew that moves polls noticeably, and one that makes countdowns and windows wrong, ms. */
const SKEW_WARN_MS = 2_000
const SKEW_FAIL_MS = 60_000

const ok = (check: string, detail: string): Check => ({ check, state: 'ok', detail, hint: '' })
const warn = (check: string, detail: string, hint: string): Check => ({ check, state: 'warn', detail, hint })
const fail = (check: string, detail: string, hint: string): Check => ({ check, state: 'fail', detail, hint })

/** Is the key there, and nobody else's to read? */
export function checkKey(config: Config): Check {
  if (config.key !== null) return ok('key', 'STARTLIST_KEY is set')
  const path = join(config.home, 'key')
  if ((statSync(path).mode & 0o077) !== 0)
    return fail('key', `${path} can be read by others`, `chmod 600 ${path}`)
  return ok('key', `${path}; keep a copy in a safe place`)
}

/** Does the server answer, and is it new enough? */
export async function checkServer(db: Db, config: Config): Promise<Check> {
  const { version, major } = await serverFacts(db)
  const where = config.databaseUrl === null ? 'embedded' : hostOf(config.databaseUrl)
  if (major < OLDEST_POSTGRES) {
    return fail(
      'database',
      `PostgreSQL ${version} (${where}) is too old`,
      `startlist needs PostgreSQL ${OLDEST_POSTGRES} or later.`,
    )
  }
  return ok('database', `PostgreSQL ${version} (${where})`)
}

export async function checkSchema(db: Db, config: Config): Promise<Check> {
  const pending = await pendingMigrations(db)
  if (pending.length > 0 && config.databaseUrl === null)
    return warn(
      'schema',
      'not there yet',
      'The next command that needs it makes it; to begin: startlist setup.',
    )
  if (pending.length > 0)
    return fail('schema', `to be applied: ${pending.join(', ')}`, 'Run startlist migrate.')
  return ok('schema', 'up to date')
}

/** Our time against the database's: the ledger counts in the database's. */
export async function checkClock(db: Db, clock: Clock): Promise<Check> {
  const before = clock.now()
  const theirs = await databaseNow(db)
  const after = clock.now()
  const skew = theirs < before ? before - theirs : Math.max(0, theirs - after)
  const detail = `this machine and the database differ by ${(skew / 1_000).toFixed(1)} s`
  const hint = 'Let both take their time from NTP.'
  if (skew > SKEW_FAIL_MS) return fail('clock', detail, hint)
  return skew > SKEW_WARN_MS ? warn('clock', detail, hint) : ok('clock', detail)
}

/** Does the key open everything that lies sealed? */
export async function checkSecrets(db: Db, key: string): Promise<Check> {
  const values = await storedSecrets(db)
  const plain: string[] = []
  const shut: string[] = []
  let hint = ''
  for (const { context, value } of values) {
    if (!isSealed(value)) plain.push(context)
    else {
      await openStored(db, key, context, value).catch((error: unknown) => {
        shut.push(context)
        if (error instanceof StartlistError) hint = error.hint
      })
    }
  }
  if (shut.length > 0) return fail('secrets', `the key does not open ${shut.join(', ')}`, hint)
  if (plain.length > 0) {
    return warn(
      'secrets',
      `in plain text: ${plain.join(', ')}`,
      'startlist credentials seal seals them, once nobody else reads them.',
    )
  }
  return ok('secrets', values.length === 0 ? 'none stored yet' : `the key opens all ${values.length}`)
}

export async function checkCredentials(db: Db): Promise<Check> {
  const credentials = await credentialOverview(db)
  if (credentials.length === 0)
    return warn('credentials', 'there is none yet', 'startlist setup, or startlist credentials add.')
  const troubled = credentials.filter((c) => !isUsable(c) || c.state === 'Untested')
  if (troubled.length === 0) return ok('credentials', `${credentials.length} ready`)
  const detail = troubled.map((c) => `credential ${c.credentialId}: ${adviceFor(c).message}`).join('; ')
  const worst = troubled.find((c) => c.state === 'Refused' || !c.hasSecret) ?? troubled[0]!
  const isBroken = worst.state === 'Refused' || !worst.hasSecret
  return (isBroken ? fail : warn)('credentials', detail, adviceFor(worst).hint)
}

/** Can the database keep timing partners apart for the HTTP API (I1)? */
export async function checkIsolation(db: Db): Promise<Check> {
  const { admitted, owner, gaps } = await readIsolation(db)
  if (gaps.length > 0)
    return fail(
      'isolation',
      gaps.join('; '),
      'It was changed by hand: ENABLE ROW LEVEL SECURITY, NOBYPASSRLS or security_invoker puts it back.',
    )
  if (admitted) return ok('isolation', "a token of one timing partner reads no other's rows")
  return warn(
    'isolation',
    'the role startlist_api is missing, so tokens of timing partners open nothing',
    `As an administrator of the database: CREATE ROLE startlist_api; CREATE ROLE startlist_worker; GRANT startlist_api TO "${owner}", startlist_worker; then startlist migrate.`,
  )
}

/** Events whose zone nobody knows: their start is only assumed (T3). */
export async function checkZones(db: Db, clock: Clock): Promise<Check> {
  const open = (await listEvents(db)).filter((event) => !isOver(event, clock.now()))
  const unknown = open.filter((event) => event.timezone === null)
  if (unknown.length === 0) return ok('zones', `every event ahead has its zone (${open.length})`)
  const names = unknown.slice(0, 3).map((event) => `${event.name} (${event.eventId})`)
  const more = unknown.length > 3 ? ` and ${unknown.length - 3} more` : ''
  return warn(
    'zones',
    `no time zone is known for ${names.join(', ')}${more}`,
    `startlist partners set ${unknown[0]!.partnerId} --timezone ZONE, or events set --event ID --timezone ZONE.`,
  )
}

/** What the adoption of a legacy database put aside, or left as it was (M3, M4). */
export async function checkAdoption(db: Db): Promise<Check> {
  const { aside, keyless, exposed } = await adoptionLeftovers(db)
  if (aside.length + keyless.length + exposed.length === 0) return ok('adoption', 'nothing was left over')
  const counted = (rows: number) => (rows === 1 ? '1 row' : `${rows} rows`)
  const found = [
    ...aside.map(({ table, rows }) => `${counted(rows)} in ${table}`),
    ...keyless.map(({ table, rows }) => `${counted(rows)} of ${table} without a registration number`),
    ...exposed.map(({ table, rows }) => `${counted(rows)} of ${table} with a secret in credentials_used`),
  ]
  return warn('adoption', found.join(', '), 'docs/adoption.md says what they are.')
}
