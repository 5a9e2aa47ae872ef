/** Lists that come in pages. Pure, but for what they are given to read with. */

/** Some of a list, and the cursor of what comes behind it; null at the end. */
export interface Page<T> {
  items: T[]
  next: string | null
}

/** Which page: how much of it, and behind which cursor; without one the first. */
export interface PageOf {
  limit: number
  cursor?: string
}

/** What one answer has at most. */
const MOST = 1_000

/** One page behind another. Whoever moved meanwhile is told once, where they are now. */
function joined<T>(shown: Page<T>, more: Page<T>, idOf: (item: T) => unknown): Page<T> {
  const moved = new Set(more.items.map(idOf))
  return { items: [...shown.items.filter((item) => !moved.has(idOf(item))), ...more.items], next: more.next }
}

/**
 * As much of a list as is wanted, from its beginning or behind what is shown, in as few answers as can be.
 * @param wanted in all
 */
export async function readUpTo<T>(
  wanted: number,
  read: (page: PageOf) => Promise<Page<T>>,
  idOf: (item: T) => unknown,
  shown: Page<T> | null = null,
): Promise<Page<T>> {
  let all = shown
  while (all === null || (all.next !== null && all.items.length < wanted)) {
    const limit = Math.min(MOST, wanted - (all?.items.length ?? 0))
    const cursor = all?.next ?? null
    const page = await read({ limit, ...(cursor === null ? {} : { cursor }) })
    all = all === null ? page : joined(all, page, idOf)
  }
  return all
}
