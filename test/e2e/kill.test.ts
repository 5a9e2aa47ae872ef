import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { register, remove, setBib } from '../../src/simulator/index.ts'
import { feedFaults, type Race, race, stateOf, stopRace } from '../sync/crash/race.ts'

const children = new Set<ChildProcess>()
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await stopRace()
})

interface Child {
  process: ChildProcess
  /** What it told at its end; null when it was killed. */
  end: Promise<{ stopped: string | null; errors: (string | null)[] } | null>
}

async function databaseUrl({ db }: Race): Promise<string> {
  const { rows } = await sql<{ name: string }>`SELECT current_database() AS name`.execute(db)
  const url = new URL(inject('postgresUrl'))
  url.pathname = `/${rows[0]?.name}`
  return url.href
}

/** A real process that syncs the account of a race. */
async function start(r: Race, request: object = {}): Promise<Child> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../sync/crash/sync-once.ts', import.meta.url))],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        DATABASE_URL: await databaseUrl(r),
        STARTLIST_KEY: r.installation.services.key,
        HAKU_API_URL: r.haku.apiUrl,
        HAKU_TOKEN_URL: r.haku.tokenUrl,
        HAKU_MIN_SPACING_MS: '0',
        HAKU_QUOTA_PER_HOUR: '100000',
        SYNC_ACCOUNT: String(await r.installation.accountOf(r.clientId)),
        SYNC_REQUEST: JSON.stringify(request),
        SYNC_NOW: new Date(r.clock.now()).toISOString(),
      },
    },
  )
  children.add(child)
  let said = ''
  child.stdout?.on('data', (data) => {
    said += data
  })
  const end = new Promise<Awaited<Child['end']>>((resolve) => {
    child.once('close', () => {
      children.delete(child)
      resolve(said === '' ? null : JSON.parse(said))
    })
  })
  return { process: child, end }
}

/** Has the provider kill a process before it answers the `k`th call from now on. */
function killAtCall(r: Race, k: number, child: Child): void {
  r.haku.atCall(r.haku.calls.last + k, () => child.process.kill('SIGKILL'))
}

/** Resolves once a process stands amid a page's transaction, rows written and not committed. */
async function standsInTransaction(r: Race): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ n: number }>`
      SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = 77`.execute(
      r.db,
    )
    if ((rows[0]?.n ?? 0) > 0) return
  }
}

