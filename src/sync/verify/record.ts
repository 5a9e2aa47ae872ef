import type { Json } from '../../domain/json.ts'
import { RECORDING_FORMAT, type RecordedCall, type Recording, textForm } from '../../domain/recording.ts'
import type { Exchange } from '../../providers/exchange.ts'
import { isObject } from '../../providers/records.ts'
import { routeOf } from '../../providers/route.ts'
import type { ApiUses } from '../../providers/uses.ts'
import { type ShapeLimits, typeOf, visitShape } from '../shapes/shape.ts'

/** An answer, its envelope and all of its records. */
const OF_AN_ANSWER: ShapeLimits = { deepest: 8, mostPaths: 400, mostElements: 5_000 }
/** Of these every answer has its own, and they say nothing. */
const VOLATILE = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'date'])
/** The answer itself. */
const ANSWER = 'answer'

/** The structure of a contact with a provider; no value of an answer is in it. Pure. */
export function recordingOf(provider: string, uses: ApiUses, exchanges: readonly Exchange[]): Recording {
  const groups = Map.groupBy(
    exchanges,
    (exchange) => routeOf(uses, exchange) ?? (exchange.method === 'POST' ? 'token' : 'other'),
  )
  const calls = [...groups]
    .filter(([route]) => route !== 'other')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([route, members]) => [route, recordCall(members)] as const)
  return { format: RECORDING_FORMAT, provider, calls: Object.fromEntries(calls) }
}

function recordCall(exchanges: readonly Exchange[]): RecordedCall {
  const good = exchanges.filter(({ status }) => status < 300)
  const types = new Map<string, Set<string>>()
  const forms = new Map<string, Set<string>>()
  const put = (map: Map<string, Set<string>>, path: string, word: string) =>
    map.set(path, (map.get(path) ?? new Set()).add(word))
  for (const { json } of good)
    visitShape({ [ANSWER]: json }, OF_AN_ANSWER, (path, value) => {
      put(types, path, typeOf(value))
      if (typeof value === 'string') put(forms, path, textForm(value))
    })
  const statuses = [...Map.groupBy(exchanges, ({ authorization }) => authorization)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([form, members]) => [form, [...new Set(members.map(({ status }) => status))].sort((a, b) => a - b)])
  return {
    statuses: Object.fromEntries(statuses),
    headers: [...new Set(good.flatMap(({ headers }) => Object.keys(headers)))]
      .filter((name) => !VOLATILE.has(name))
      .sort(),
    contentType: good[0]?.headers['content-type']?.split(';')[0] ?? '',
    pages: pagesOf(exchanges),
    types: sorted(types),
    forms: sorted(forms),
  }
}

function sorted(map: ReadonlyMap<string, ReadonlySet<string>>): Record<string, string[]> {
  const entries = [...map].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([path, words]) => [path, [...words].sort()]))
}

/** Each combination once. */
function pagesOf(exchanges: readonly Exchange[]): RecordedCall['pages'] {
  const pages = exchanges.flatMap(({ query, status, json }) => {
    const asked = Number(query.per_page ?? query.results_per_page)
    if (!Number.isInteger(asked)) return []
    return [{ page: Number(query.page), asked, came: status < 300 ? rowsIn(json) : null }]
  })
  const distinct = new Map(pages.map((page) => [JSON.stringify(page), page]))
  return [...distinct.values()].sort(
    (a, b) => a.page - b.page || a.asked - b.asked || (a.came ?? -1) - (b.came ?? -1),
  )
}

/** Rows of a list, whatever it is wrapped in: those of its largest array, and of arrays of events all of them. */
function rowsIn(json: Json): number {
  if (Array.isArray(json)) {
    const inside = json.filter(isObject).map(({ event, participants }) => ({ event, participants }))
    const isPerEvent = inside.length > 0 && inside.every(({ event }) => isObject(event))
    if (!isPerEvent) return json.length
    return inside.reduce(
      (sum, { event, participants }) =>
        sum + lengthOf(participants) + lengthOf((event as { participants?: Json }).participants),
      0,
    )
  }
  return isObject(json) ? Math.max(0, ...Object.values(json).map(lengthOf)) : 0
}

const lengthOf = (value: Json | undefined): number => (Array.isArray(value) ? value.length : 0)
