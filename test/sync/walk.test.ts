import { describe, expect, it } from 'vitest'
import {
  nextPage,
  type PageFacts,
  resumeWalk,
  type Step,
  startWalk,
  step,
  type Walk,
} from '../../src/sync/walk.ts'
import fc from '../helpers/fast-check.ts'

/** A list server in a few lines: what it gives for a page, given its cap and how it behaves past the end. */
interface Server {
  rows: string[]
  cap: number
  total?: () => number
  clamps?: boolean
  /** Called before each page, to make the list drift. */
  before?: (call: number, server: Server) => void
}

/** Walks a server to the end; returns what was seen and how many calls it took. */
function walkAll(server: Server, kind: Walk['kind'] = 'sweep', ask = 100) {
  let walk = startWalk(kind, ask)
  let seen = new Set<string>()
  let last: Step = { do: 'read', page: 1, perPage: ask }
  for (let calls = 1; calls < 2_000; calls++) {
    server.before?.(calls, server)
    const { page, perPage } = nextPage(walk)
    const size = Math.min(perPage, server.cap)
    const pages = Math.max(1, Math.ceil(server.rows.length / size))
    const at = server.clamps ? Math.min(page, pages) : page
    const keys = server.rows.slice((at - 1) * size, at * size)
    const fresh = keys.filter((key) => !seen.has(key)).length
    for (const key of keys) seen.add(key)
    const facts: PageFacts = {
      keys,
      total: server.total?.() ?? null,
      date: 0,
      fresh: kind === 'sweep' ? fresh : null,
      known: seen.size,
      reachedKnown: false,
      shifted: false,
      outOfOrder: false,
    }
    const next = step(walk, facts)
    walk = next.walk
    last = next.step
    if (last.do === 'restart') seen = new Set()
    if (['finish', 'fail', 'abandon'].includes(last.do)) return { seen, calls, last, walk }
  }
  throw new Error('the walk does not end')
}

const rows = (n: number, from = 0) =>
  Array.from({ length: n }, (_, i) => `r${String(from + i).padStart(5, '0')}`)

it('reads a poll once more, and only once, in which somebody left the list (W1)', () => {
  const facts = { total: null, date: 0, fresh: null, known: null, reachedKnown: false, outOfOrder: false }
  const page = { ...facts, keys: rows(50), shifted: false }
  const end = { ...facts, keys: [], shifted: true }
  const first = step(step(startWalk('poll', 50), page).walk, end)
  expect(first.step).toEqual({ do: 'restart', page: 1, perPage: 50 })
  const second = step(step(first.walk, page).walk, end)
  expect(second.step).toMatchObject({ do: 'finish' })
})

describe('the end of a list (W2)', () => {
  it('reads a capped server to its end although 100 were asked', () => {
    const { seen, calls } = walkAll({ rows: rows(60), cap: 25 })
    expect(seen.size).toBe(60)
    expect(calls).toBe(4)
  })

  it('confirms a short page by one more', () => {
    expect(walkAll({ rows: rows(15), cap: 25 }).calls).toBe(2)
  })

  it('ends at the empty page behind a full one', () => {
    expect(walkAll({ rows: rows(50), cap: 25 }).calls).toBe(3)
  })

  it('ends at a server that repeats its last page: once behind a short page, twice behind a full one', () => {
    expect(walkAll({ rows: rows(60), cap: 25, clamps: true })).toMatchObject({ calls: 4 })
    expect(walkAll({ rows: rows(50), cap: 25, clamps: true })).toMatchObject({ calls: 4 })
  })

  it('saves the confirming call when a constant total agrees with the count', () => {
    expect(walkAll({ rows: rows(60), cap: 25, total: () => 60 }).calls).toBe(3)
  })

  it('does not believe a total that is too low at a full page', () => {
    const { seen } = walkAll({ rows: rows(100), cap: 25, total: () => 75 })
    expect(seen.size).toBe(100)
  })

  it('reads once more and says so when the count disagrees with the total', () => {
    const { last, calls } = walkAll({ rows: rows(60), cap: 25, total: () => 70 })
    expect(last).toEqual({ do: 'finish', notes: ['total_disagrees'] })
    expect(calls).toBe(8)
  })

  it('finds the row that a removal with a falling total hid', () => {
    const server: Server = {
      rows: rows(100),
      cap: 25,
      total: () => server.rows.length,
      before: (call) => {
        if (call === 3) server.rows.splice(3, 1)
      },
    }
    const { seen } = walkAll(server)
    expect([...seen].sort()).toEqual(expect.arrayContaining(server.rows))
  })

  it('is not stopped by a page of rows that drift shows twice', () => {
    const server: Server = {
      rows: rows(100),
      cap: 25,
      before: (call) => {
        if (call === 2) server.rows.unshift(...rows(25, 900))
      },
    }
    expect([...walkAll(server).seen]).toEqual(expect.arrayContaining(rows(100)))
  })
})

