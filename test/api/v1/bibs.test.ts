import { sql } from 'kysely'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Seeded, seedPartner } from '../../store/isolation/partner-rows.ts'
import { type Served, serveApi } from './serve.ts'

let api: Served
let alder: Seeded
let birch: Seeded
let mine: string
let admin: string

beforeAll(async () => {
  api = await serveApi()
  alder = await seedPartner(api.db, 'alder')
  birch = await seedPartner(api.db, 'birch')
  // Seeded without their counter.
  await sql`DELETE FROM participant_changes`.execute(api.db)
  mine = await api.token(alder.partnerId)
  admin = await api.token(null)
})

/** Three people in each event, without a bib. */
beforeEach(async () => {
  for (const { mark, partnerId, accountId } of [alder, birch]) {
    await sql`DELETE FROM haku_participants WHERE event_id = ${mark}`.execute(api.db)
    await sql`UPDATE haku_events SET bib_authority = 'provider', account_id = ${accountId} WHERE event_id = ${mark}`.execute(
      api.db,
    )
    await sql`INSERT INTO partner_sync (provider, timing_partner_id, event_id, account_id)
      VALUES ('haku', ${partnerId}, ${mark}, ${accountId}) ON CONFLICT DO NOTHING`.execute(api.db)
    await sql`INSERT INTO haku_participants (event_id, timing_partner_id, participant_id, first_name, last_name,
        date_of_birth, gender, category, provider_bib, bib_number, mapping_version)
      SELECT ${mark}, ${partnerId}, 'R/' || n, 'Ana', 'Ruiz ' || n, DATE '1990-01-01', 'F', '10K',
        CASE WHEN n = 3 THEN '33' END, CASE WHEN n = 3 THEN '33' END, 1 FROM generate_series(1, 3) n`.execute(
      api.db,
    )
  }
})

const at = ({ partnerId, mark }: Seeded) => `/v1/events/${encodeURIComponent(`haku:${partnerId}:${mark}`)}`
const person = (of: Seeded, n: number) => `${at(of)}/participants/${encodeURIComponent(`R/${n}`)}/bib`

