import { describe, expect, it } from 'vitest'
import { type Page, type PageOf, readUpTo } from '../../web/src/view/pages.ts'

interface Line {
  id: number
  text: string
}
const idOf = ({ id }: Line) => id
const ids = ({ items }: Page<Line>) => items.map(idOf)
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

/** A list as the API gives it: by a cursor that names a place, and at most 1,000 lines in an answer. */
function listOf(count: number) {
  let lines = range(1, count).map((id) => ({ id, text: 'as it was', place: id }))
  const asked: PageOf[] = []
  return {
    asked,
    async read({ limit, cursor }: PageOf): Promise<Page<Line>> {
      if (limit < 1 || limit > 1_000) throw new Error('BAD_INPUT: limit')
      asked.push({ limit, ...(cursor === undefined ? {} : { cursor }) })
      const rest = lines.filter(({ place }) => place > Number(cursor ?? 0)).sort((a, b) => a.place - b.place)
      const shown = rest.slice(0, limit)
      const next = rest.length > limit ? String(shown.at(-1)!.place) : null
      return { items: shown.map(({ id, text }) => ({ id, text })), next }
    },
    move(id: number, place: number) {
      lines = lines.map((line) => (line.id === id ? { id, place, text: 'moved' } : line))
    },
    remove(id: number) {
      lines = lines.filter((line) => line.id !== id)
    },
  }
}

describe('a list that is shown page by page', () => {
  it('goes on behind what is shown, beyond what one answer may have', async () => {
    const list = listOf(2_480)
    let shown = await readUpTo(100, list.read, idOf)
    for (let presses = 0; shown.next !== null; presses++) {
      expect(presses).toBeLessThan(25)
      shown = await readUpTo(shown.items.length + 100, list.read, idOf, shown)
    }
    expect(ids(shown)).toEqual(range(1, 2_480))
    // A page a press, and nothing that is shown is asked for again.
    expect(list.asked).toHaveLength(25)
    expect(list.asked.every(({ limit }) => limit === 100)).toBe(true)
  })

  it('is read anew as far as it is shown, in few answers', async () => {
    const list = listOf(5_000)
    list.remove(7)
    const shown = await readUpTo(2_300, list.read, idOf)
    expect(ids(shown)).toEqual(range(1, 2_301).filter((id) => id !== 7))
    expect(shown.next).toBe('2301')
    expect(list.asked.map(({ limit }) => limit)).toEqual([1_000, 1_000, 300])
  })

  it('has nobody twice: who moved down is where they are now', async () => {
    const list = listOf(300)
    const first = await readUpTo(100, list.read, idOf)
    list.move(20, 150.5)
    const second = await readUpTo(200, list.read, idOf, first)
    expect(new Set(ids(second)).size).toBe(second.items.length)
    expect(second.items).toHaveLength(200)
    expect(second.items.find(({ id }) => id === 20)?.text).toBe('moved')
    expect(ids(second).indexOf(20)).toBe(ids(second).indexOf(150) + 1)
  })

  it('ends where the list does, also where it is empty', async () => {
    expect(await readUpTo(100, listOf(0).read, idOf)).toEqual({ items: [], next: null })
    const list = listOf(5)
    const shown = await readUpTo(100, list.read, idOf)
    expect(await readUpTo(200, list.read, idOf, shown)).toBe(shown)
    expect(list.asked).toHaveLength(1)
  })
})
