import type { Shape } from './shape.ts'

/** What an account's records look like, learnt from the first and compared with the later. Pure. */

/** What is known of one path. */
export interface KnownPath {
  /** `null` is no type: a field may be empty. */
  types: string[]
  /** Every record so far had it, wherever what it stands in was there. */
  always: boolean
  /** Records in a row that lacked it. */
  missing: number
}

/** What is known of the records of one source. */
export interface KnownShape {
  /** Records it was learnt from; it counts no further than {@link LEARNING}. */
  records: number
  paths: Record<string, KnownPath>
}

/** A change of structure. */
export interface Drift {
  drift: 'appeared' | 'vanished' | 'retyped'
  path: string
  was: string[]
  now: string[]
}

/** Records whose structure is taken as it comes. */
export const LEARNING = 50
/** A path that every record had is gone when so many in a row lack it. */
export const VANISHED_AFTER = 50
/** More paths than this are no structure, but data in keys. */
const MOST_PATHS = 400

export const UNKNOWN: KnownShape = { records: 0, paths: {} }

/**
 * Takes in one record.
 * @returns what is known now (the same object where nothing is new), and what changed
 */
export function observe(known: KnownShape, shape: Shape): { known: KnownShape; news: Drift[] } {
  const isLearning = known.records < LEARNING
  const paths: Record<string, KnownPath> = { ...known.paths }
  const news: Drift[] = []
  let isNew = isLearning
  const put = (path: string, next: KnownPath) => {
    paths[path] = next
    isNew = true
  }
  for (const [path, seen] of shape) {
    const types = [...seen].filter((type) => type !== 'null')
    const before = paths[path]
    if (before === undefined) {
      if (Object.keys(paths).length >= MOST_PATHS) continue
      put(path, { types, always: known.records === 0, missing: 0 })
      if (!isLearning) news.push({ drift: 'appeared', path, was: [], now: types })
      continue
    }
    const added = types.filter((type) => !before.types.includes(type))
    // Back after an absence: it is a field that not everybody has.
    const always = before.always && before.missing === 0
    if (added.length === 0 && before.missing === 0) continue
    const now = [...before.types, ...added]
    put(path, { types: now, always, missing: 0 })
    if (!isLearning && added.length > 0 && before.types.length > 0)
      news.push({ drift: 'retyped', path, was: before.types, now: added })
  }
  for (const [path, before] of Object.entries(paths)) {
    if (!before.always || shape.has(path) || !hasPlaceFor(path, shape)) continue
    const missing = before.missing + 1
    const isGone = !isLearning && missing >= VANISHED_AFTER
    put(path, { ...before, always: !isLearning && !isGone, missing: isGone ? 0 : missing })
    if (isGone) news.push({ drift: 'vanished', path, was: before.types, now: [] })
  }
  if (!isNew) return { known, news }
  return { known: { records: Math.min(known.records + 1, LEARNING), paths }, news }
}

/** Is what the path stands in there at all? Without a category nobody misses its name. */
function hasPlaceFor(path: string, shape: Shape): boolean {
  const dot = path.lastIndexOf('.')
  if (dot < 0) return true
  const inside = path.slice(0, dot + 1)
  return [...shape.keys()].some((other) => other.startsWith(inside))
}
