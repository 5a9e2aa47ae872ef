import type { Json, JsonObject } from '../../domain/json.ts'
import type { Exchange } from '../exchange.ts'
import { type Answer, type Contact, counted } from '../question.ts'
import { isObject } from '../records.ts'
import { readEventArray } from './event-array.ts'
import { toRaces } from './races.ts'

type Found = Pick<Answer, 'answer' | 'evidence'>
const unknown = (evidence: string): Found => ({ answer: null, evidence })

/** Exchanges with RunSignUp, by what was asked. */
interface Asked {
  races: { exchange: Exchange; ids: string[]; records: JsonObject[] }[]
  people: { exchange: Exchange; rows: JsonObject[]; elements: Json }[]
  removed: Exchange[]
}

/** Answers what this contact with an account can answer (RunSignUp API notes 2). Pure; no answer holds a value of a person. */
export function runsignupAnswers({ exchanges }: Contact): Answer[] {
  const asked = sortExchanges(exchanges)
  return QUESTIONS.map(([question, asks, find]) => ({ question, asks, ...find(asked) }))
}

function sortExchanges(exchanges: readonly Exchange[]): Asked {
  const asked: Asked = { races: [], people: [], removed: [] }
  for (const exchange of exchanges) {
    if (exchange.status >= 300 || hasError(exchange.json)) continue
    if (/\/races$/.test(exchange.path)) {
      const { races } = toRaces(exchange.json)
      asked.races.push({
        exchange,
        ids: races.map((one) => one.raceId),
        records: races.map((one) => one.raw),
      })
    } else if (/\/removed-participants$/.test(exchange.path)) asked.removed.push(exchange)
    else if (/\/participants$/.test(exchange.path)) {
      const rows = readEventArray(exchange.json).flatMap(({ records }) => records.filter(isObject))
      asked.people.push({ exchange, rows, elements: exchange.json })
    }
  }
  return asked
}

const hasError = (json: Json): boolean => isObject(json) && json.error !== undefined

const signed = (exchange: Exchange): boolean => exchange.authorization !== 'none'

const QUESTIONS: readonly [name: string, asks: string, find: (asked: Asked) => Found][] = [
  [
    'key-form',
    'Does the key stand in a header (version 2), or in the query (version 1)?',
    ({ races, people }) => {
      const used = [...people, ...races].map(({ exchange }) => exchange).filter(signed)
      // The last form is the one that was kept: an empty list in the other proves nothing.
      const last = used.at(-1)?.authorization
      if (last === undefined || people.length + races.length === 0)
        return unknown('no call with the key was answered')
      return {
        answer: last === 'key-header' ? 'in a header (version 2)' : 'in the query (version 1)',
        evidence: `${counted(used.length, 'call')} answered`,
      }
    },
  ],
  [
    'key-limits-races',
    'Does the key limit the list of races to the account’s own?',
    ({ races }) => {
      // The last: in a form that is not the key's, everybody's races come.
      const mine = races.findLast(({ exchange, ids }) => signed(exchange) && ids.length > 0)
      const everybodys = races.find(({ exchange }) => !signed(exchange))
      if (mine === undefined) return unknown('the key lists no race')
      if (everybodys === undefined) return unknown('the list without a key was refused or not asked for')
      const common = mine.ids.filter((id) => everybodys.ids.includes(id)).length
      const evidence = `with the key ${counted(mine.ids.length, 'race')}, without ${everybodys.ids.length}, ${common} in both`
      if (common === mine.ids.length && everybodys.ids.length <= mine.ids.length) return unknown(evidence)
      return { answer: 'yes', evidence }
    },
  ],
  [
    'races-page',
    'How many races does a page have at most?',
    ({ races }) => pageSize(races.filter(({ exchange }) => signed(exchange)).map(sized)),
  ],
  [
    'page-cap',
    'How many registrations does a page have at most?',
    ({ people }) => pageSize(people.map(sized)),
  ],
  [
    'totals',
    'Does a list say how many rows it has?',
    ({ people }) => {
      if (people.length === 0) return unknown('no list of registrations was answered')
      const told = people.filter(({ elements }) => /"(total|total_count|num_results)"/.test(keysOf(elements)))
      return { answer: told.length > 0 ? 'yes' : 'no', evidence: `of ${counted(people.length, 'page')}` }
    },
  ],
  [
    'shape',
    'Is the list of one event an array of events, or one object?',
    ({ people }) => {
      const one = people.filter(({ exchange }) => !String(exchange.query.event_id).includes(','))
      if (one.length === 0) return unknown('every list that was read is of several events')
      const arrays = one.filter(({ elements }) => Array.isArray(elements)).length
      return {
        answer: arrays === one.length ? 'an array' : 'one object',
        evidence: `of ${counted(one.length, 'page')} about one event`,
      }
    },
  ],
  [
    'order',
    'Do registrations come by number, as asked?',
    ({ people }) => {
      const pages = people.map(({ rows }) => rows.map((row) => Number(row.registration_id)))
      const long = pages.filter((ids) => ids.length > 1)
      if (long.length === 0) return unknown('no page had two registrations')
      // Those of each event may come by themselves.
      const falls = long.map((ids) => ids.filter((id, i) => i > 0 && id < ids[i - 1]!).length)
      const sorted = long.filter((_, i) => falls[i] === 0).length
      return {
        answer: sorted === long.length ? 'yes' : 'not over all events',
        evidence: `${sorted} of ${long.length} pages`,
      }
    },
  ],
  [
    'last-modified',
    'Does every registration tell when it changed last?',
    ({ people }) => ofAll(people, 'last_modified'),
  ],
  ['bib-type', 'Is a bib a number or a text?', ({ people }) => typesOf(people, 'bib_num')],
  [
    'zone',
    'Does a race name its time zone?',
    ({ races }) => {
      const own = races.filter(({ exchange }) => signed(exchange)).flatMap(({ records }) => records)
      if (own.length === 0) return unknown('no race was listed')
      const named = own.filter(({ timezone }) => typeof timezone === 'string' && timezone !== '').length
      return {
        answer: named === own.length ? 'yes' : named === 0 ? 'no' : 'not every one',
        evidence: `${named} of ${counted(own.length, 'race')}`,
      }
    },
  ],
  [
    'removed-feed',
    'Is there a list of who is gone?',
    ({ removed }) =>
      removed.length > 0
        ? { answer: 'yes', evidence: `${counted(removed.length, 'page')} answered` }
        : unknown('it was not asked for: no list was read whole'),
  ],
]

