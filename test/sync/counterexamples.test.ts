import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import {
  assignBibs,
  breakStamp,
  cancel,
  editPerson,
  register,
  remove,
  setBib,
  stampAt,
} from '../../src/simulator/index.ts'
import { feedFaults, race, rowOf, stateOf, stopRace } from './crash/race.ts'

afterEach(stopRace)

/** Lists with whole records: what is shown here is about pages, not about details. */
const WHOLE = { registrationsList: 'whole' } as const

describe('a start list under a list that moves while it is read', () => {
  it('has all 1,000 runners after 400 of them get bibs in the middle of the first load (W1, W5; defects 1, 2, 10)', async () => {
    const r = await race({ participants: 1000, traits: { ...WHOLE, pageCap: 100 } })
    const late = r.numbers().slice(300, 700)
    r.haku.atPage(r.event.id, 5, (world) => {
      for (const n of late) setBib(world, r.event.id, n, world.nextBib(r.event))
    })
    await r.sync()
    await r.poll()
    expect(await r.differences()).toEqual([])
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })

  it('removes nobody when 400 of 1,000 known runners jump to page 1 in the middle of a sweep (W1, A2)', async () => {
    const r = await race({ participants: 1000, traits: { ...WHOLE, pageCap: 100 } })
    await r.settled()
    const { rows } = await sql<{ key: string }>`
      SELECT participant_id AS key FROM haku_participants ORDER BY source_updated_at LIMIT 400`.execute(r.db)
    r.haku.atPage(r.event.id, 5, (world) => {
      for (const { key } of rows) setBib(world, r.event.id, key, world.nextBib(r.event))
    })
    const outcome = await r.sweep()
    expect(outcome).toMatchObject({ stopped: null, events: [{ error: null, held: false }] })
    expect(outcome.events[0]?.lines[0]).toMatchObject({ removed: 0, complete: true })
    expect(await r.differences()).toEqual([])
  })

  it('is whole when the page size falls from 100 to 25 after page 1 (W3; defect 1)', async () => {
    const r = await race({ participants: 330, traits: { ...WHOLE, pageCap: 100 } })
    r.haku.atPage(r.event.id, 2, () => {
      r.haku.traits.pageCap = 25
    })
    const outcome = await r.sync()
    expect(outcome.events[0]).toMatchObject({ error: null, lines: [{ complete: true }] })
    expect(await r.differences()).toEqual([])
  })

  it('is whole when the page size falls in the middle of a poll of 250 changes (W3)', async () => {
    const r = await race({ participants: 330, traits: { ...WHOLE, pageCap: 100 } })
    await r.settled()
    assignBibs(r.world, r.event.id, 250)
    r.clock.advance(20_000)
    r.haku.atPage(r.event.id, 2, () => {
      r.haku.traits.pageCap = 25
    })
    await r.sync()
    expect(await r.differences()).toEqual([])
  })

  it('is whole when the server begins to refuse the page size with 422 (W3)', async () => {
    const r = await race({ participants: 230, traits: { ...WHOLE, pageCap: 100 } })
    r.haku.atPage(r.event.id, 2, () => {
      r.haku.traits.pageCap = 25
      r.haku.traits.pageCapMode = 'reject'
    })
    const outcome = await r.sync()
    expect(outcome.events[0]).toMatchObject({ error: null, lines: [{ complete: true }] })
    expect(await r.differences()).toEqual([])
  })

  it('misses nobody when removals make the total fall during the first load (W2)', async () => {
    const r = await race({ participants: 130, traits: { ...WHOLE, totals: 'meta' } })
    const gone = r.numbers().slice(0, 4)
    for (const [i, n] of gone.entries())
      r.haku.atPage(r.event.id, 3 + (i >> 1), (w) => remove(w, r.event.id, n))
    const outcome = await r.sync()
    expect(outcome.events[0]).toMatchObject({ error: null, lines: [{ complete: true }] })
    const missing = (await r.differences()).filter((d) => d.what === 'row' && d.stored === 'absent')
    expect(missing).toEqual([])
    await r.sweep()
    expect(await r.differences()).toEqual([])
  })

  it('is read once more, and no oftener, when the totals lie (W2)', async () => {
    const r = await race({ participants: 60, traits: { ...WHOLE, totals: 'root', totalError: 7 } })
    const calls = await r.callsOf(() => r.sync())
    expect(calls.list).toBeLessThanOrEqual(2 * 4 + 1)
    expect(await r.differences()).toEqual([])
    // What is learnt: the next sweep does not fall for it.
    expect((await r.callsOf(() => r.sweep())).list).toBeLessThanOrEqual(4)
  })

  it('has each event once, also where a clamping server shows them again (W2)', async () => {
    const also = Array.from({ length: 4 }, (_, i) => ({
      startsAt: `2026-05-0${i + 3}T07:00:00`,
      participants: 1,
    }))
    const r = await race({ participants: 1, also, traits: { pastEnd: 'clamp' } })
    expect(await r.installation.discover(r.clientId)).toMatchObject([{ events: 5, new: 0 }])
    r.clock.advance(25 * 3_600_000)
    expect(await r.installation.discover(r.clientId)).toMatchObject([{ events: 5, missing: 0 }])
  })

  it('ends where a clamping server repeats its last page (W2; defect 1)', async () => {
    const r = await race({ participants: 50, traits: { ...WHOLE, pastEnd: 'clamp' } })
    const calls = await r.callsOf(() => r.sync())
    expect(calls.list).toBeLessThanOrEqual(6)
    expect(await r.differences()).toEqual([])
  })

  it('is whole though rows of one instant change their order from call to call (W1, W2)', async () => {
    const r = await race({ participants: 40, traits: WHOLE })
    assignBibs(r.world, r.event.id)
    r.haku.traits.ties = 'shuffled'
    for (let i = 0; i < 4; i++) await r.sweep()
    expect(await r.differences()).toEqual([])
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })
})

