import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { type Haku, startHaku, world } from '../../src/simulator/index.ts'
import { runTool } from '../../src/store/backup/tools.ts'
import { openStored } from '../../src/store/key-rotation.ts'
import { storedSecrets } from '../../src/store/sealed.ts'
import { type Ended, Program } from '../cli/run-startlist.ts'
import { type TestDatabase, testDatabase } from '../helpers/database.ts'
import { killRuns, startRun } from '../helpers/running.ts'

/** Odd enough that no other text has it, with characters that every encoding changes. */
const SECRETS = ['Zq7+first/secret=%of a&test', 'Zq8+second/secret=%of a&test']
const KEY = Buffer.alloc(32, 'startlist-test-k').toString('base64')
const PASSWORD = 'pw-Zq9-of-the-database'
const LOGIN = `login_${process.pid}`
const CLIENTS = ['c1ie47'.repeat(4), 'c1ie99'.repeat(4)]
/** Text by which the search proves that it looks: it is in the database, and is no secret. */
const CONTROL = 'Lantern Bay Control'

let haku: Haku
let database: TestDatabase
let startlist: Program
let scratch: string
/** What was found where: everything that startlist said, showed or stored. */
const places = new Map<string, string>()

/** A text as it may appear: as it is, escaped, encoded, and either of them amid the base64 of more. */
function formsOf(text: string): string[] {
  const plain = [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    new URLSearchParams([['', text]]).toString().slice(1),
  ]
  return [...plain, Buffer.from(text).toString('hex'), ...plain.flatMap(inBase64)]
}

/** What stays of a text in base64 wherever it begins: at each of the three places of a group. */
function inBase64(text: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)])
    const whole = bytes.toString('base64')
    const core = whole.slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6))
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

/** The places in which a text stands, in whatever form. */
function whereIs(text: string): string[] {
  return [...places]
    .filter(([, content]) => formsOf(text).some((form) => content.includes(form)))
    .map(([place]) => place)
}

const keep = (place: string, content: string) => places.set(place, (places.get(place) ?? '') + content)

/** Arguments of every process of this machine that has to do with startlist, as any user sees them. */
function keepProcesses(): void {
  keep('process list', execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }))
}

async function command(
  args: string[],
  options: { input?: string; env?: Record<string, string> } = {},
): Promise<Ended> {
  const ended = startlist.run(args, { ...options, onStart: keepProcesses })
  const { stdout, stderr } = await ended
  keep('output', stdout)
  keep('log', stderr)
  return ended
}

/** Every value of every table, as a dump would have it. */
async function keepDatabase(): Promise<void> {
  const { rows: tables } = await sql<{ name: string }>`
    SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`.execute(database.db)
  for (const { name } of tables) {
    const { rows } = await sql<{ row: string }>`SELECT t::text AS row FROM ${sql.raw(name)} t`.execute(
      database.db,
    )
    keep(`table ${name}`, rows.map(({ row }) => row).join('\n'))
  }
  // Where the tool is installed. Without it the tables have been looked through all the same.
  keep('pg_dump', await runTool('pg_dump', [], database.url).catch(() => ''))
}

function keepFiles(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) keep(`file ${entry.name}`, readFileSync(join(entry.parentPath, entry.name), 'latin1'))
}

/** The OAuth tokens of the accounts, opened. */
async function tokens(): Promise<string[]> {
  const stored = (await storedSecrets(database.db)).filter(({ kind }) => kind === 'token')
  const opened = await Promise.all(
    stored.map(({ context, value }) => openStored(database.db, KEY, context, value)),
  )
  return opened.map((text) => (JSON.parse(text) as { token: string }).token)
}

/** A provider that repeats all it was told, as error pages do. */
async function startEcho(): Promise<{ url: string; heard: () => string; stop(): Promise<void> }> {
  let heard = ''
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      const said = JSON.stringify({ error: 'bad', headers: request.headers, body, error_description: body })
      heard += said
      response.writeHead(500, { 'content-type': 'application/json' }).end(said)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    heard: () => heard,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
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
  database = await testDatabase()
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
    STARTLIST_LOG_LEVEL: 'trace',
  })
  scratch = mkdtempSync(join(tmpdir(), 'startlist-secrets-'))
}, 60_000)

afterAll(async () => {
  killRuns()
  startlist?.dispose()
  await haku?.stop()
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

  const running = await startRun(startlist.env, ['--port', '0'])
  await running.line((line) => line.msg === 'turn')
  keepProcesses()
  for (const path of ['/metrics', '/readyz', '/healthz'])
    keep(`GET ${path}`, await (await running.get(path)).text())
  running.kill('SIGTERM')
  await running.ended
  keep('log of run', running.lines.map((line) => JSON.stringify(line)).join('\n'))
  const given = await tokens()
  expect(given).toHaveLength(2)

  const echo = await startEcho()
  const env = { HAKU_API_URL: echo.url, HAKU_TOKEN_URL: `${echo.url}/token` }
  await command(['credentials', 'test', '1'], { env })
  await command(['sync', '--event', 'e0'], { env })
  await echo.stop()
  for (const sent of [SECRETS[0]!, given[0]!])
    expect(formsOf(sent).some((form) => echo.heard().includes(form))).toBe(true)

  await keepDatabase()
  keepFiles(startlist.home)
  expect(whereIs(CONTROL)).toEqual(
    expect.arrayContaining(['output', 'table public.partner_provider_credentials']),
  )
  expect([...places.keys()]).toEqual(
    expect.arrayContaining(['log', 'process list', 'table startlist_jobs.job', 'table public.sync_history']),
  )
  expect(places.get('process list')).toContain('credentials add')
  for (const text of [...SECRETS, ...given, KEY, other, PASSWORD])
    expect([text, whereIs(text)]).toEqual([text, []])
}, 60_000)

it('the search would find a secret in plain text, in a dump as well', async () => {
  await sql`UPDATE partner_provider_credentials SET secret = ${SECRETS[0]!} WHERE partner_provider_credential_id = 1`.execute(
    database.db,
  )
  await keepDatabase()
  expect(whereIs(SECRETS[0]!)).toContain('table public.partner_provider_credentials')
})
