import type { ListRow } from '../../../src/providers/provider.ts'
import { Rng } from '../../../src/simulator/index.ts'
import { isFused } from '../../../src/sync/fuse.ts'
import { lineOf, outOfOrder, raise, reachedLine, watermarkOf } from '../../../src/sync/line.ts'
import { nextPage, startWalk, step } from '../../../src/sync/walk.ts'

/**
 * A provider and a store in memory, and passes over the one into the other while the list moves at every page boundary:
 * the engine's pure decisions with nothing around them, so that thousands of histories take seconds.
 */

/** A registration as the provider has it; each edit is another version. */
interface Registration {
  version: number
  /** ms since the epoch */
  changedAt: number
}

interface Stored {
  version: number
  pass: number
  removed: boolean
}

const micros = (ms: number): bigint => BigInt(Math.floor(ms / 1_000)) * 1_000_000n
const fingerprintOf = (version: number): Buffer => Buffer.from(String(version))

/** A list, newest change first, whose stamps have whole seconds. */
class Provider {
  readonly alive = new Map<string, Registration>()
  now = Date.parse('2026-05-01T16:00:00Z')
  readonly #rng: Rng
  readonly #cap: number
  readonly #deletes: number
  #made = 0

  constructor(rng: Rng, size: number) {
    this.#rng = rng
    this.#cap = rng.pick([10, 25, 50])
    this.#deletes = rng.pick([0.2, 0.5, 0.8])
    for (let i = 0; i < size; i++) this.#insert()
  }

  /** Deletions, edits and insertions, up to three of them within a few seconds. */
  move(): void {
    for (let left = this.#rng.int(4); left > 0; left--) {
      this.now += this.#rng.int(1_500)
      const key = this.#any()
      const kind = this.#rng.next()
      if (key === null || kind < 0.2) this.#insert()
      else if (kind < 0.2 + 0.8 * this.#deletes) this.alive.delete(key)
      else this.alive.set(key, { version: (this.alive.get(key)?.version ?? 0) + 1, changedAt: this.now })
    }
  }

  page(number: number, perPage: number): ListRow[] {
    const size = Math.min(perPage, this.#cap)
    const sorted = [...this.alive].sort(
      ([a, x], [b, y]) => Number(micros(y.changedAt) - micros(x.changedAt)) || (a < b ? -1 : 1),
    )
    return sorted.slice((number - 1) * size, number * size).map(([key, { version, changedAt }]) => ({
      key,
      stamp: micros(changedAt),
      fingerprint: fingerprintOf(version),
      record: {},
    }))
  }

  #insert(): void {
    this.alive.set(`R-${String(++this.#made).padStart(5, '0')}`, { version: 1, changedAt: this.now })
  }

  #any(): string | null {
    const keys = [...this.alive.keys()]
    return keys.length === 0 ? null : this.#rng.pick(keys)
  }
}

/** What came of a history; `lost` and `falselyRemoved` are the promises. */
export interface Drifted {
  falselyRemoved: string[]
  /** after the quiet sweep: alive at the provider and not stored as it is, or gone and stored as alive */
  lost: string[]
  held: boolean
  removed: number
}

class Engine {
  readonly rows = new Map<string, Stored>()
  readonly falselyRemoved: string[] = []
  removed = 0
  held = false
  #lastPass = 0
  #finishedPass = 0
  #watermark: bigint | null = null
  #finishedBegan: number | null = null
  readonly #provider: Provider

  constructor(provider: Provider) {
    this.#provider = provider
  }

