import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { systemClock } from '../../../src/domain/clock.ts'
import { Rng, randomMove, register, setBib, startHaku, world } from '../../../src/simulator/index.ts'
import { addCredential, setSecret } from '../../../src/store/credentials.ts'
import { type Db, openDatabase } from '../../../src/store/database.ts'
import { openEmbedded, stopEmbedded } from '../../../src/store/embedded.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { seal } from '../../../src/store/secrets.ts'
import { type Ended, Program } from '../../cli/run-startlist.ts'
import { HOME_PREFIX } from '../../helpers/names.ts'
import { differences } from '../../helpers/truth.ts'
import { feedFaults } from '../../sync/crash/feed-faults.ts'

/** Calls between two kills are drawn up to this. */
const MOST_CALLS_BETWEEN = 5
const PAGE = 10
const MOST_STARTS = 40
const LISTS = { endpoint: ['participants', 'registrations'] as ('participants' | 'registrations')[] }

export interface Suffered {
  process: number
  database: number
  /** exit codes of backfills that came to an end */
  ends: (number | null)[]
  /** list calls that asked for a page of a list once more */
  askedTwice: number
  /** registrations that were there all the time, and are not stored */
  gaps: string[]
  /** what is not true after one sweep of lists from which people were removed meanwhile */
  wrong: string[]
  feed: string[]
}

/**
 * One backfill of whole lists that move while they are read, by real processes on a PostgreSQL of their own; now the
 * process, now the database server is killed outright, at a random call.
 */