describe('a poll that is cut off between two pages', () => {
  it('proves nothing by what it stored: the next one reads on (W4, W7; defects 2, 10)', async () => {
    const r = await race({ participants: 100, traits: WHOLE })
    await r.settled()
    const before = await stateOf(r.db, r.event.id)
    assignBibs(r.world, r.event.id, 40)
    r.clock.advance(20_000)
    const rule = r.haku.faults.add({ match: { page: 2 }, fault: { kind: 'status', status: 502 } })
    const outcome = await r.sync()
    expect(outcome.events[0]?.error?.code).toBe('PROVIDER_DOWN')
    const after = await stateOf(r.db, r.event.id)
    expect(after.watermark).toBe(before.watermark)
    expect(after.finished_pass).toBe(before.finished_pass)
    // What was read is there already, and what was not read is not lost.
    expect((await r.differences()).length).toBeGreaterThan(0)
    rule.remove()
    await r.poll()
    expect(await r.differences()).toEqual([])
  })

  it('without stamps and after a sweep that stands still proves nothing either (W4, W6)', async () => {
    const r = await race({ participants: 130, traits: { ...WHOLE, listStamp: false } })
    await r.settled()
    // A sweep stops after its first page, and polls go on meanwhile.
    const cut = r.haku.faults.add({ match: { page: 2 }, fault: { kind: 'status', status: 502 } })
    await r.sweep()
    cut.remove()
    await r.poll()
    // Sixty change, head rows among them; the sweep goes on at page 2 and is cut off once more.
    const head = await sql<{ key: string }>`
      SELECT h->>0 AS key FROM sync_state, jsonb_array_elements(head) AS h`.execute(r.db)
    const keys = new Set(head.rows.map((row) => row.key))
    for (const n of [
      ...r
        .numbers()
        .filter((n) => !keys.has(n))
        .slice(0, 50),
      ...[...keys].slice(0, 10),
    ]) {
      editPerson(r.world, r.event.id, n, { gender: 'X' })
    }
    const again = r.haku.faults.add({ match: { page: 3 }, fault: { kind: 'status', status: 502 } })
    await r.sweep()
    again.remove()
    expect(await unorderedSince(r)).toBeNull()
    await r.poll()
    expect(await r.differences()).toEqual([])
  })

  it('costs later polls nothing once a sweep that was overtaken by polls has finished (W4)', async () => {
    const r = await race({ participants: 100, traits: WHOLE })
    await r.settled()
    const cut = r.haku.faults.add({ match: { page: 3 }, fault: { kind: 'status', status: 502 } })
    await r.sweep()
    cut.remove()
    assignBibs(r.world, r.event.id, 30)
    await r.poll()
    const { finished_pass } = await stateOf(r.db, r.event.id)
    await r.sweep()
    expect((await stateOf(r.db, r.event.id)).finished_pass).toBeGreaterThanOrEqual(finished_pass)
    expect(await r.callsOf(() => r.poll())).toMatchObject({ list: 1, all: 1 })
    expect(await r.differences()).toEqual([])
  })
})

