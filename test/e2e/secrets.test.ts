import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { type Haku, startHaku, world } from '../../src/simulator/index.ts'
import { type RunSignUp, world as races, startRunSignUp } from '../../src/simulator/runsignup/index.ts'
import { openStored } from '../../src/store/key-rotation.ts'
import { storedSecrets } from '../../src/store/sealed.ts'
import { startWebhook } from '../alerts/receivers.ts'
import { type Ended, Program } from '../cli/run-startlist.ts'
import { type TestDatabase, testDatabase } from '../helpers/database.ts'
import { startEcho } from '../helpers/echo.ts'
import { Findings, formsOf } from '../helpers/findings.ts'
import { killRuns, startRun } from '../helpers/running.ts'

/** Odd enough that no other text has it, with characters that every encoding changes. */
const SECRETS = ['Zq7+first/secret=%of a&test', 'Zq8+second/secret=%of a&test']
const KEY = Buffer.alloc(32, 'startlist-test-k').toString('base64')
const PASSWORD = 'pw-Zq9-of-the-database'
const MAIL_PASSWORD = 'pw/Zq6 of+the mail=server'
const SIGNING = `whsec_${Buffer.alloc(32, 'startlist-sign-k').toString('base64')}`
const LOGIN = `login_${process.pid}`
const CLIENTS = ['c1ie47'.repeat(4), 'c1ie99'.repeat(4)]
/** Text by which the search proves that it looks: it is in the database, and is no secret. */
const CONTROL = 'Lantern Bay Control'

let haku: Haku
let runsignup: RunSignUp
/** Of version 1, which stands in the address of every call. */
let runsignupKey: { key: string; secret: string }
let database: TestDatabase
let startlist: Program
let scratch: string
let webhook: Awaited<ReturnType<typeof startWebhook>>
/** Everything that startlist said, showed or stored. */
const found = new Findings()

async function command(
  args: string[],
  options: { input?: string; env?: Record<string, string> } = {},
): Promise<Ended> {
  const ended = startlist.run(args, { ...options, onStart: () => found.keepProcesses() })
  const { stdout, stderr } = await ended
  found.keep('output', stdout)
  found.keep('log', stderr)
  return ended
}

/** The OAuth tokens of the accounts, opened. */
async function tokens(): Promise<string[]> {
  const stored = (await storedSecrets(database.db)).filter(({ kind }) => kind === 'token')
  const opened = await Promise.all(
    stored.map(({ context, value }) => openStored(database.db, KEY, context, value)),
  )
  return opened.map((text) => (JSON.parse(text) as { token: string }).token)
}

beforeAll(async () => {
  const scene = world({ clock: systemClock, seed: 8 })
  for (const [i, clientId] of CLIENTS.entries()) {
    const organization = scene.addOrganization({ name: CONTROL, clientId, secret: SECRETS[i]! })
    scene.addEvent(organization, {
      id: `e${i}`,
      name: 'Harbor Half',
      participants: 6,
      startsAt: scene.now() + 3_600_000,
    })
  }
  haku = await startHaku({ world: scene })
  const weekend = races({ clock: systemClock, seed: 8 })
  const account = weekend.addAccount()
  const race = weekend.addRace(account, { name: 'Cedar Ridge Weekend' })
  weekend.addEvent(race, { name: '5K', startsAt: scene.now() + 3_600_000, participants: 4 })
  runsignup = await startRunSignUp({ world: weekend })
  runsignupKey = account.keys.find(({ form }) => form === 'v1')!
  database = await testDatabase()
  webhook = await startWebhook()
  await sql`CREATE ROLE ${sql.id(LOGIN)} LOGIN SUPERUSER PASSWORD ${sql.lit(PASSWORD)}`.execute(database.db)
  const url = new URL(database.url)
  url.username = LOGIN
  url.password = PASSWORD
  startlist = new Program({
    DATABASE_URL: url.href,
    STARTLIST_KEY: KEY,
    HAKU_API_URL: haku.apiUrl,
    HAKU_TOKEN_URL: haku.tokenUrl,
    HAKU_MIN_SPACING_MS: '0',
    RUNSIGNUP_API_URL: runsignup.apiUrl,
    RUNSIGNUP_MIN_SPACING_MS: '0',
    STARTLIST_LOG_LEVEL: 'trace',
    STARTLIST_ALERT_WEBHOOK_URL: webhook.url,
    STARTLIST_ALERT_WEBHOOK_SECRET: SIGNING,
    // Nobody answers there: what a mail server that is away is told of is an error.
    STARTLIST_ALERT_SMTP_URL: `smtp://mailer:${encodeURIComponent(MAIL_PASSWORD)}@127.0.0.1:1`,
    STARTLIST_ALERT_MAIL_FROM: 'startlist@example.com',
    STARTLIST_ALERT_MAIL_TO: 'timing@example.com',
  })
  scratch = mkdtempSync(join(tmpdir(), 'startlist-secrets-'))
}, 60_000)

