import { describe, expect, it } from 'vitest'
import { messageOf, subjectOf, textOf } from '../../src/alerts/message.ts'
import { CLEAR_MS, compare, REPEAT_MS } from '../../src/alerts/news.ts'
import type { OpenAlert } from '../../src/store/alerts/book.ts'

const NOW = Date.parse('2026-05-02T11:00:00Z')
const alert = (key: string) => ({ key, message: `${key} is wrong`, hint: 'Mend it.' })
const open = (key: string, ago: Partial<Record<'since' | 'seenAt' | 'toldAt', number>> = {}): OpenAlert => ({
  ...alert(key),
  rule: 'r',
  since: NOW - (ago.since ?? 60_000),
  seenAt: NOW - (ago.seenAt ?? 60_000),
  toldAt: NOW - (ago.toldAt ?? 60_000),
})
const states = ({ news }: ReturnType<typeof compare>) => news.map(({ key, state }) => `${key} ${state}`)

describe('news of a look', () => {
  it('tell what is new once, and keep quiet about what is known', () => {
    const first = compare([], new Map([['r', [alert('a')]]]), NOW)
    expect(states(first)).toEqual(['a opened'])
    const second = compare(first.open, new Map([['r', [alert('a')]]]), NOW + 60_000)
    expect(states(second)).toEqual([])
    expect(second.open).toMatchObject([{ key: 'a', since: NOW, seenAt: NOW + 60_000, toldAt: NOW }])
  })

  it('repeat what stays open every four hours, and not sooner', () => {
    const seen = new Map([['r', [alert('a')]]])
    expect(states(compare([open('a', { toldAt: REPEAT_MS - 1 })], seen, NOW))).toEqual([])
    const repeated = compare([open('a', { since: REPEAT_MS, toldAt: REPEAT_MS })], seen, NOW)
    expect(states(repeated)).toEqual(['a still open'])
    expect(repeated.open).toMatchObject([{ toldAt: NOW, since: NOW - REPEAT_MS }])
  })

  it('say "resolved" only after it stayed away for five minutes', () => {
    const none = new Map([['r', []]])
    expect(compare([open('a', { seenAt: CLEAR_MS - 1 })], none, NOW)).toEqual({
      news: [],
      open: [],
      resolved: [],
    })
    const over = compare([open('a', { seenAt: CLEAR_MS })], none, NOW)
    expect(states(over)).toEqual(['a resolved'])
    expect(over.resolved).toEqual(['a'])
  })

  it('do not tell again what came back before it was resolved', () => {
    expect(
      states(compare([open('a', { seenAt: CLEAR_MS - 1 })], new Map([['r', [alert('a')]]]), NOW)),
    ).toEqual([])
  })
})

it('a message names at most thirty, and says how many more there are', () => {
  const { news } = compare([], new Map([['r', Array.from({ length: 45 }, (_, i) => alert(`a${i}`))]]), NOW)
  const message = messageOf(news)
  expect(message.news).toHaveLength(30)
  expect(subjectOf(message)).toBe('startlist: 30 opened, 15 more')
  expect(textOf(message).split('\n')).toHaveLength(31)
})