describe('an interrupted sweep', () => {
  it('goes on where it was and asks at most one page again (W3; defects 54, 57)', async () => {
    const r = await race({ participants: 200, traits: WHOLE })
    const cut = r.haku.faults.add({ match: { page: 6 }, fault: { kind: 'status', status: 502 } })
    const first = await r.sync()
    expect(first.events[0]).toMatchObject({ lines: [{ complete: false }] })
    expect((await stateOf(r.db, r.event.id)).complete_at).toBeNull()
    cut.remove()
    const calls = await r.callsOf(() => r.poll())
    expect(calls.list).toBeLessThanOrEqual(8 - 5 + 1 + 1)
    expect(await r.differences()).toEqual([])
  })

  it('after a pause of over an hour reads the page before its checkpoint again (W3)', async () => {
    const r = await race({ participants: 100, traits: WHOLE })
    const cut = r.haku.faults.add({ match: { page: 3 }, fault: { kind: 'status', status: 502 } })
    await r.sync()
    cut.remove()
    // Meanwhile somebody of page 1 goes: the first of page 3 has moved to page 2.
    remove(r.world, r.event.id, r.numbers()[0] ?? '')
    r.clock.advance(2 * 3_600_000)
    const { last } = r.haku.calls
    await r.sync()
    expect(r.haku.calls.list({ afterCall: last }).find((call) => call.page !== null)?.page).toBe(2)
    const missing = (await r.differences()).filter((d) => d.stored === 'absent')
    expect(missing).toEqual([])
  })
})

describe('stamps that lie', () => {
  it('of the year 2099 hide no later change (W7)', async () => {
    const r = await race({ participants: 80, traits: WHOLE })
    await r.settled()
    stampAt(r.world, r.event.id, r.nth(3), Date.parse('2099-01-01T00:00:00Z'))
    await r.poll()
    const { watermark } = await stateOf(r.db, r.event.id)
    expect(Date.parse(watermark ?? '')).toBeLessThanOrEqual(r.clock.now())
    setBib(r.world, r.event.id, r.nth(40), '901')
    r.clock.advance(20_000)
    await r.sync()
    expect(await r.differences()).toEqual([])
  })

  it('of the year 2099 on a whole page hide no later change (W7)', async () => {
    const r = await race({ participants: 80, traits: WHOLE })
    for (const n of r.numbers().slice(0, 30))
      stampAt(r.world, r.event.id, n, Date.parse('2099-01-01T00:00:00Z'))
    await r.settled()
    for (let i = 0; i < 3; i++) {
      setBib(r.world, r.event.id, r.nth(40 + i), `90${i}`)
      await r.poll()
      expect(await r.differences()).toEqual([])
    }
  })

  it('are kept exact within the second of the Date header, which has no fractions (W7)', async () => {
    const r = await race({ participants: 40, traits: { ...WHOLE, stampPrecision: 'millis' } })
    await r.settled()
    const second = Math.ceil(r.clock.now() / 1000) * 1000
    r.clock.advance(second + 700 - r.clock.now())
    stampAt(r.world, r.event.id, r.nth(3), second + 301)
    await r.sync()
    const { rows } = await sql<{ stamp: string }>`
      SELECT (extract(epoch FROM source_updated_at) * 1000)::bigint::text AS stamp FROM haku_participants
      WHERE participant_id = ${r.nth(3)}`.execute(r.db)
    expect(rows).toEqual([{ stamp: String(second + 301) }])
  })

  it('of the year 2099 do not win for ever over the mended one (W7, W10)', async () => {
    const r = await race({ participants: 40, traits: WHOLE })
    await r.settled()
    stampAt(r.world, r.event.id, r.nth(3), Date.parse('2099-01-01T00:00:00Z'))
    await r.poll()
    r.clock.advance(60_000)
    setBib(r.world, r.event.id, r.nth(3), '77')
    r.clock.advance(20_000)
    await r.sync()
    expect(await rowOf(r.db, r.event.id, r.nth(3))).toMatchObject({ provider_bib: '77' })
  })

  it('that are null or unreadable neither stop a poll nor set its mark (W7)', async () => {
    const r = await race({ participants: 80, traits: WHOLE })
    await r.settled()
    for (const [i, n] of r.numbers().slice(0, 20).entries())
      breakStamp(r.world, r.event.id, n, i % 2 ? null : 'soon')
    setBib(r.world, r.event.id, r.nth(50), '55')
    r.clock.advance(20_000)
    await r.sync()
    expect(await rowOf(r.db, r.event.id, r.nth(50))).toMatchObject({ provider_bib: '55' })
    await r.poll()
    expect(await r.callsOf(() => r.poll())).toMatchObject({ list: 1 })
  })

  it('of the second of the last poll are seen by the next one (W5; defect 10)', async () => {
    const r = await race({ participants: 60, traits: WHOLE })
    await r.settled()
    setBib(r.world, r.event.id, r.nth(1), '801')
    await r.sync()
    // In the same second as the poll's own Date, after its page was answered.
    setBib(r.world, r.event.id, r.nth(2), '802')
    await r.poll()
    expect(await r.differences()).toEqual([])
  })
})