afterAll(async () => {
  killRuns()
  startlist?.dispose()
  await haku?.stop()
  await runsignup?.stop()
  await webhook?.stop()
  await sql`DROP OWNED BY ${sql.id(LOGIN)}`.execute(database.db)
  await sql`DROP ROLE ${sql.id(LOGIN)}`.execute(database.db)
  rmSync(scratch, { recursive: true, force: true })
})

it('a secret, token, key or password stands in no argument, output, log, error, dump, job, history or raw payload', async () => {
  // Credentials by standard input and by a file; what they are told to wrong keys and by providers that echo.
  const file = join(scratch, 'partners.csv')
  const add = ['--provider', 'haku', '--org', CONTROL, '--principal', CLIENTS[0]!, '--secret-stdin']
  await command(['partners', 'add', '--name', 'Birch Timing'])
  await command(['credentials', 'add', '--partner', '1', ...add], { input: SECRETS[0]! })
  const rows = CLIENTS.map(
    (id, i) => `${i === 0 ? 'Cedar Timing' : 'Birch Timing'},${CONTROL},haku,${id},"${SECRETS[i]}",`,
  )
  rows.push(`Birch Timing,Cedar Ridge,runsignup,${runsignupKey.key},${runsignupKey.secret},`)
  writeFileSync(
    file,
    `partner,organization,provider,client_id,client_secret,timezone\n${rows.join('\n')}\n`,
    { mode: 0o600 },
  )
  expect(await command(['credentials', 'import', file])).toMatchObject({ code: 0 })
  expect(await command(['credentials', 'test', '--all'])).toMatchObject({ code: 0 })
  expect(await command(['discover'])).toMatchObject({ code: 0 })
  expect(await command(['sync'])).toMatchObject({ code: 0 })
  for (const args of [['config'], ['doctor'], ['status'], ['quota'], ['credentials', 'list', '--json']])
    await command(args)
  const other = Buffer.alloc(32, 1).toString('base64')
  expect(await command(['sync'], { env: { STARTLIST_KEY: other } })).toMatchObject({ code: 1 })
  expect(await command(['sync'], { env: { STARTLIST_KEY: `${KEY}x` } })).toMatchObject({ code: 1 })

  expect(await command(['alerts', 'test'])).toMatchObject({ code: 1 })
  await command(['alerts', 'check'])
  webhook.answers.push(500)
  await command(['alerts', 'test'])
  expect(webhook.posted.length).toBeGreaterThan(1)
  found.keep(
    'webhook',
    JSON.stringify(webhook.posted.map(({ headers, body }) => ({ ...headers, host: '', body }))),
  )

  const running = await startRun(startlist.env, ['--port', '0'])
  await running.line((line) => line.msg === 'turn')
  found.keepProcesses()
  for (const path of ['/metrics', '/readyz', '/healthz'])
    found.keep(`GET ${path}`, await (await running.get(path)).text())
  running.kill('SIGTERM')
  await running.ended
  found.keep('log of run', running.lines.map((line) => JSON.stringify(line)).join('\n'))
  const given = await tokens()
  expect(given).toHaveLength(2)

  const echo = await startEcho()
  const env = { HAKU_API_URL: echo.url, HAKU_TOKEN_URL: `${echo.url}/token`, RUNSIGNUP_API_URL: echo.url }
  await command(['sync', '--event', 'e0'], { env })
  await command(['credentials', 'test', '--all'], { env })
  await echo.stop()
  for (const sent of [SECRETS[0]!, runsignupKey.secret, given[0]!])
    expect(formsOf(sent).some((form) => echo.heard().includes(form))).toBe(true)

  await found.keepDatabase(database)
  found.keepFiles(startlist.home)
  expect(found.whereIs(CONTROL)).toEqual(
    expect.arrayContaining(['output', 'table public.partner_provider_credentials']),
  )
  expect(found.places()).toEqual(
    expect.arrayContaining(['log', 'process list', 'table startlist_jobs.job', 'table public.sync_history']),
  )
  expect(found.at('process list')).toContain('credentials add')
  for (const text of [
    ...SECRETS,
    runsignupKey.secret,
    ...given,
    KEY,
    other,
    PASSWORD,
    MAIL_PASSWORD,
    SIGNING,
    'hidden-path',
  ])
    expect([text, found.whereIs(text)]).toEqual([text, []])
}, 300_000)

it('the search would find a secret in plain text, in a dump as well', async () => {
  await sql`UPDATE partner_provider_credentials SET secret = ${SECRETS[0]!} WHERE partner_provider_credential_id = 1`.execute(
    database.db,
  )
  await found.keepDatabase(database)
  expect(found.whereIs(SECRETS[0]!)).toContain('table public.partner_provider_credentials')
})
