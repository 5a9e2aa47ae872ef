import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import type { VirtualClock } from '../../src/domain/clock.ts'
import { StartlistError } from '../../src/domain/errors.ts'
import type { Fault } from '../../src/simulator/faults.ts'
import type { Db } from '../../src/store/database.ts'
import type { AccountOutcome, SyncRequest } from '../../src/sync/account-sync.ts'

/**
 * What the engine needs of every adapter, played against its provider's simulator. A provider joins with a stage: one
 * account of one timing partner with one list, discovered, on a virtual clock.
 */
export interface Stage {
  clock: VirtualClock
  db: Db
  /** What must be seen in no row, message or recorded address. */
  secrets: readonly string[]
  /** Pages are quietly cut to so many rows. */
  cap(rows: number): void
  sync(request?: SyncRequest): Promise<AccountOutcome>
  discover(): Promise<unknown>
  /** Where the tables differ from the provider's truth; empty when they do not. */
  differences(): Promise<unknown[]>
  /** Calls of any kind that reached the provider so far. */
  calls(): number
  /** So many people register at one instant. */
  register(count: number): void
  /** So many registrations get a new bib at one instant; those that are listed first are among them. */
  assignBibs(count: number): void
  /** So many registrations leave, and the provider has them no more. */
  remove(count: number): void
  /** Has something happen before the second page of a list is next answered. */
  atSecondPage(move: () => void): void
  /** Plays a fault on answers about the list of registrations. */
  fault(fault: Fault, times: number): void
  /** The provider's side has another secret from now on. */
  changeSecret(): void
  stop(): Promise<unknown>
}

const MINUTE = 60_000