describe('a list without stamps', () => {
  const BARE = { ...WHOLE, listStamp: false }

  it('costs one call when nothing is new (W6)', async () => {
    const r = await race({ participants: 60, traits: BARE })
    await r.settled()
    expect(await r.callsOf(() => r.poll())).toMatchObject({ list: 1, all: 1 })
  })

  it.each([1, 10, 24, 25, 26, 40])('shows %i changes to the next poll (W6; defects 4, 5)', async (k) => {
    const r = await race({ participants: 100, traits: BARE })
    await r.settled()
    for (const n of r.numbers().slice(20, 20 + k)) cancel(r.world, r.event.id, n)
    const calls = await r.callsOf(() => r.poll())
    expect(await r.differences()).toEqual([])
    expect(calls.list).toBeLessThanOrEqual(Math.floor(k / 25) + 2)
  })

  it('shows a change of the whole first page, oldest rows included (W6)', async () => {
    const r = await race({ participants: 100, traits: BARE })
    await r.settled()
    assignBibs(r.world, r.event.id, 60)
    register(r.world, r.event.id)
    await r.poll()
    expect(await r.differences()).toEqual([])
  })

  it('misses no visible change below touches that the list does not show (W6)', async () => {
    const r = await race({ participants: 130, traits: { listStamp: false } })
    await r.settled()
    const { rows } = await sql<{ key: string }>`
      SELECT h->>0 AS key FROM sync_state, jsonb_array_elements(head) WITH ORDINALITY AS e (h, n)
      WHERE n = 1`.execute(r.db)
    const newest = rows[0]?.key ?? ''
    const others = r.numbers().filter((n) => n !== newest)
    cancel(r.world, r.event.id, others[60] ?? '')
    r.clock.advance(1_000)
    // Forty bibs at the desk: the rows jump to the top, and look as before.
    for (const n of [...others.slice(0, 39)]) setBib(r.world, r.event.id, n, `5${n.slice(-3)}`)
    r.clock.advance(1_000)
    setBib(r.world, r.event.id, newest, '9999')
    await r.poll()
    expect(await rowOf(r.db, r.event.id, others[60] ?? '')).toMatchObject({
      registration_status: 'cancelled',
    })
  })
})

describe('an unsorted list', () => {
  it('with stamps turns polls into sweeps, and says so (W9)', async () => {
    const r = await race({ participants: 60, traits: { ...WHOLE, sort: 'ignored' } })
    await r.sync()
    setBib(r.world, r.event.id, r.nth(55), '700')
    const outcome = await r.poll()
    expect(outcome.events[0]?.lines[0]).toMatchObject({ kind: 'sweep' })
    expect(await r.differences()).toEqual([])
    expect(await unorderedSince(r)).not.toBeNull()
  })

  it('without stamps is found out by the first sweep that meets a change behind a quiet page (W9)', async () => {
    const r = await race({ participants: 60, traits: { ...WHOLE, sort: 'ignored', listStamp: false } })
    await r.settled()
    setBib(r.world, r.event.id, r.nth(55), '700')
    await r.sweep()
    expect(await r.differences()).toEqual([])
    expect(await unorderedSince(r)).not.toBeNull()
    setBib(r.world, r.event.id, r.nth(56), '701')
    await r.poll()
    expect(await r.differences()).toEqual([])
  })

  it.each([true, false])(
    'is not what an age is that grew on a birthday: polls stay polls (W9; stamps %s)',
    async (listStamp) => {
      const r = await race({ participants: 60, traits: { listStamp } })
      await r.settled()
      const older = r.numbers().slice(30, 36)
      for (const n of older) {
        // The provider's own arithmetic: the list shows another age, and nobody touched the registration.
        const { person } = r.world.registration(r.event.id, n)
        person.dob = '1980-01-01'
        r.event.version++
      }
      await r.sweep()
      expect(await unorderedSince(r)).toBeNull()
      expect(await r.callsOf(() => r.poll())).toMatchObject({ list: 1, all: 1 })
    },
  )

  it.each([true, false])(
    'is not what a list is that sixty bibs were given in while it was swept: polls stay polls (W9; stamps %s)',
    async (listStamp) => {
      const r = await race({ participants: 130, traits: { ...WHOLE, listStamp } })
      await r.settled()
      const late = await sql<{ key: string }>`
        SELECT participant_id AS key FROM haku_participants ORDER BY registered_at LIMIT 60`.execute(r.db)
      r.haku.atPage(r.event.id, 2, (world) => {
        for (const { key } of late.rows) setBib(world, r.event.id, key, world.nextBib(r.event))
      })
      await r.sweep()
      expect(await unorderedSince(r)).toBeNull()
      await r.poll()
      expect(await r.differences()).toEqual([])
      expect(await r.callsOf(() => r.poll())).toMatchObject({ list: 1, all: 1 })
    },
  )

  it('is not what one page is that shows rows twice (W9)', async () => {
    const r = await race({ participants: 60, traits: WHOLE })
    await r.settled()
    r.haku.faults.add({ match: { page: 1 }, times: 1, fault: { kind: 'duplicate', rows: 3 } })
    await r.poll()
    expect(await unorderedSince(r)).toBeNull()
    expect(await r.differences()).toEqual([])
  })
})