describe('a clamping server that deals rows of one stamp anew at every call (W2)', () => {
  /** The last `ties` rows change places from call to call. */
  const dealing = (count: number, ties: number): Server => {
    const server: Server = {
      rows: rows(count),
      cap: 25,
      clamps: true,
      before: (call) => {
        const tail = rows(count).slice(-ties)
        const cut = call % ties
        server.rows = [...rows(count).slice(0, -ties), ...tail.slice(cut), ...tail.slice(0, cut)]
      },
    }
    return server
  }

  it('is read to an end where its last page holds them all', () => {
    expect(walkAll(dealing(60, 7)).calls).toBe(4)
  })

  it('is read to an end where they fill more than its last page', () => {
    const { calls, last } = walkAll(dealing(60, 33))
    expect(last.do).toBe('finish')
    expect(calls).toBeLessThanOrEqual(20)
  })

  it('ends a poll that would go on for ever', () => {
    expect(walkAll(dealing(60, 33), 'poll').last.do).toBe('abandon')
  })
})

describe('page sizes (W3)', () => {
  it('starts over when the cap falls in mid-pass', () => {
    const server: Server = {
      rows: rows(1000),
      cap: 100,
      before: (call) => {
        if (call === 4) server.cap = 25
      },
    }
    expect(walkAll(server).seen.size).toBe(1000)
  })

  it('keeps its offsets when the cap rises in mid-pass', () => {
    const server: Server = {
      rows: rows(400),
      cap: 25,
      before: (call) => {
        if (call === 4) server.cap = 100
      },
    }
    const { seen, walk } = walkAll(server)
    expect(seen.size).toBe(400)
    expect(walk.restarts).toBe(0)
  })

  it('reads a server whose pages are uneven', () => {
    let calls = 0
    let walk = startWalk('sweep', 25)
    let seen = new Set<string>()
    // A server that filters after it has cut the page.
    const all = rows(200).map((key, i) => (i % 17 === 0 ? null : key))
    for (;;) {
      const { page, perPage } = nextPage(walk)
      const keys = all.slice((page - 1) * perPage, page * perPage).filter((key) => key !== null)
      const fresh = keys.filter((key) => !seen.has(key)).length
      for (const key of keys) seen.add(key)
      const next = step(walk, {
        keys,
        total: null,
        date: 0,
        fresh,
        known: null,
        reachedKnown: false,
        shifted: false,
        outOfOrder: false,
      })
      walk = next.walk
      if (next.step.do === 'restart') seen = new Set()
      expect(next.step.do).not.toBe('fail')
      if (next.step.do === 'finish' || ++calls > 100) break
    }
    expect(seen.size).toBe(all.filter((key) => key !== null).length)
  })

  it('reads the page before the checkpoint again after a long pause', () => {
    const walk = { ...startWalk('sweep', 25), page: 4, size: 25 }
    expect(nextPage(resumeWalk(walk)).page).toBe(4)
  })
})

it('sees every row of any quiet list, whatever cap, total and clamping', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 700 }),
      fc.constantFrom(10, 25, 37, 50, 100, 500),
      fc.boolean(),
      fc.constantFrom(0, -1, 5, null),
      (count, cap, clamps, error) => {
        const server: Server = { rows: rows(count), cap, clamps }
        if (error !== null) server.total = () => count + error
        const { seen, calls } = walkAll(server)
        expect(seen.size).toBe(count)
        expect(calls).toBeLessThanOrEqual(2 * (Math.ceil(count / Math.min(cap, 100)) + 3))
      },
    ),
    { seed: 20260502, numRuns: 300 },
  )
})