/** Runs the suite for one provider. @param open starts a stage with so many registrations in its one list */
export function conformance(provider: string, open: (registrations: number) => Promise<Stage>): void {
  describe(`${provider} conforms`, () => {
    let stage: Stage | undefined
    afterEach(async () => {
      await stage?.stop()
      stage = undefined
    })

    /** A stage whose list has been read and is settled. */
    async function settled(registrations = 60, cap?: number): Promise<Stage> {
      stage = await open(registrations)
      if (cap !== undefined) stage.cap(cap)
      await stage.sync()
      stage.clock.advance(MINUTE)
      await stage.sync()
      stage.clock.advance(MINUTE)
      return stage
    }

    async function callsOf(s: Stage, work: () => Promise<unknown>): Promise<number> {
      const before = s.calls()
      await work()
      return s.calls() - before
    }

    describe('a list ends', () => {
      it.each([0, 1, 25, 26, 50])('where it ends, at pages of 25 and %i registrations', async (count) => {
        stage = await open(count)
        stage.cap(25)
        await stage.sync()
        expect(await stage.differences()).toEqual([])
      })

      it('not where a server broke down: what was read is kept, and the next reading goes on', async () => {
        const s = await open(60)
        stage = s
        s.cap(25)
        s.atSecondPage(() => s.fault({ kind: 'status', status: 502 }, 3))
        const { events, stopped } = await s.sync()
        expect((events[0]?.error ?? stopped)?.class).toBe('transient')
        await s.sync()
        expect(await s.differences()).toEqual([])
      })
    })

    describe('a poll', () => {
      it('of a settled list without news costs one call', async () => {
        const s = await settled()
        expect(await callsOf(s, () => s.sync())).toBe(1)
      })

      it.each([1, 25, 40])('finds %i changes of one instant, over pages of 25', async (count) => {
        const s = await settled(60, 25)
        s.assignBibs(count)
        await s.sync()
        expect(await s.differences()).toEqual([])
      })

      it('finds what changed within the second of the last one', async () => {
        const s = await settled()
        s.assignBibs(1)
        await s.sync()
        s.assignBibs(1)
        s.clock.advance(MINUTE)
        await s.sync()
        expect(await s.differences()).toEqual([])
      })

      it('finds what changed on a page that was read, while the next was read', async () => {
        const s = await settled(60, 25)
        s.assignBibs(60)
        s.atSecondPage(() => {
          s.clock.advance(30_000)
          s.assignBibs(1)
          s.clock.advance(30_000)
        })
        await s.sync()
        s.clock.advance(MINUTE)
        await s.sync()
        expect(await s.differences()).toEqual([])
      })

      it('finds newcomers', async () => {
        const s = await settled(60, 25)
        s.register(30)
        await s.sync()
        expect(await s.differences()).toEqual([])
      })
    })

    describe('a whole reading', () => {
      it('finds who is gone', async () => {
        const s = await settled()
        s.remove(3)
        await s.sync({ full: true })
        expect(await s.differences()).toEqual([])
      })

      it('removes nobody who moved up a page while it was read', async () => {
        const s = await settled(60, 25)
        s.atSecondPage(() => s.remove(5))
        await s.sync({ full: true })
        s.clock.advance(MINUTE)
        await s.sync({ full: true })
        expect(await s.differences()).toEqual([])
      })
    })

    describe('an answer that is none', () => {
      it.each<[string, Fault]>([
        ['HTML with status 200', { kind: 'html' }],
        ['an error with status 200, or as the provider says it', { kind: 'status', status: 200, code: 7 }],
        ['JSON of another kind', { kind: 'wrong-type', as: 'object' }],
        ['half an answer', { kind: 'truncated' }],
        ['a server error', { kind: 'status', status: 503 }],
      ])('is no list without people: %s', async (_, fault) => {
        const s = await settled()
        s.assignBibs(2)
        s.fault(fault, 6)
        const { events, stopped } = await s.sync({ full: true })
        expect(events[0]?.error ?? stopped).toBeInstanceOf(StartlistError)
        expect(await live(s.db)).toBe(60)
      })

      it('an empty list removes nobody, and says that it waits for a decision', async () => {
        const s = await settled()
        s.fault({ kind: 'empty' }, 9)
        const { events } = await s.sync({ full: true })
        expect(events[0]?.held ?? true).toBe(true)
        expect(await live(s.db)).toBe(60)
      })

      it('another list is not stored', async () => {
        const s = await settled()
        s.fault({ kind: 'foreign' }, 9)
        await s.sync({ full: true })
        expect(await live(s.db)).toBe(60)
      })
    })

    it('keeps broken records, and loses nobody by them', async () => {
      const s = await settled(30)
      s.assignBibs(30)
      s.fault({ kind: 'malformed', defects: ['null', 'no-number', 'nul', 'wrong-types', 'bad-values'] }, 1)
      const { events } = await s.sync({ full: true })
      expect(events[0]?.error).toBeNull()
      expect(await live(s.db)).toBe(30)
      const { rows } = await sql<{ kind: string; kept: boolean }>`
        SELECT kind, count(*) >= 2 AS kept FROM rejected_records GROUP BY kind ORDER BY kind`.execute(s.db)
      expect(rows).toEqual([
        { kind: 'field', kept: true },
        { kind: 'record', kept: true },
      ])
      s.clock.advance(MINUTE)
      await s.sync({ full: true })
      expect(await s.differences()).toEqual([])
    })

    it('asks with a refused secret at most twice', async () => {
      const s = await settled()
      s.changeSecret()
      const calls = await callsOf(s, async () => {
        for (let i = 0; i < 5; i++) await s.sync().catch(() => {})
      })
      // One list that is refused, and what it takes to know that the secret is.
      expect(calls).toBeLessThanOrEqual(4)
    })

    it('stops at a throttle, and makes no call until it is over', async () => {
      const s = await settled()
      s.fault({ kind: 'throttle', retryAfter: 300 }, 1)
      expect(await callsOf(s, () => s.sync())).toBe(1)
      expect(await callsOf(s, () => s.sync().catch(() => {}))).toBe(0)
      s.clock.advance(6 * MINUTE)
      expect((await s.sync()).stopped).toBeNull()
    })

    it('leaves no secret in a row or an error', async () => {
      const s = await settled()
      s.fault({ kind: 'status', status: 400 }, 1)
      const { events, stopped } = await s.sync({ full: true })
      const error = events[0]?.error ?? stopped
      const told = `${error?.message} ${error?.hint} ${error?.stack} ${JSON.stringify(error)}`
      const { rows } = await sql<{ row: string }>`
        SELECT t::text AS row FROM api_calls t UNION ALL SELECT t::text FROM sync_history t
        UNION ALL SELECT t::text FROM accounts t UNION ALL SELECT t::text FROM rejected_records t
        UNION ALL SELECT t::text FROM startlist.list_participants t
        UNION ALL SELECT t::text FROM partner_provider_credentials t`.execute(s.db)
      const everything = rows.map(({ row }) => row).join('\n') + told
      for (const secret of s.secrets) expect(everything).not.toContain(secret)
    })

    it('finds nothing new where no event changed', async () => {
      const s = await settled(0)
      expect(await s.discover()).toMatchObject([{ changed: 0, new: 0, missing: 0 }])
    })
  })
}

async function live(db: Db): Promise<number> {
  const { rows } = await sql<{ live: number }>`
    SELECT count(*)::int AS live FROM startlist.list_participants WHERE removed_at IS NULL`.execute(db)
  return rows[0]?.live ?? 0
}
