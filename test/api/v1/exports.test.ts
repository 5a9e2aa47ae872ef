import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { EVENT, fill } from '../../../bench/export/fill.ts'
import { FORMAT_NAMES, FORMATS } from '../../../src/export/formats.ts'
import { addMark } from '../../../src/store/feed/marks.ts'
import { forgetRegistrations } from '../../../src/sync/forget.ts'
import { readBack } from '../../export/read-back.ts'
import { type Served, serveApi } from './serve.ts'

const ROWS = 2_500

let api: Served
let mine: string
let theirs: string
let admin: string
beforeAll(async () => {
  api = await serveApi()
  await fill(api.db, ROWS)
  await sql`INSERT INTO timing_partners (timing_partner_id, company_name) VALUES (2, 'Birch Timing');
    INSERT INTO partner_sync (provider, timing_partner_id, event_id, account_id, feed_position) VALUES ('haku', 1, ${sql.lit(EVENT)}, 1, 2);
    INSERT INTO participant_changes (provider, timing_partner_id, event_id, position, participant_id, change, fields, seen_at)
      VALUES ('haku', 1, ${sql.lit(EVENT)}, 1, 'G-00000007', 'changed', '{}', startlist.clock()),
        ('haku', 1, ${sql.lit(EVENT)}, 2, 'G-00000008', 'cancelled', '{}', startlist.clock());
    UPDATE haku_participants SET registration_status = 'cancelled' WHERE participant_id = 'G-00000008'`.execute(
    api.db,
  )
  ;[mine, theirs, admin] = [await api.token(1), await api.token(2), await api.token(null)]
})

const KEY = encodeURIComponent(`haku:1:${EVENT}`)
const at = (path: string) => `/v1/events/${KEY}/${path}`
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code]
const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer())

describe('GET /v1/export-formats', () => {
  interface Choice {
    name: string
    values: string[] | null
    preset: string
  }
  const formats = async () =>
    (
      (await (await api.ask('/v1/export-formats', mine)).json()) as {
        items: { format: string; title: string; options: Choice[] }[]
      }
    ).items

  it('tells what can be chosen for each, and what its importer wants', async () => {
    const all = await formats()
    expect(all.map(({ format }) => format)).toEqual(FORMAT_NAMES)
    const of = (name: string) =>
      Object.fromEntries(
        all.find(({ format }) => format === name)!.options.map((option) => [option.name, option.preset]),
      )
    expect(of('raceresult')).toEqual({
      ...{ delimiter: 'comma', encoding: 'utf-8', bom: 'yes', dateOrder: 'ymd', sex: 'm/f/x' },
      ...{ rows: 'registration', formulas: 'guarded', blankBib: '', ids: 'plain' },
    })
    // It has no date in it, so no order of one.
    expect(of('webscorer')).not.toHaveProperty('dateOrder')
    expect(Object.keys(of('json'))).toEqual(['sex', 'rows', 'ids'])
  })

  it('is true: a preset given is the file without it, and each value is taken', async () => {
    const file = async (format: string, query: string) => {
      const answer = await api.ask(at(`exports/${format}?${query}`), mine)
      expect([format, query, answer.status]).toEqual([format, query, 200])
      return bytesOf(answer)
    }
    // A JSON file has the instant in it that it is of; the clock stands still here.
    for (const { format, options } of await formats()) {
      const presets = new URLSearchParams(options.map(({ name, preset }): [string, string] => [name, preset]))
      expect((await file(format, `after=1&${presets}`)).equals(await file(format, 'after=1'))).toBe(true)
      for (const { name, values } of options)
        for (const value of values ?? ['000'])
          await file(format, `after=1&${new URLSearchParams([[name, value]])}`)
    }
  }, 120_000)
})