/** A page of a list, as far as its size goes. */
interface SizedPage {
  /** the list, and how it was asked for */
  of: string
  page: number
  asked: number
  came: number
}

function sized({
  exchange,
  rows,
  ids,
}: {
  exchange: Exchange
  rows?: JsonObject[]
  ids?: string[]
}): SizedPage {
  const { page, results_per_page: asked, ...rest } = exchange.query
  const of = `${exchange.path} ${JSON.stringify(rest)}`
  return { of, page: Number(page), asked: Number(asked), came: (rows ?? ids ?? []).length }
}

/** Sizes that came as asked, or that are cut: fewer rows than asked for, and more behind them. */
function pageSize(pages: readonly SizedPage[]): Found {
  const cut = pages.filter(
    (one) =>
      one.came > 0 &&
      one.came < one.asked &&
      pages.some(
        (next) =>
          next.of === one.of && next.page === one.page + 1 && next.came > 0 && next.asked === one.asked,
      ),
  )
  const [first] = cut
  if (first !== undefined)
    return {
      answer: String(first.came),
      evidence: `results_per_page=${first.asked} was asked, ${first.came} came, and more follow`,
    }
  const full = pages.filter(({ asked, came }) => came >= asked && came > 0)
  const largest = Math.max(0, ...pages.map(({ asked }) => asked))
  const most = Math.max(0, ...pages.map(({ came }) => came))
  if (full.length === 0) return unknown(`no list filled a page: ${most} at most, of ${largest} asked for`)
  const size = Math.max(...full.map(({ came }) => came))
  return { answer: `at least ${size}`, evidence: `results_per_page=${size} was honoured` }
}

/** Names of what stands around the rows. */
function keysOf(json: Json): string {
  const elements = Array.isArray(json) ? json : [json]
  return elements
    .filter(isObject)
    .flatMap((one) => Object.keys(one))
    .map((key) => `"${key}"`)
    .join(' ')
}

function ofAll(people: Asked['people'], name: string): Found {
  const rows = people.flatMap((page) => page.rows)
  if (rows.length === 0) return unknown('nobody was listed')
  const told = rows.filter((row) => row[name] !== undefined && row[name] !== null).length
  return {
    answer: told === rows.length ? 'yes' : told === 0 ? 'no' : 'not every one',
    evidence: `${told} of ${counted(rows.length, 'row')}`,
  }
}

function typesOf(people: Asked['people'], name: string): Found {
  const values = people.flatMap((page) => page.rows.map((row) => row[name]))
  const filled = values.filter((value) => value !== undefined && value !== null && value !== '')
  if (filled.length === 0) return unknown(`nobody of ${values.length} has one yet`)
  const types = [
    ...new Set(filled.map((value) => (typeof value === 'string' ? 'a text' : `a ${typeof value}`))),
  ]
  return { answer: types.sort().join(' or '), evidence: `of ${counted(filled.length, 'row')} with one` }
}
