import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { assignBibs } from '../../src/bibs/assign.ts'
import { changeBibAuthority } from '../../src/bibs/authority.ts'
import { checkList } from '../../src/check/check-list.ts'
import { VirtualClock } from '../../src/domain/clock.ts'
import { bibConflicts } from '../../src/store/bibs/conflicts.ts'
import { bibListOf, bibLists, setBibRanges } from '../../src/store/bibs/lists.ts'
import { installRunSignUp, type RaceInstallation } from '../helpers/runsignup.ts'

let running: RaceInstallation | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})

describe('bibs of a race of several events', () => {
  it('are one list, and each event’s own', async () => {
    const r = await installRunSignUp({ clock: new VirtualClock('2026-05-01T16:00:00Z') })
    running = r
    const race = r.world.addRace(r.account, { name: 'Harbor Weekend', timezone: 'America/Chicago' })
    const half = r.world.addEvent(race, { startsAt: '2026-05-02T08:00:00', participants: 6 })
    const full = r.world.addEvent(race, { startsAt: '2026-05-02T07:00:00', participants: 4 })
    await r.discover()
    await r.sync()
    const { db } = r
    const [whole] = await bibLists(db, { eventId: String(race.id) })
    expect(whole).toMatchObject({ provider: 'runsignup', name: 'Harbor Weekend' })
    expect(whole?.events.map(({ eventId }) => eventId)).toEqual([full.id, half.id].map(String))
    const key = { provider: 'runsignup' as const, partnerId: whole!.partnerId, eventId: String(half.id) }
    const one = await bibListOf(db, key)
    expect(one?.events).toMatchObject([{ eventId: key.eventId, raceDay: '2026-05-02' }])
    await sql`UPDATE runsignup_participants SET bib_num = NULL, provider_bib = NULL`.execute(db)
    const { rows } = await sql<{ key: string; event: number }>`
      SELECT registration_id::text AS key, event_id AS event FROM runsignup_participants ORDER BY 1`.execute(
      db,
    )
    const [a, b] = rows.filter(({ event }) => String(event) === key.eventId).map((row) => row.key)
    const other = rows.find(({ event }) => String(event) !== key.eventId)!.key
    const give = (registration: string, bib: string, list = whole!) =>
      assignBibs(db, list, {
        wanted: [{ line: 0, registration, person: null, bib }],
        ...{ takesBack: true, allowDuplicates: false, preview: false },
      })
    expect(await give(a!, '12')).toMatchObject({ changed: 1 })
    expect(await give(b!, '12')).toMatchObject({ blocked: true })
    // Another event of the race has bibs of its own.
    expect(await give(other, '12')).toMatchObject({ changed: 1 })
    expect(await give(other, '13', one!)).toMatchObject({ lines: [{ outcome: 'unknown' }] })
    expect(await give('no number', '14')).toMatchObject({ lines: [{ outcome: 'unknown' }] })
    await sql`UPDATE runsignup_participants SET provider_bib = '7', bib_num = '7' WHERE registration_id = ${a}::bigint`.execute(
      db,
    )
    expect(await bibConflicts(db, one!, { most: 5 })).toMatchObject([{ kind: 'differs', key: a, bib: '7' }])
    expect(await changeBibAuthority(db, whole!, 'local')).toBe(1)
    await db.transaction().execute((trx) => setBibRanges(trx, key, '100-199'))
    const ranged = await bibListOf(db, key)
    const { people, findings } = await db.transaction().execute((trx) => checkList(trx, ranged!, 9))
    expect(people).toBe(6)
    expect(findings.find(({ code }) => code === 'bib-out-of-range')?.people).toMatchObject([
      { registration: a, bib: '12', eventId: key.eventId },
    ])
    expect(findings.map(({ code }) => code)).not.toContain('missing-category')
  })
})
