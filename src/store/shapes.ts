import { sql } from 'kysely'
import type { Db } from './database.ts'

/** What a provider's answers to an account look like, and how that changed. Structure only, never a value. */

/** Where a record stands: in the list of events, in a list of registrations, or alone. */
export type ShapeSource = 'events' | 'list' | 'detail'

/** A change of structure, as it is noted. */
export interface NotedDrift {
  drift: 'appeared' | 'vanished' | 'retyped'
  path: string
  was: string[]
  now: string[]
}

/** What was learnt of an account's answers, by source. */
export async function readShapes<Shape>(db: Db, accountId: number): Promise<Map<ShapeSource, Shape>> {
  const { rows } = await sql<{ source: ShapeSource; shape: Shape }>`
    SELECT source, shape FROM schema_shapes WHERE account_id = ${accountId}`.execute(db)
  return new Map(rows.map(({ source, shape }) => [source, shape]))
}

/** Keeps what is known of a source, and notes each change once: the first time that it is seen. */
export async function saveShape(
  db: Db,
  { accountId, source }: { accountId: number; source: ShapeSource },
  shape: object,
  drifts: readonly NotedDrift[],
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`
      INSERT INTO schema_shapes (account_id, source, shape) VALUES (${accountId}, ${source}, ${JSON.stringify(shape)}::jsonb)
      ON CONFLICT (account_id, source) DO UPDATE SET shape = excluded.shape`.execute(trx)
    for (const { drift, path, was, now } of drifts)
      await sql`
        INSERT INTO schema_drift (account_id, source, path, drift, was, is_now, first_seen)
        VALUES (${accountId}, ${source}, ${path}, ${drift}, ${was}::text[], ${now}::text[], startlist.clock())
        ON CONFLICT DO NOTHING`.execute(trx)
  })
}

/** A change of structure, and where and when it was first seen. */
export interface KeptDrift extends NotedDrift {
  accountId: number
  source: ShapeSource
  /** ms since the epoch */
  firstSeen: number
}

/** Changes first seen since an instant (ms since the epoch), the newest first, at most `limit`. */
export async function driftSince(db: Db, since: number, limit: number): Promise<KeptDrift[]> {
  const { rows } = await sql<KeptDrift>`
    SELECT account_id AS "accountId", source, path, drift, was, is_now AS now,
      (extract(epoch FROM first_seen) * 1000)::float8 AS "firstSeen"
    FROM schema_drift WHERE first_seen >= to_timestamp(${since}::float8 / 1000)
    ORDER BY first_seen DESC, account_id, source, path LIMIT ${limit}`.execute(db)
  return rows
}