async function ledger(r: Race): Promise<number> {
  const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM api_calls`.execute(r.db)
  return rows[0]?.n ?? 0
}

async function whole(r: Race): Promise<void> {
  expect(await r.differences()).toEqual([])
  expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  expect((await stateOf(r.db, r.event.id)).pass).toBeNull()
}

describe('a process that is killed', () => {
  it('at ten different calls of a first load loses nobody, and asks for little twice (W3, W4, D1; promise 2)', async () => {
    const r = await race({ participants: 42, traits: { pageCap: 5, registrationsList: 'whole' } })
    // Nine pages and their probe: every call is met, each by another process.
    let kills = 0
    for (const k of [1, 2, 3, 2, 1, 2, 2, 3, 1, 2]) {
      const child = await start(r)
      killAtCall(r, k, child)
      if ((await child.end) === null) kills++
      // A killed call's row is there before the call (L1): never fewer rows than calls.
      expect(await ledger(r)).toBeGreaterThanOrEqual(r.haku.calls.last)
      expect(await ledger(r)).toBeLessThanOrEqual(r.haku.calls.last + kills)
    }
    expect(kills).toBe(10)
    const last = await start(r)
    expect(await last.end).toEqual({ stopped: null, errors: [null] })
    await whole(r)
    const pages = r.haku.calls.list({ endpoint: ['participants', 'registrations'] })
    expect(pages.length).toBeLessThanOrEqual(9 + 1 + 2 + 2 * kills)
  })

  it('at every call of a poll with details loses no change (W4, W7, F2)', async () => {
    const r = await race({ participants: 20, traits: { pageCap: 5 } })
    await r.settled()
    for (const n of r.numbers().slice(2, 14)) setBib(r.world, r.event.id, n, `7${n.slice(-2)}`)
    register(r.world, r.event.id)
    r.clock.advance(20_000)
    const { watermark } = await stateOf(r.db, r.event.id)
    for (let k = 1; k <= 6; k++) {
      const child = await start(r)
      killAtCall(r, k, child)
      expect(await child.end).toBeNull()
      // Three pages, then details: no mark before the third page is stored.
      if (k <= 3) expect((await stateOf(r.db, r.event.id)).watermark).toBe(watermark)
    }
    const last = await start(r)
    expect(await last.end).toEqual({ stopped: null, errors: [null] })
    await whole(r)
  })

  it('amid the transaction of a page leaves none of it, and the next one all (D1, D4; defect 42)', async () => {
    const r = await race({ participants: 20, traits: { pageCap: 5, registrationsList: 'whole' } })
    await r.settled()
    // A feed entry waits for a lock that this test holds: rows written, nothing committed.
    await sql`
      CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_advisory_xact_lock_shared(77, 1); RETURN NULL; END $$`.execute(r.db)
    await sql`CREATE TRIGGER wait AFTER INSERT ON participant_changes EXECUTE FUNCTION wait()`.execute(r.db)
    for (const n of r.numbers().slice(2, 9)) setBib(r.world, r.event.id, n, `7${n.slice(-2)}`)
    remove(r.world, r.event.id, r.nth(1))
    r.clock.advance(20_000)
    const before = await r.differences()
    await r.db.connection().execute(async (holder) => {
      await sql`SELECT pg_advisory_lock(77, 1)`.execute(holder)
      const child = await start(r)
      await standsInTransaction(r)
      child.process.kill('SIGKILL')
      expect(await child.end).toBeNull()
      await sql`SELECT pg_terminate_backend(pid) FROM pg_locks
        WHERE locktype = 'advisory' AND NOT granted AND classid = 77`.execute(holder)
      await sql`SELECT pg_advisory_unlock(77, 1)`.execute(holder)
    })
    expect(await r.differences()).toEqual(before)
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
    const next = await start(r, { full: true })
    expect(await next.end).toEqual({ stopped: null, errors: [null] })
    await whole(r)
  })

  it('leaves a lane that the next one takes over at once on this host (N1, N3; defect 34)', async () => {
    const r = await race({ participants: 20, traits: { pageCap: 5, registrationsList: 'whole' } })
    const child = await start(r)
    killAtCall(r, 2, child)
    expect(await child.end).toBeNull()
    const { rows } = await sql<{ held: boolean }>`
      SELECT holder IS NOT NULL AND lease_until > startlist.clock() AS held FROM lanes`.execute(r.db)
    expect(rows[0]?.held).toBe(true)
    const before = r.clock.now()
    await r.sync()
    expect(r.clock.now()).toBe(before)
    await whole(r)
  })
})

describe('two processes on one account', () => {
  it('never work at once: one waits and gives up with LANE_BUSY, and no change is told twice (N1; defects 34, 36, 60)', async () => {
    const r = await race({ participants: 20, traits: { pageCap: 5, registrationsList: 'whole' } })
    // The first hangs in a call while the second comes.
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const real = fetch
    let calls = 0
    let entered = () => {}
    const inside = new Promise<void>((resolve) => {
      entered = resolve
    })
    r.installation.services.fetch = async (url, init) => {
      if (++calls === 2) {
        entered()
        await held
      }
      return real(url, init)
    }
    const first = r.sync()
    await inside
    // The first keeps its lease alive in real time; the second's half minute is virtual and over at once.
    await sql`UPDATE lanes SET lease_until = lease_until + interval '1 hour'`.execute(r.db)
    const second = await start(r)
    expect(await second.end).toEqual({ stopped: 'LANE_BUSY', errors: [] })
    release()
    expect(await first).toMatchObject({ stopped: null, events: [{ error: null }] })
    delete r.installation.services.fetch
    await whole(r)
  })

  it('started together both end well or busy, and every runner is told of once (N1, D4; defect 60)', async () => {
    const r = await race({ participants: 20, traits: { pageCap: 5, registrationsList: 'whole' } })
    const both = await Promise.all([start(r), start(r)])
    const ends = await Promise.all(both.map((child) => child.end))
    for (const end of ends) expect([null, 'LANE_BUSY']).toContain(end?.stopped)
    expect(ends.some((end) => end?.stopped === null)).toBe(true)
    await r.sync()
    await whole(r)
    const { rows } = await sql<{ n: number }>`
      SELECT count(*)::int AS n FROM participant_changes WHERE change = 'added'`.execute(r.db)
    expect(rows[0]?.n).toBe(20)
  })

  it('of which one lost its lane while it was away: it stores nothing over the other (D1, N1)', async () => {
    const r = await race({ participants: 20, traits: { pageCap: 5, registrationsList: 'whole' } })
    const real = fetch
    let calls = 0
    // Between a call and its page's transaction another process takes the lane over.
    r.installation.services.fetch = async (url, init) => {
      const answer = await real(url, init)
      if (++calls === 2) await sql`UPDATE lanes SET fence = fence + 1, holder = 'elsewhere:1:x'`.execute(r.db)
      return answer
    }
    const outcome = await r.sync()
    expect(outcome.events[0]?.error?.code).toBe('FENCED')
    expect(calls).toBe(2)
    delete r.installation.services.fetch
    await sql`UPDATE lanes SET holder = NULL, lease_until = NULL`.execute(r.db)
    await r.sync()
    await whole(r)
  })
})