  /** One pass as `run-pass` makes it: a poll that meets an unsorted list becomes a sweep, a doubtful sweep is repeated once. */
  pass(kind: 'poll' | 'sweep', atBoundary: () => void): void {
    if (kind === 'poll' && this.#read('poll', atBoundary) !== null) return
    const first = this.#read('sweep', atBoundary)
    if (first !== null && this.#judge(first, false) === 'repeat') {
      const second = this.#read('sweep', atBoundary)
      if (second !== null) this.#judge(second, true)
    }
  }

  /** @returns what was seen; null when a poll cannot do */
  #read(kind: 'poll' | 'sweep', atBoundary: () => void): { seen: Set<string>; before: Set<string> } | null {
    const provider = this.#provider
    const pass = ++this.#lastPass
    const before = new Set([...this.rows].filter(([, row]) => !row.removed).map(([key]) => key))
    const seen = new Set<string>()
    let walk = startWalk(kind, 100)
    let head: { mark: bigint | null; began: number } | null = null
    for (;;) {
      const { page, perPage } = nextPage(walk)
      const rows = provider.page(page, perPage)
      head ??= { mark: watermarkOf(rows, provider.now).mark, began: provider.now }
      const isKnown = ({ key, fingerprint }: ListRow) => {
        const row = this.rows.get(key)
        const isSame = row !== undefined && !row.removed && fingerprintOf(row.version).equals(fingerprint)
        return isSame && row.pass <= this.#finishedPass
      }
      const line = lineOf({ watermark: this.#watermark, finishedBegan: this.#finishedBegan })
      const reachedKnown = kind === 'poll' && reachedLine(rows, line, isKnown)
      const fresh = rows.filter(({ key }) => !seen.has(key)).length
      for (const { key, fingerprint } of rows) {
        seen.add(key)
        const stored = this.rows.get(key)
        const version = Number(fingerprint.toString())
        if (stored?.version !== version || stored.removed)
          this.rows.set(key, { version, pass, removed: false })
      }
      const facts = {
        ...{ keys: rows.map(({ key }) => key), total: null, date: provider.now, known: before.size },
        ...{
          fresh: kind === 'sweep' ? fresh : null,
          reachedKnown,
          shifted: false,
          outOfOrder: outOfOrder(rows),
        },
      }
      const next = step(walk, facts)
      walk = next.walk
      if (next.step.do === 'fail') throw new Error('the walk gave up')
      if (next.step.do === 'abandon') return null
      if (next.step.do === 'restart') seen.clear()
      if (next.step.do === 'finish') break
      atBoundary()
    }
    this.#finishedPass = pass
    this.#watermark = raise(this.#watermark, head.mark)
    this.#finishedBegan = head.began
    return { seen, before }
  }

  /** Absence is not removal: few are asked for one by one, many are held (A1, A2). */
  #judge({ seen, before }: { seen: Set<string>; before: Set<string> }, repeated: boolean): 'done' | 'repeat' {
    const absent = [...before].filter((key) => !seen.has(key))
    const isAlive = (key: string) => this.#provider.alive.has(key)
    this.held = isFused({ known: before.size, absent: absent.length }, seen.size === 0) && absent.length > 0
    if (this.held) return absent.slice(0, 5).some(isAlive) && !repeated ? 'repeat' : 'done'
    for (const key of absent) {
      const row = this.rows.get(key)
      const truth = this.#provider.alive.get(key)
      if (row === undefined) continue
      if (truth !== undefined) row.version = truth.version
      else this.#remove(key, row)
    }
    return 'done'
  }

  #remove(key: string, row: Stored): void {
    if (this.#provider.alive.has(key)) this.falselyRemoved.push(key)
    row.removed = true
    this.removed++
  }
}

/** Plays one seed: up to four passes over a list that moves at every page boundary, then a sweep over one that is still. */
export function driftInMemory(seed: number): Drifted {
  const rng = new Rng(seed)
  const provider = new Provider(rng, 5 + rng.int(300))
  const engine = new Engine(provider)
  const moves = () => provider.move()
  engine.pass('sweep', moves)
  for (let passes = rng.int(4); passes > 0; passes--) {
    provider.now += 1_000 + rng.int(600_000)
    moves()
    engine.pass(rng.next() < 0.6 ? 'poll' : 'sweep', moves)
  }
  provider.now += 60_000
  engine.pass('sweep', () => {})
  const { alive } = provider
  const lost = [...alive]
    .filter(([key, { version }]) => {
      const row = engine.rows.get(key)
      return row === undefined || row.removed || row.version !== version
    })
    .map(([key]) => key)
  const kept = [...engine.rows].filter(([key, row]) => !row.removed && !alive.has(key)).map(([key]) => key)
  const { falselyRemoved, held, removed } = engine
  return { falselyRemoved, lost: held ? lost : [...lost, ...kept], held, removed }
}