async function send(method: string, path: string, body: unknown, token = mine) {
  const isFile = typeof body === 'string'
  const answer = await api.ask(path, token, {
    method,
    headers: { 'content-type': isFile ? 'text/csv' : 'application/json' },
    body: isFile ? body : JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}
const get = async (path: string, token = mine) =>
  (await (await api.ask(path, token)).json()) as Record<string, unknown>

const bibsOf = async ({ mark }: Seeded) => {
  const { rows } = await sql<{ bib: string | null }>`
    SELECT bib_number AS bib FROM haku_participants WHERE event_id = ${mark} ORDER BY participant_id`.execute(
    api.db,
  )
  return rows.map(({ bib }) => bib)
}

describe('PUT .../participants/{participantId}/bib', () => {
  it('gives one, refuses one that is taken, and takes it back', async () => {
    expect(await send('PUT', person(alder, 1), { bib: ' 0412 ' })).toMatchObject({
      status: 200,
      body: { outcome: 'give', registration: 'R/1', before: null, after: '0412', runId: expect.any(Number) },
    })
    expect(await send('PUT', person(alder, 2), { bib: '0412' })).toMatchObject({
      status: 409,
      body: { code: 'BIB_CONFLICT', title: 'the bib is taken by registration R/1' },
    })
    expect(await send('PUT', person(alder, 2), { bib: '0412', allowDuplicates: true })).toMatchObject({
      status: 200,
    })
    expect(await bibsOf(alder)).toEqual(['0412', '0412', '33'])
    expect(await send('PUT', person(alder, 1), { bib: null })).toMatchObject({
      body: { outcome: 'take', after: null },
    })
    expect(await bibsOf(alder)).toEqual([null, '0412', '33'])
  })

  it('says when the provider’s counts', async () => {
    expect(await send('PUT', person(alder, 3), { bib: '9' })).toMatchObject({
      body: { bib: '9', after: '33' },
    })
  })

  it.each([
    [{ bib: '9'.repeat(21) }, 400, 'BAD_INPUT'],
    [{ bib: 9 }, 400, 'BAD_INPUT'],
    [{}, 400, 'BAD_INPUT'],
  ])('refuses %j', async (body, status, code) => {
    expect(await send('PUT', person(alder, 1), body)).toMatchObject({ status, body: { code } })
  })

  it('knows no other registration', async () => {
    expect(await send('PUT', person(alder, 9), { bib: '1' })).toMatchObject({
      status: 404,
      body: { code: 'NO_SUCH_PARTICIPANT' },
    })
  })
})

describe('POST .../bibs', () => {
  const file = 'Registration ID;Bib\nR/1;1\nR/2;2\nR/3;33\n'

  it('previews and then gives all of a file', async () => {
    const preview = await send('POST', `${at(alder)}/bibs?preview=true`, file)
    expect(preview).toMatchObject({
      status: 200,
      body: { preview: true, blocked: false, changed: 0, runId: null, counts: { give: 2, same: 1 } },
    })
    expect(preview.body.lines).toMatchObject([
      { line: 2, outcome: 'give', registration: 'R/1' },
      { line: 3, outcome: 'give' },
    ])
    expect(await bibsOf(alder)).toEqual([null, null, '33'])
    expect(await send('POST', `${at(alder)}/bibs`, file)).toMatchObject({ status: 200, body: { changed: 2 } })
    expect(await bibsOf(alder)).toEqual(['1', '2', '33'])
  })

  it('gives nothing of one with somebody unknown or a bib twice, and repeats nobody', async () => {
    const bad = 'name,dob,bib\nSecret Person,1990-01-01,1\nAna Ruiz 1,1990-01-01,33\n'
    expect(await send('POST', `${at(alder)}/bibs?preview=true`, bad)).toMatchObject({
      body: { blocked: true, counts: { unknown: 1, conflict: 1 } },
    })
    const refused = await send('POST', `${at(alder)}/bibs`, bad)
    expect(refused).toMatchObject({ status: 409, body: { code: 'BIB_CONFLICT' } })
    expect(JSON.stringify(refused)).not.toContain('Secret')
    expect(await send('POST', `${at(alder)}/bibs`, 'a,b\n1,2\n')).toMatchObject({ status: 400 })
    expect(await bibsOf(alder)).toEqual([null, null, '33'])
  })
})

describe('PUT .../bib-authority and GET .../bib-conflicts', () => {
  it('show who has two bibs, and which counts', async () => {
    await send('PUT', person(alder, 3), { bib: '9' })
    const differs = { kind: 'differs', registration: 'R/3', providerBib: '33', localBib: '9', live: true }
    expect(await get(`${at(alder)}/bib-conflicts`)).toMatchObject({
      items: [{ ...differs, bib: '33' }],
      next: null,
    })
    expect(await send('PUT', `${at(alder)}/bib-authority`, { bibAuthority: 'local' })).toEqual({
      status: 200,
      body: { bibAuthority: 'local', changed: 1 },
    })
    expect(await get(`${at(alder)}/bib-conflicts`)).toMatchObject({ items: [{ ...differs, bib: '9' }] })
    expect(await get(at(alder))).toMatchObject({ bibAuthority: 'local' })
  })

  it('come in pages', async () => {
    for (const n of [1, 2]) await send('PUT', person(alder, n), { bib: '5', allowDuplicates: true })
    const first = await get(`${at(alder)}/bib-conflicts?limit=1`)
    const second = await get(`${at(alder)}/bib-conflicts?limit=1&cursor=${first.next}`)
    expect([first.items, second.items]).toMatchObject([[{ registration: 'R/1' }], [{ registration: 'R/2' }]])
    expect(second.next).toBeNull()
  })

  it('leave nobody out where one of them is settled between two pages', async () => {
    for (const n of [1, 2]) await send('PUT', person(alder, n), { bib: '105', allowDuplicates: true })
    await send('PUT', person(alder, 3), { bib: '9' })
    const registrations = ({ items }: Record<string, unknown>) =>
      (items as { registration: string }[]).map(({ registration }) => registration)
    const first = await get(`${at(alder)}/bib-conflicts?limit=2`)
    expect(registrations(first)).toEqual(['R/1', 'R/2'])
    await send('PUT', person(alder, 2), { bib: '6' })
    const second = await get(`${at(alder)}/bib-conflicts?limit=2&cursor=${first.next}`)
    expect([registrations(second), second.next]).toEqual([['R/3'], null])
    expect((await api.ask(`${at(alder)}/bib-conflicts?cursor=e30`, mine)).status).toBe(400)
  })
})

describe('GET .../checks', () => {
  it('shows findings with people and links, and each as CSV', async () => {
    await sql`UPDATE haku_participants SET gender = NULL WHERE participant_id = 'R/1' AND event_id = 'alder'`.execute(
      api.db,
    )
    const report = await get(`${at(alder)}/checks?people=1`)
    expect(report).toMatchObject({ people: 3, problems: 1, warnings: 1 })
    expect(report.findings).toMatchObject([
      { code: 'missing-sex', severity: 'problem', sentence: '1 person has no sex.', count: 1 },
      { code: 'missing-bib', severity: 'warning', count: 2, people: [{ registration: 'R/1' }] },
    ])
    const answer = await api.ask(`${at(alder)}/checks/missing-bib.csv`, mine)
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const lines = (await answer.text()).trim().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[1]).toBe(`R/1,Ana Ruiz 1,,,alder,${alder.partnerId},${at(alder)}/participants/R%2F1`)
    expect((await api.ask(`${at(alder)}/checks/nothing.csv`, mine)).status).toBe(400)
  })

  it('is a file like all others: a few at once, and none that its reader leaves open', async () => {
    const ask = (init?: RequestInit) => api.ask(`${at(alder)}/checks/missing-bib.csv`, mine, init)
    const open = [await ask(), await ask(), await api.ask(`${at(alder)}/exports/csv`, mine)]
    const busy = await ask()
    expect([busy.status, busy.headers.get('retry-after'), await busy.json()]).toEqual([
      ...[429, '5', expect.objectContaining({ code: 'EXPORTS_BUSY' })],
    ])
    const { rows: waiting } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'idle in transaction'`.execute(api.db)
    expect(waiting).toEqual([{ n: 3 }])
    for (const answer of open) await answer.body!.cancel()
    for (let i = 0; i < 4; i++) expect((await ask({ method: 'HEAD' })).status).toBe(200)
    const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'idle in transaction'`.execute(api.db)
    expect(rows).toEqual([{ n: 0 }])
  })
})

describe('another timing partner’s event', () => {
  it('is not there, for each of these routes', async () => {
    const before = await bibsOf(birch)
    const tries: [string, string, unknown][] = [
      ['PUT', person(birch, 1), { bib: '1' }],
      ['POST', `${at(birch)}/bibs`, 'registration,bib\nR/1,1\n'],
      ['PUT', `${at(birch)}/bib-authority`, { bibAuthority: 'local' }],
    ]
    for (const [method, path, body] of tries) {
      expect(await send(method, path, body)).toMatchObject({ status: 404, body: { code: 'NO_SUCH_EVENT' } })
      expect((await send(method, path, body, admin)).status).toBe(200)
      await sql`UPDATE haku_participants SET bib_number = provider_bib, local_bib = NULL WHERE event_id = 'birch'`.execute(
        api.db,
      )
    }
    for (const path of ['bib-conflicts', 'checks', 'checks/missing-sex.csv']) {
      expect((await api.ask(`${at(birch)}/${path}`, mine)).status).toBe(404)
      const shown = await api.ask(`${at(birch)}/${path}`, admin)
      expect(shown.status).toBe(200)
      await shown.text()
      expect((await api.ask(`${at(birch)}/${path}`, null)).status).toBe(401)
    }
    expect(await bibsOf(birch)).toEqual(before)
  })
})