export async function sufferBackfillKills(seed: number, kills: number): Promise<Suffered> {
  const home = mkdtempSync(join(tmpdir(), `${HOME_PREFIX}${process.pid}-backfill-`))
  // Not a fast one: what it has confirmed has to stand after a kill.
  const server = await openEmbedded(home)
  const db = openDatabase(server.url)
  try {
    await migrate(db)
    return await suffer(new Rng(seed), kills, { home, url: server.url, db })
  } finally {
    await db.destroy()
    await server.release()
    // Each restart had a user of its own, and the last server has them still.
    await stopEmbedded(home)
    rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
}

async function suffer(
  rng: Rng,
  kills: number,
  { home, url, db }: { home: string; url: string; db: Db },
): Promise<Suffered> {
  const w = world({ clock: systemClock, seed: 1 + rng.int(1_000) })
  const organization = w.addOrganization({ name: 'Riverbend Runners' })
  const size = () => PAGE * (1 + Math.ceil(kills / 4)) + rng.int(25)
  const [calm, moving] = [
    [size(), size(), 4],
    [size(), size(), 7],
  ].map((sizes, i) =>
    sizes.map((participants, k) => {
      const startsAt = systemClock.now() + (k === 0 ? -40 : 20 + i) * 86_400_000
      return w.addEvent(organization, { startsAt, participants })
    }),
  ) as [ReturnType<typeof w.addEvent>[], ReturnType<typeof w.addEvent>[]]
  const before = calm.map((event) => ({ event, keys: [...event.registrations.keys()] }))
  const haku = await startHaku({ world: w, traits: { registrationsList: 'whole', pageCap: PAGE } })
  const program = Program.on(url, haku)
  Object.assign(program.env, { HAKU_QUOTA_PER_HOUR: '100000' })
  const partnerId = await addPartner(db, program.env.STARTLIST_KEY ?? '', organization)
  const found: Suffered = { process: 0, database: 0, ends: [], askedTwice: 0, gaps: [], wrong: [], feed: [] }
  let isQuiet = false
  const move = () => {
    if (isQuiet) return
    haku.atCall(haku.calls.last + 3, move)
    const event = rng.pick(calm)
    const number = rng.pick([...event.registrations.keys()])
    if (rng.chance(0.4)) register(w, event.id)
    else setBib(w, event.id, number, w.nextBib(event))
    randomMove(rng, w, { eventIds: moving.map(({ id }) => id) })
  }
  haku.atCall(3, move)
  let kill: ((signal: NodeJS.Signals) => void) | null = null
  let hits = 0
  let restart: Promise<unknown> = Promise.resolve()
  const hit = async () => {
    if (hits >= kills) return
    hits++
    // Now in the call, now in the page's transaction.
    if (rng.chance(0.5)) await sleep(rng.int(25))
    if (hits % 4 === 0) {
      found.database++
      killServer(home)
      restart = startAgain(home, url)
      await restart
      aim()
    } else {
      found.process++
      kill?.('SIGKILL')
    }
  }
  const aim = () => haku.atCall(haku.calls.last + 1 + rng.int(MOST_CALLS_BETWEEN), () => void hit())
  try {
    for (;;) {
      await restart
      aim()
      const ended: Ended = await program.json(['backfill'], {
        onStart: (signal) => {
          kill = signal
        },
      })
      kill = null
      if (ended.code === null) continue
      found.ends.push(ended.code)
      if (ended.code !== 0)
        throw new Error(`a backfill ended with ${ended.code}: ${ended.stdout.slice(-600)} ${ended.stderr}`)
      break
    }
    isQuiet = true
    await restart
    found.askedTwice = asked(haku.calls.list(LISTS))
    for (const { event, keys } of before) found.gaps.push(...(await missing(db, event.id, keys)))
    const swept = await program.json(['sync', '--past', '--full'])
    if (swept.code !== 0) throw new Error(`the sweep ended with ${swept.code}: ${swept.stdout.slice(-600)}`)
    await program.json(['sync', '--past', '--full'])
    for (const truth of haku.truth().values()) {
      for (const { key, what } of await differences(db, truth, { partnerId }))
        found.wrong.push(`${key} ${what}`)
      found.feed.push(...(await feedFaults(db, truth.id, partnerId)))
    }
    return found
  } finally {
    program.dispose()
    await haku.stop()
  }
}

async function addPartner(
  db: Db,
  key: string,
  organization: { clientId: string; secrets: string[] },
): Promise<number> {
  const { timing_partner_id: partnerId } = await db
    .insertInto('timing_partners')
    .values({ company_name: 'Alder Timing', timezone: 'America/New_York' })
    .returning('timing_partner_id')
    .executeTakeFirstOrThrow()
  const added = await db.transaction().execute((trx) =>
    addCredential(trx, {
      ...{ partnerId, provider: 'haku', organization: 'Riverbend Runners' },
      ...{ principal: organization.clientId, timezone: null },
    }),
  )
  if (!added) throw new Error('the credential exists')
  const { credentialId } = added
  await setSecret(
    db,
    credentialId,
    await seal(key, `credential:${credentialId}`, organization.secrets[0] ?? ''),
  )
  return partnerId
}

/**
 * Starts the server again where its clients look for it. Its memory is in use for as long as a child of the dead one lives,
 * and meanwhile another program may have been given its port.
 */
async function startAgain(home: string, url: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      writeFileSync(join(home, 'postgres.port'), new URL(url).port)
      if ((await openEmbedded(home)).url === url) return
      await stopEmbedded(home)
    } catch (error) {
      if (tries >= MOST_STARTS) throw error
    }
    if (tries >= MOST_STARTS) throw new Error('the port of the server that was killed stays taken')
    await sleep(250)
  }
}

/** As a power cut would: without a word to anybody. */
function killServer(home: string): void {
  process.kill(Number.parseInt(readFileSync(join(home, 'postgres', 'postmaster.pid'), 'utf8'), 10), 'SIGKILL')
}

function asked(calls: readonly { eventId: string | null; page: number | null }[]): number {
  const pages = new Set(calls.map(({ eventId, page }) => `${eventId} ${page}`))
  return calls.length - pages.size
}

async function missing(db: Db, eventId: string, keys: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    SELECT key FROM unnest(${keys}::text[]) AS key WHERE NOT EXISTS (
      SELECT FROM haku_participants p WHERE p.event_id = ${eventId} AND p.participant_id = key AND p.removed_at IS NULL)`.execute(
    db,
  )
  return rows.map(({ key }) => key)
}