describe('GET /v1/events/{event}/exports/{format}', () => {
  it.each(FORMAT_NAMES)(
    'sends %s as a file with a safe name, and what to know of it in headers',
    async (format) => {
      const answer = await api.ask(at(`exports/${format}`), mine)
      expect(answer.status).toBe(200)
      const { headers } = answer
      expect(headers.get('content-disposition')).toBe(
        `attachment; filename="large-half-${format}.${FORMATS[format].extension}"`,
      )
      expect(headers.get('content-type')).toMatch(/^(text\/(csv|plain); charset=utf-|application\/)/)
      expect(headers.get('startlist-position')).toBe('2')
      expect(headers.get('startlist-registrations')).toBe(String(ROWS - 1))
      expect(headers.get('startlist-bibs-as-of')).toBe('2026-05-01T15:00:00Z')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(await readBack(format, await bytesOf(answer))).toHaveLength(ROWS - 1)
    },
  )

  it('takes the options of the command', async () => {
    const answer = await api.ask(
      at('exports/generic?delimiter=tab&encoding=utf-16le&bom=yes&ids=namespaced'),
      admin,
    )
    const options = { delimiter: 'tab', encoding: 'utf-16le', bom: true } as const
    const [first] = await readBack('generic', await bytesOf(answer), options)
    expect(first).toMatchObject({ 'Registration ID': 'haku-G-00000000', 'Birth Date': '01/01/1950' })
  })

  it('sends what changed, and who was withdrawn', async () => {
    const ids = async (query: string) =>
      (await readBack('mylaps', await bytesOf(await api.ask(at(`exports/mylaps?${query}`), mine)))).map(
        ({ id }) => id,
      )
    expect(await ids('after=0')).toEqual(['G-00000007'])
    expect(await ids('after=0&withdrawn=true')).toEqual(['G-00000008'])
    expect(await ids('after=2')).toEqual([])
    expect(await codeOf(await api.ask(at('exports/mylaps?after=3'), mine))).toEqual([410, 'CHANGES_GONE'])
    const list = { provider: 'haku', partnerId: 1, eventId: EVENT }
    await addMark(api.db, list, 'bibs printed', { position: 1 })
    expect(await ids('since=bibs%20printed&withdrawn=true')).toEqual(['G-00000008'])
    expect(await ids('since=bibs%20printed')).toEqual([])
    expect(await codeOf(await api.ask(at('exports/mylaps?since=x'), mine))).toEqual([404, 'NO_SUCH_MARK'])
    expect(await codeOf(await api.ask(at('exports/mylaps?since=x&after=1'), mine))).toEqual([
      400,
      'BAD_INPUT',
    ])
  })

  it.each([
    'csv?delimiter=x',
    'csv?rows=2',
    'json?delimiter=tab',
    'csv?after=-1',
    'excel',
    'csv?withdrawn=perhaps',
  ])('refuses %s', async (path) => {
    const answer = await api.ask(at(`exports/${path}`), mine)
    expect(await codeOf(answer)).toEqual([400, 'BAD_INPUT'])
  })

  it('gives connections back, whoever asks for a head or goes away', async () => {
    for (let i = 0; i < 12; i++) {
      const head = await api.ask(at('exports/csv'), mine, { method: 'HEAD' })
      expect([head.status, head.headers.get('startlist-position')]).toEqual([200, '2'])
      const gone = await api.ask(at('exports/csv'), mine)
      const reader = gone.body!.getReader()
      await reader.read()
      await reader.cancel()
    }
    const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'idle in transaction'`.execute(api.db)
    expect(rows).toEqual([{ n: 0 }])
  })

  it('sends a few at once, and says when to come again', async () => {
    const open = await Promise.all([1, 2, 3].map(() => api.ask(at('exports/csv'), mine)))
    const fourth = await api.ask(at('exports/csv'), mine)
    expect(await codeOf(fourth)).toEqual([429, 'EXPORTS_BUSY'])
    expect(fourth.headers.get('retry-after')).toBe('5')
    for (const answer of open) await answer.body!.cancel()
    expect((await api.ask(at('exports/csv'), mine, { method: 'HEAD' })).status).toBe(200)
  })
})

describe('/v1/events/{event}/freezes', () => {
  it('keeps a list, and shows what is still proven of it', async () => {
    const made = await api.ask(at('freezes'), mine, { method: 'POST' })
    expect(made.status).toBe(201)
    const freeze = (await made.json()) as { freezeId: number; sha256: string; signature: string }
    expect(freeze).toMatchObject({ frozenBy: 'of a test', rows: ROWS - 1, erased: 0, position: 2 })
    const second = (await (await api.ask(at('freezes'), admin, { method: 'POST' })).json()) as {
      freezeId: number
    }

    const page = async (query: string) =>
      (await (await api.ask(at(`freezes?${query}`), mine)).json()) as {
        items: { freezeId: number }[]
        next: string
      }
    const first = await page('limit=1')
    expect(first.items.map(({ freezeId }) => freezeId)).toEqual([second.freezeId])
    const last = await page(`limit=1&cursor=${first.next}`)
    expect(last).toMatchObject({ items: [{ freezeId: freeze.freezeId }], next: null })

    const document = await bytesOf(await api.ask(at(`freezes/${freeze.freezeId}/document`), mine))
    expect(createHash('sha256').update(document).digest('hex')).toBe(freeze.sha256)
    const file = () => api.ask(at(`freezes/${freeze.freezeId}/exports/chronotrack`), mine).then(bytesOf)
    const before = await file()
    await sql`UPDATE haku_participants SET first_name = 'Ben' WHERE participant_id = 'G-00000001'`.execute(
      api.db,
    )
    expect(await file()).toEqual(before)

    const verdict = async () => (await api.ask(at(`freezes/${freeze.freezeId}`), mine)).json()
    expect(await verdict()).toMatchObject({ genuine: true, intact: ROWS - 1 })
    await forgetRegistrations(api.db, { provider: 'haku', keys: ['G-00000002'] })
    expect(await verdict()).toMatchObject({
      genuine: true,
      intact: ROWS - 2,
      erased: 1,
      erasedBy: { forget: 1 },
    })
    await sql`UPDATE freeze_rows SET line = line || '{"bib": "0"}' WHERE freeze_id = ${freeze.freezeId} AND place = 9`.execute(
      api.db,
    )
    expect(await verdict()).toMatchObject({ genuine: false })
    const broken = await api.ask(at(`freezes/${freeze.freezeId}/exports/chronotrack`), mine)
    expect([broken.status, await broken.json()]).toEqual([
      500,
      expect.objectContaining({ code: 'FREEZE_BROKEN', title: `freeze ${freeze.freezeId} was changed` }),
    ])
  })

  it('lists one that is damaged beside the others, and removes it when it is told to', async () => {
    const make = async () =>
      ((await (await api.ask(at('freezes'), mine, { method: 'POST' })).json()) as { freezeId: number })
        .freezeId
    const [good, bad] = [await make(), await make()]
    await sql`UPDATE freezes SET state = '{"event": null}' WHERE freeze_id = ${bad}`.execute(api.db)
    const listed = async () => {
      const answer = await api.ask(at('freezes?limit=2'), mine)
      expect(answer.status).toBe(200)
      return ((await answer.json()) as { items: object[] }).items
    }
    expect(await listed()).toMatchObject([
      { freezeId: bad, damaged: true, event: null, position: null, frozenBy: 'of a test', rows: ROWS - 1 },
      { freezeId: good, damaged: false, event: 'Large Half', position: 2 },
    ])
    for (const end of ['', '/document', '/exports/csv']) {
      const broken = await api.ask(at(`freezes/${bad}${end}`), mine)
      expect([broken.status, await broken.json()]).toEqual([
        500,
        expect.objectContaining({
          code: 'FREEZE_BROKEN',
          title: `freeze ${bad} is damaged: what it is of cannot be read`,
        }),
      ])
    }
    const remove = (token: string | null) => api.ask(at(`freezes/${bad}`), token, { method: 'DELETE' })
    expect([(await remove(null)).status, (await remove(theirs)).status]).toEqual([401, 404])
    const runs = async (token: string) =>
      ((await (await api.ask('/v1/runs', token)).json()) as { items: object[] }).items
    expect(await runs(mine)).toEqual([])
    expect((await remove(mine)).status).toBe(204)
    // By whose token, when, and which: all that is left of it.
    expect(await runs(mine)).toMatchObject([
      {
        ...{ kind: 'freeze-removed', partnerId: 1, listId: EVENT, undoable: false },
        endedAt: new Date(api.clock.now()).toISOString(),
        note: expect.stringMatching(
          new RegExp(`^Freeze ${bad} of of a test, SHA-256 [0-9a-f]{64}, was removed by of a test\\.$`),
        ),
      },
    ])
    expect(await runs(theirs)).toEqual([])
    expect(await codeOf(await remove(mine))).toEqual([404, 'NO_SUCH_FREEZE'])
    expect(await listed()).toMatchObject([{ freezeId: good }, {}])
  })

  it('is a partner’s own', async () => {
    const { freezeId } = (await (await api.ask(at('freezes'), admin, { method: 'POST' })).json()) as {
      freezeId: number
    }
    const paths = [
      'exports/csv',
      'freezes',
      ...['', '/document', '/exports/csv'].map((end) => `freezes/${freezeId}${end}`),
    ]
    for (const path of paths) {
      expect([path, ...(await codeOf(await api.ask(at(path), theirs)))]).toEqual([path, 404, 'NO_SUCH_EVENT'])
      expect([path, (await api.ask(at(path), null)).status]).toEqual([path, 401])
    }
    expect(await codeOf(await api.ask(at('freezes'), theirs, { method: 'POST' }))).toEqual([
      404,
      'NO_SUCH_EVENT',
    ])
    expect(await codeOf(await api.ask(at('freezes/99'), mine))).toEqual([404, 'NO_SUCH_FREEZE'])
  })
})
