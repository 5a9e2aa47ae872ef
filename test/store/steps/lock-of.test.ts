import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { Trx } from '../../../src/store/database.ts'
import { steps } from '../../../src/store/migrations/index.ts'
import { LOCKS, type Lock, lockOf } from '../../../src/store/steps/lock-of.ts'
import { testDatabase } from '../../helpers/database.ts'

describe('the lock of a statement', () => {
  const cases: [text: string, lock: Lock | null, tables: string[]][] = [
    ['ALTER TABLE haku_events ADD COLUMN x text', 'ACCESS EXCLUSIVE', ['haku_events']],
    [
      'ALTER TABLE haku_events ADD COLUMN x integer REFERENCES accounts',
      'ACCESS EXCLUSIVE',
      ['haku_events', 'accounts'],
    ],
    ['ALTER TABLE haku_events VALIDATE CONSTRAINT x', 'SHARE UPDATE EXCLUSIVE', ['haku_events']],
    [
      'ALTER TABLE a ADD CONSTRAINT x FOREIGN KEY (b, c) REFERENCES d (b, c) ON DELETE CASCADE NOT VALID',
      'SHARE ROW EXCLUSIVE',
      ['a', 'd'],
    ],
    ['CREATE INDEX CONCURRENTLY x ON a (b)', 'SHARE UPDATE EXCLUSIVE', ['a']],
    ['CREATE UNIQUE INDEX IF NOT EXISTS x ON a (b)', 'SHARE', ['a']],
    ['CREATE TABLE a (b integer REFERENCES c ON DELETE CASCADE)', 'SHARE ROW EXCLUSIVE', ['c']],
    ['CREATE TABLE a (b integer)', null, []],
    ['INSERT INTO a SELECT FROM b', 'ROW EXCLUSIVE', ['a']],
    [
      'WITH gone AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM gone',
      'ROW EXCLUSIVE',
      ['a', 'b'],
    ],
    ['LOCK TABLE a, b IN ACCESS EXCLUSIVE MODE', 'ACCESS EXCLUSIVE', ['a', 'b']],
    ['DROP INDEX CONCURRENTLY x', 'SHARE UPDATE EXCLUSIVE', []],
    ['DROP VIEW unified_events', 'ACCESS EXCLUSIVE', ['unified_events']],
    ['DROP VIEW a, b.c', 'ACCESS EXCLUSIVE', ['a', 'b.c']],
    ['DROP TABLE a, b', 'ACCESS EXCLUSIVE', ['a', 'b']],
    ['DROP TRIGGER "t" ON a', 'ACCESS EXCLUSIVE', ['a']],
    ['DROP POLICY "p" ON a', 'ACCESS EXCLUSIVE', ['a']],
    [
      'CREATE OR REPLACE TRIGGER t AFTER UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f()',
      'SHARE ROW EXCLUSIVE',
      ['a'],
    ],
    ['SELECT 1', null, []],
  ]
  it.each(cases)('%s', (text, lock, tables) => {
    expect(lockOf(text)).toEqual({ lock, tables })
  })

  it('is never less, for any statement of any step, than what PostgreSQL then holds', async () => {
    const { db } = await testDatabase()
    for (const text of steps.flatMap((step) => step.statements)) {
      const said = lockOf(text)
      const held = await db.transaction().execute(async (trx) => {
        await sql.raw(text).execute(trx)
        return locksOf(trx)
      })
      const more = held.filter(
        ({ name, rank }) => !said.tables.includes(name) || rank > LOCKS.indexOf(said.lock ?? LOCKS[0]),
      )
      expect(more, text).toEqual([])
    }
  })
})

const MODES: Record<string, Lock> = {
  RowExclusiveLock: 'ROW EXCLUSIVE',
  ShareUpdateExclusiveLock: 'SHARE UPDATE EXCLUSIVE',
  ShareLock: 'SHARE',
  ShareRowExclusiveLock: 'SHARE ROW EXCLUSIVE',
  AccessExclusiveLock: 'ACCESS EXCLUSIVE',
}

/** What a transaction holds on tables and views that were there before it, reading locks apart. */
async function locksOf(trx: Trx): Promise<{ name: string; rank: number }[]> {
  const { rows } = await sql<{ name: string; mode: string }>`
    SELECT c.relname AS name, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
    WHERE l.pid = pg_backend_pid() AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')`.execute(
    trx,
  )
  return rows
    .filter(({ mode }) => mode in MODES)
    .map(({ name, mode }) => ({ name, rank: LOCKS.indexOf(MODES[mode]!) }))
}
