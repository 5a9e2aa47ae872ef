/** The values that each named choice may take. */
export type Choices = Record<string, readonly unknown[]>
/** One value per choice. */
export type Chosen<C extends Choices> = { [K in keyof C]: C[K][number] }

/** Every combination of the given choices. */
export function product<C extends Choices>(choices: C): Chosen<C>[] {
  let rows: Record<string, unknown>[] = [{}]
  for (const [name, values] of Object.entries(choices)) {
    rows = rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value })))
  }
  return rows as Chosen<C>[]
}

/**
 * Gives each row a value of every further choice, always one that makes most new pairs with what the row has already:
 * so that every two values of different choices meet, without all of them meeting.
 */
export function extend<A extends Choices, B extends Choices>(
  rows: readonly Chosen<A>[],
  more: B,
): (Chosen<A> & Chosen<B>)[] {
  const pairs = new Set<string>()
  const uses = new Map<string, number>()
  return rows.map((row) => {
    const made: Record<string, unknown> = { ...row }
    for (const [name, values] of Object.entries(more)) {
      const pairsOf = (value: unknown) => Object.entries(made).map((other) => pairKey([name, value], other))
      const fresh = (value: unknown) => pairsOf(value).filter((pair) => !pairs.has(pair)).length
      const usesOf = (value: unknown) => uses.get(JSON.stringify([name, value])) ?? 0
      const [best] = [...values].sort((a, b) => fresh(b) - fresh(a) || usesOf(a) - usesOf(b))
      for (const pair of pairsOf(best)) pairs.add(pair)
      uses.set(JSON.stringify([name, best]), usesOf(best) + 1)
      made[name] = best
    }
    return made as Chosen<A> & Chosen<B>
  })
}

function pairKey(a: [string, unknown], b: [string, unknown]): string {
  return JSON.stringify([a, b])
}
