import { createHash } from 'node:crypto'
import { compactVerify, decodeProtectedHeader, importJWK } from 'jose'
import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import { canonicalJson } from '../../src/domain/fingerprint.ts'
import { screenOf } from '../../src/domain/personal-data.ts'
import type { Db } from '../../src/store/database.ts'
import { leaveOutOfFreezes } from '../../src/store/forgotten.ts'
import { freezeStartList } from '../../src/store/freezes/create.ts'
import { frozenDocument } from '../../src/store/freezes/document.ts'
import { whileNobodyIsErased } from '../../src/store/freezes/lock.ts'
import { findFreeze, listFreezes } from '../../src/store/freezes/read.ts'
import { removeFreeze } from '../../src/store/freezes/remove.ts'
import { verifyFreeze } from '../../src/store/freezes/verify.ts'
import { beginRotation, endRotation, resealAll } from '../../src/store/key-rotation.ts'
import { setPartnerRetention } from '../../src/store/partners.ts'
import { forgetRegistrations } from '../../src/sync/forget.ts'
import { applyRetention } from '../../src/sync/retention.ts'
import { testDatabase } from '../helpers/database.ts'

const KEY = Buffer.alloc(32, 5).toString('base64')
const NOW = Date.parse('2026-05-01T16:00:00Z')
const of = { eventId: 'harbor' }

let db: Db
let clock: VirtualClock
beforeEach(async () => {
  clock = new VirtualClock(NOW)
  ;({ db } = await testDatabase({ virtualClock: clock }))
  await sql`INSERT INTO timing_partners (timing_partner_id, company_name) VALUES (1, 'Alder Timing'), (2, 'Birch Timing');
    INSERT INTO accounts (account_id, provider, principal) OVERRIDING SYSTEM VALUE VALUES (1, 'haku', 'c1')`.execute(
    db,
  )
  for (const partner of [1, 2])
    await sql`INSERT INTO haku_events (event_id, timing_partner_id, account_id, event_name, starts_at, timezone)
      VALUES ('harbor', ${partner}, 1, 'Harbor Half', '2026-05-02T11:00:00Z', 'America/New_York')`.execute(db)
  await sql`INSERT INTO haku_participants (event_id, timing_partner_id, participant_id, first_name, last_name, email,
      date_of_birth, bib_number, categories, raw_data, registration_status, removed_at, amount_paid)
    SELECT 'harbor', p, 'R' || n, 'Ana' || n, 'Alder', 'ana@example.com', '1990-02-03', lpad(n::text, 3, '0'),
      '[{"id": "501", "name": "10K", "bib": null, "chip": null, "wave": null, "corral": null}]',
      '{"list": null, "detail": {"participant": {"address": {"city": "Springhaven", "zip_code": "01234"}}}}',
      CASE n WHEN 9 THEN 'cancelled' ELSE 'active' END, CASE n WHEN 9 THEN startlist.clock() END, 85
    FROM generate_series(1, 9) AS n, (VALUES (1), (2)) AS partners (p)`.execute(db)
})

const freezeFor = (partnerId: number) => freezeStartList(db, { ...of, partnerId }, { by: 'Ana', key: KEY })
const verdictOf = async (id: number) => verifyFreeze(db, await findFreeze(db, id))

async function documentOf(id: number): Promise<string> {
  let text = ''
  for await (const piece of frozenDocument(db, await findFreeze(db, id))) text += piece
  return text
}

