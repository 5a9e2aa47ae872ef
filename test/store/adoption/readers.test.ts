import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { migrate } from '../../../src/store/migrate.ts'
import { legacyDatabase } from './database.ts'
import { ask, viewQueries } from './readers.ts'
import { dropRoles, readAs, roleIn } from './roles.ts'
import { PLAIN, type Variant } from './variant.ts'

afterEach(dropRoles)

const VARIANTS: [name: string, variant: Partial<Variant>][] = [
  ['of the providers that startlist knows', {}],
  ['of other providers too', { views: 'others' }],
]

describe('a role with rights on views alone', () => {
  it.each(VARIANTS)('reads the same rows before and after, %s', async (_, variant) => {
    const { db } = await legacyDatabase({ ...PLAIN, ...variant })
    const role = await roleIn(db, 'reporting')
    await sql.raw(`GRANT SELECT ON unified_participants TO ${role} WITH GRANT OPTION`).execute(db)
    await sql
      .raw(`GRANT SELECT (source_provider, timing_partner_id, event_id, event_name, event_date, fetched_date)
      ON unified_events TO ${role}`)
      .execute(db)
    const before = await readAs(db, role, (theirs) => ask(theirs, viewQueries))
    expect(before['unified participants']!.length).toBeGreaterThan(20)
    await migrate(db)
    expect(await readAs(db, role, (theirs) => ask(theirs, viewQueries))).toEqual(before)
    await readAs(db, role, async (theirs) => {
      await expect(sql`SELECT FROM haku_participants`.execute(theirs)).rejects.toMatchObject({
        code: '42501',
      })
      await expect(sql`SELECT starts_at FROM unified_events`.execute(theirs)).rejects.toMatchObject({
        code: '42501',
      })
    })
  })
})

describe('a view that is made anew', () => {
  it('keeps its comment, its owner’s rights and the rows of providers that startlist does not know', async () => {
    const { db } = await legacyDatabase({ ...PLAIN, views: 'others' })
    const owner = await roleIn(db, 'analyst')
    await sql
      .raw(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${owner};
      GRANT CREATE ON SCHEMA public TO ${owner};
      ALTER VIEW unified_participants OWNER TO ${owner}`)
      .execute(db)
    await migrate(db)
    const { rows } = await sql`SELECT obj_description('unified_events'::regclass) AS comment`.execute(db)
    expect(rows).toEqual([{ comment: "every provider's events" }])
    const theirs = await readAs(db, owner, async (analyst) => {
      const answer = await sql`SELECT first_name, city, participant_id FROM unified_participants
        WHERE source_provider = 'raceroster'`.execute(analyst)
      return answer.rows
    })
    expect(theirs).toEqual([{ first_name: 'Rosa', city: 'Bend', participant_id: null }])
  })

  it('shows a registration once, from the tables as they are now', async () => {
    const { db } = await legacyDatabase({ ...PLAIN, views: 'others' })
    await migrate(db)
    await sql`UPDATE haku_participants SET registration_status = 'cancelled' WHERE participant_id = 'R-10'`.execute(
      db,
    )
    const { rows } = await sql`
      SELECT registration_status FROM unified_participants WHERE participant_id = 'R-10'`.execute(db)
    expect(rows).toEqual([{ registration_status: 'cancelled' }])
  })
})

describe('the scripts that still run', () => {
  it('insert events and registrations as before, also for a second partner of an event', async () => {
    const { db } = await legacyDatabase(PLAIN)
    await migrate(db)
    const insert = (partner: number, key: string) =>
      sql`
      INSERT INTO haku_participants (event_id, participant_id, first_name, credentials_used, timing_partner_id)
      VALUES ('ev-1', ${key}, 'New', 'client-shared', ${partner})
      ON CONFLICT (event_id, participant_id, timing_partner_id) DO UPDATE SET first_name = excluded.first_name`.execute(
        db,
      )
    await insert(2, 'R-10')
    await sql`INSERT INTO haku_events (event_id, event_name, timing_partner_id) VALUES ('ev-1', 'Race 1', 1)`.execute(
      db,
    )
    await insert(1, 'R-10')
    const { rows } = await sql`
      SELECT timing_partner_id, first_name FROM haku_participants WHERE participant_id = 'R-10' ORDER BY 1`.execute(
      db,
    )
    expect(rows).toEqual([
      { timing_partner_id: 1, first_name: 'New' },
      { timing_partner_id: 2, first_name: 'New' },
    ])
  })
})