describe('a stale replica', () => {
  it('does not bring back what was true before (W10)', async () => {
    const r = await race({ participants: 60, traits: WHOLE })
    await r.settled()
    const page = await recorded(r)
    setBib(r.world, r.event.id, r.nth(4), '404')
    r.clock.advance(20_000)
    await r.sync()
    const feed = await feedLength(r)
    const { watermark } = await stateOf(r.db, r.event.id)
    replay(r, page)
    await r.poll()
    delete r.installation.services.fetch
    expect(await rowOf(r.db, r.event.id, r.nth(4))).toMatchObject({ provider_bib: '404' })
    expect(await feedLength(r)).toBe(feed)
    expect((await stateOf(r.db, r.event.id)).watermark).toBe(watermark)
  })

  it('does not put an old detail over a newer one, nor settle the debt with it (W10, F2; defect 3)', async () => {
    const r = await race({ participants: 30 })
    const key = r.nth(4)
    setBib(r.world, r.event.id, key, '100')
    await r.settled()
    setBib(r.world, r.event.id, key, '101')
    r.clock.advance(20_000)
    await r.sync()
    const old = await detailOf(r, key)
    r.clock.advance(60_000)
    setBib(r.world, r.event.id, key, '102')
    r.clock.advance(20_000)
    await r.sync()
    r.clock.advance(60_000)
    editPerson(r.world, r.event.id, key, { phone: '555-000-2222' })
    r.clock.advance(20_000)
    // The list is of now, the detail of before.
    const real = fetch
    let stale = 0
    r.installation.services.fetch = async (url, init) => {
      const answer = await real(url, init)
      if (!String(url).endsWith(`/registrations/${key}`)) return answer
      stale++
      return new Response(old, { status: 200, headers: answer.headers })
    }
    await r.sync()
    expect(stale).toBe(1)
    expect(await rowOf(r.db, r.event.id, key)).toMatchObject({ provider_bib: '102', owed: true })
    delete r.installation.services.fetch
    await r.poll()
    await r.poll()
    expect(await r.differences()).toEqual([])
  })
})

type R = Awaited<ReturnType<typeof race>>

async function unorderedSince(r: R): Promise<string | null> {
  const { rows } = await sql<{ since: string | null }>`
    SELECT traits#>>'{list,unorderedSince}' AS since FROM accounts`.execute(r.db)
  return rows[0]?.since ?? null
}

async function feedLength(r: R): Promise<number> {
  const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM participant_changes`.execute(r.db)
  return rows[0]?.n ?? 0
}

/** Page 1 as it is now. */
async function recorded(r: R): Promise<string> {
  const real = fetch
  let body = ''
  r.installation.services.fetch = async (url, init) => {
    const answer = await real(url, init)
    body = await answer.clone().text()
    return answer
  }
  await r.poll()
  delete r.installation.services.fetch
  return body
}

/** From now on every first page is this one, under the `Date` of now. */
function replay(r: R, body: string): void {
  const real = fetch
  r.installation.services.fetch = async (url, init) => {
    const answer = await real(url, init)
    const first = String(url).includes('page=1&')
    return first ? new Response(body, { status: 200, headers: answer.headers }) : answer
  }
}

async function detailOf(r: R, key: string): Promise<string> {
  const { rows } = await sql<{ detail: string }>`
    SELECT (raw_data->'detail')::text AS detail FROM haku_participants WHERE participant_id = ${key}`.execute(
    r.db,
  )
  return rows[0]?.detail ?? ''
}