describe('a frozen start list', () => {
  it('is signed over the very bytes of its document, and anybody can check that without startlist', async () => {
    const freeze = await findFreeze(db, await freezeFor(1))
    const text = await documentOf(freeze.freezeId)
    const document = JSON.parse(text)
    expect(canonicalJson(document)).toBe(text)
    expect(document).toMatchObject({
      about: { event: { name: 'Harbor Half' }, registrations: 8, position: 0 },
    })
    expect(document.rows).toHaveLength(8)
    expect(document.rows[0]).toMatchObject({
      registration: 'R1',
      bib: '001',
      zip: '01234',
      dateOfBirth: '1990-02-03',
    })

    const { jwk, kid, alg } = decodeProtectedHeader(freeze.signature)
    const { payload } = await compactVerify(freeze.signature, await importJWK(jwk!, alg))
    const signed = JSON.parse(Buffer.from(payload).toString()) as Record<string, unknown>
    expect(signed).toMatchObject({ rows: 8, sha256: createHash('sha256').update(text).digest('hex') })
    const { rows } = await sql<{
      kid: string
      sealed: string
    }>`SELECT kid, private_key AS sealed FROM signing_keys`.execute(db)
    expect(rows).toEqual([{ kid, sealed: expect.stringMatching(/^eyJ/) }])
    expect(await verdictOf(freeze.freezeId)).toEqual({
      ...{ genuine: true, faults: [], intact: 8, erased: { forget: 0, retention: 0, kept: 0 } },
    })
  })

  it('is the same bytes later, whatever became of the rows', async () => {
    const id = await freezeFor(1)
    const before = await documentOf(id)
    await sql`UPDATE haku_participants SET first_name = 'Ben', bib_number = '7' WHERE timing_partner_id = 1`.execute(
      db,
    )
    await sql`DELETE FROM haku_participants WHERE participant_id = 'R3'`.execute(db)
    clock.advance(86_400_000)
    expect(await documentOf(id)).toBe(before)
    const later = await freezeFor(1)
    expect(await documentOf(later)).toContain('Ben')
    expect((await listFreezes(db, { partnerId: 1 })).map(({ freezeId, rows }) => [freezeId, rows])).toEqual([
      [later, 7],
      [id, 8],
    ])
    expect((await verdictOf(id)).genuine).toBe(true)
  })

  const tampering: [what: string, statement: string, fault: RegExp][] = [
    [
      'a bib',
      `UPDATE freeze_rows SET line = line || '{"bib": "7"}' WHERE place = 2`,
      /Row 2 is not as it was/,
    ],
    [
      'a bib and its hash',
      `UPDATE freeze_rows SET line = line || '{"bib": "7"}', row_sha256 = sha256('x') WHERE place = 2`,
      /rows are not the 8/,
    ],
    ['a row less', 'DELETE FROM freeze_rows WHERE place = 7', /rows are not the 8/],
    ['a row in the middle less', 'DELETE FROM freeze_rows WHERE place = 3', /Row 3 is not where/],
    [
      'a row more',
      `INSERT INTO freeze_rows SELECT freeze_id, 8, provider, timing_partner_id, list_id, 'R99', line, salt, row_sha256 FROM freeze_rows WHERE place = 1`,
      /rows are not the 8/,
    ],
    ['another time', `UPDATE freezes SET state = state || '{"at": "2026-04-01T00:00:00Z"}'`, /signature/],
    ['another count', 'UPDATE freezes SET rows = 9', /signature/],
    ['a pretended erasure', `UPDATE freeze_rows SET salt = NULL WHERE place = 2`, /Row 2 is not as it was/],
    ['a key of somebody else', `DELETE FROM signing_keys`, /no key of this database/],
  ]
  it.each(tampering)('shows %s', async (_, statement, fault) => {
    const id = await freezeFor(1)
    await sql.raw(statement).execute(db)
    const { genuine, faults } = await verdictOf(id)
    expect(genuine).toBe(false)
    expect(faults.join(' ')).toMatch(fault)
  })

  const damage: [what: string, statement: string][] = [
    ['nothing', `UPDATE freezes SET state = 'null' WHERE freeze_id = 2`],
    ['an empty object', `UPDATE freezes SET state = '{}' WHERE freeze_id = 2`],
    ['no event', `UPDATE freezes SET state = state - 'event' WHERE freeze_id = 2`],
    [
      'a name that is none',
      `UPDATE freezes SET state = jsonb_set(state, '{event,name}', '7') WHERE freeze_id = 2`,
    ],
    ['an instant that is none', `UPDATE freezes SET frozen_at = 'infinity' WHERE freeze_id = 2`],
    ['an instant too far', `UPDATE freezes SET frozen_at = '290000-01-01Z' WHERE freeze_id = 2`],
  ]
  it.each(damage)('that is damaged hides no other: %s', async (_, statement) => {
    for (let i = 0; i < 3; i++) await freezeFor(1)
    await sql.raw(statement).execute(db)
    const listed = await listFreezes(db)
    expect(listed.map(({ freezeId, state }) => [freezeId, state?.event.name ?? 'damaged'])).toEqual([
      [3, 'Harbor Half'],
      [2, 'damaged'],
      [1, 'Harbor Half'],
    ])
    expect(listed[1]).toMatchObject({ eventId: 'harbor', partnerId: 1, frozenBy: 'Ana', rows: 8 })
    await expect(findFreeze(db, 2)).rejects.toMatchObject({ code: 'FREEZE_BROKEN' })
    await removeFreeze(db, 2, 'Ben')
    expect((await listFreezes(db)).map(({ freezeId }) => freezeId)).toEqual([3, 1])
  })

  it('is removed with its rows, and no other with it', async () => {
    const ids = [await freezeFor(1), await freezeFor(1), await freezeFor(2)]
    for (const other of [{ partnerId: 2 }, { provider: 'runsignup' }, { eventId: 'cedar' }])
      await expect(removeFreeze(db, ids[0]!, 'Ben', other)).rejects.toMatchObject({ code: 'NO_SUCH_FREEZE' })
    await removeFreeze(db, ids[0]!, 'Ben', { partnerId: 1, provider: 'haku', eventId: 'harbor' })
    await expect(removeFreeze(db, ids[0]!, 'Ben')).rejects.toMatchObject({ code: 'NO_SUCH_FREEZE' })
    const { rows } = await sql<{ id: number }>`
      SELECT DISTINCT freeze_id::int AS id FROM freeze_rows ORDER BY 1`.execute(db)
    expect(rows.map(({ id }) => id)).toEqual(ids.slice(1))
    for (const id of ids.slice(1)) expect((await verdictOf(id)).genuine).toBe(true)
  })

  it('goes on to prove all others when somebody in it is forgotten, at every timing partner', async () => {
    const ids = [await freezeFor(1), await freezeFor(2)]
    await forgetRegistrations(db, { provider: 'haku', keys: ['R4'] })
    for (const id of ids) {
      expect(await verdictOf(id)).toMatchObject({ genuine: true, intact: 7, erased: { forget: 1 } })
      const { rows } = JSON.parse(await documentOf(id)) as { rows: Record<string, unknown>[] }
      expect(rows[3]).toMatchObject({
        registration: 'R4',
        bib: '004',
        salt: null,
        firstName: null,
        email: null,
        zip: null,
      })
      expect(rows[4]).toMatchObject({ firstName: 'Ana5', zip: '01234' })
    }
    const { rows } = await sql<{
      n: number
    }>`SELECT count(*)::int AS n FROM freeze_rows WHERE line::text LIKE '%Ana4%'`.execute(db)
    expect(rows).toEqual([{ n: 0 }])
    // A bib that is changed beside what was erased shows in nobody else's row.
    await sql`UPDATE freeze_rows SET line = line || '{"bib": "7"}' WHERE place = 5`.execute(db)
    expect((await verdictOf(ids[0]!)).genuine).toBe(false)
  })

  it('forgets with its event, as each timing partner keeps people', async () => {
    const ids = [await freezeFor(1), await freezeFor(2)]
    clock.advance(100 * 86_400_000)
    await setPartnerRetention(db, 1, 30)
    await applyRetention(db, { defaultDays: 0 })
    expect(await verdictOf(ids[0]!)).toMatchObject({ genuine: true, intact: 0, erased: { retention: 8 } })
    expect(await verdictOf(ids[1]!)).toMatchObject({ genuine: true, intact: 8 })
    expect(await documentOf(ids[0]!)).not.toMatch(/Ana|example|1990|Springhaven/)
    expect(await documentOf(ids[0]!)).toContain('"bib":"001"')
  })

  it('lets go of what a timing partner does not keep any more', async () => {
    const ids = [await freezeFor(1), await freezeFor(2)]
    const at = { provider: 'haku', partnerId: 1, eventId: 'harbor' }
    await db.transaction().execute((trx) => leaveOutOfFreezes(trx, at, screenOf('birth').columns))
    expect(await verdictOf(ids[0]!)).toMatchObject({ genuine: true, intact: 0, erased: { kept: 8 } })
    expect(await verdictOf(ids[1]!)).toMatchObject({ genuine: true, intact: 8 })
    const { rows } = JSON.parse(await documentOf(ids[0]!)) as { rows: Record<string, unknown>[] }
    expect(rows[0]).toMatchObject({
      firstName: 'Ana1',
      dateOfBirth: '1990-02-03',
      email: null,
      zip: null,
      amountPaid: null,
    })
  })

  it('never keeps somebody who was forgotten while it was made', async () => {
    // Whoever freezes holds a snapshot in which the person is still there; the erasure has to wait for it.
    let isErased = false
    const forgetting = { done: Promise.resolve() }
    await whileNobodyIsErased(db, async (one) => {
      await one
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute(async (trx) => {
          await sql`SELECT FROM haku_participants`.execute(trx)
          forgetting.done = forgetRegistrations(db, { provider: 'haku', keys: ['R4'] }).then(() => {
            isErased = true
          })
          await waitUntilSomebodyWaits()
          expect(isErased).toBe(false)
          await sql`INSERT INTO freezes (freeze_id, provider, timing_partner_id, list_id, event_id, frozen_at, frozen_by, state,
              rows, sha256, rows_sha256, signature) OVERRIDING SYSTEM VALUE
            VALUES (77, 'haku', 1, 'harbor', 'harbor', startlist.clock(), 'x', '{}', 1, '', '', '')`.execute(
            trx,
          )
          await sql`INSERT INTO freeze_rows (freeze_id, place, provider, timing_partner_id, list_id, registration, line, salt, row_sha256)
            SELECT 77, 0, 'haku', 1, 'harbor', participant_id, jsonb_build_object('firstName', first_name), 's', ''
            FROM haku_participants WHERE participant_id = 'R4' AND timing_partner_id = 1`.execute(trx)
        })
    })
    await forgetting.done
    const { rows } =
      await sql<object>`SELECT line, salt, erased FROM freeze_rows WHERE freeze_id = 77`.execute(db)
    expect(rows).toEqual([expect.objectContaining({ salt: null, erased: 'forget' })])
    expect(JSON.stringify(rows)).not.toContain('Ana4')
  })

  it('is signed on by the same key after the key of secrets was changed', async () => {
    const first = await freezeFor(1)
    const next = await beginRotation(db, KEY)
    await resealAll(db, KEY, next)
    await endRotation(db, next)
    const second = await freezeStartList(db, { ...of, partnerId: 1 }, { by: 'Ana', key: next })
    for (const id of [first, second]) expect((await verdictOf(id)).genuine).toBe(true)
    const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM signing_keys`.execute(db)
    expect(rows).toEqual([{ n: 1 }])
  })
})

async function waitUntilSomebodyWaits(): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM pg_locks
      WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`.execute(
      db,
    )
    if (rows[0]!.n > 0) return
  }
}
