import { readStamp } from '../../domain/stamp.ts'
import { counted } from '../question.ts'
import { isObject } from '../records.ts'
import type { Asked, AskedPage } from './asked.ts'
import { dateForm, type Found, isFilled, type Question, unknown } from './found.ts'
import { isThin, readTraits } from './traits.ts'

/** Questions about Haku's lists (Haku API notes 1.5, 1.7). */

const people = ({ pages }: Asked): AskedPage[] => pages.filter(({ list }) => list !== 'events')

export const listQuestions: readonly Question[] = [
  ['page-cap', 'How many rows does a page have at most?', pageCap],
  [
    'list-path',
    'Which list of registrations is there?',
    (asked, { traits }) => {
      const there = new Map<string, AskedPage[]>(
        ['participants', 'registrations'].map((name) => [
          name,
          people(asked).filter(({ list, records }) => list === name && records.length > 0),
        ]),
      )
      const gone = asked.refused.filter(({ status }) => [404, 405, 410].includes(status))
      const words = [...there].flatMap(([name, pages]) => {
        const [page] = pages
        if (page !== undefined) return [`/${name} (${isThin(page.records) ? 'thin' : 'whole'} records)`]
        return []
      })
      if (words.length === 0) return unknown('no list of registrations had anybody in it')
      const { evidence } = readTraits(traits as never)
      const missing = [...new Set(gone.map(({ list }) => list))].map((list) => `/${list} answers 404`)
      const before =
        evidence === null || missing.length > 0 || words.length === 2
          ? []
          : [`an earlier comparison of both said "${evidence.verdict}"`]
      const told = [...missing, ...before]
      return {
        answer: words.join(' and '),
        evidence: told.length === 0 ? 'the other list was not asked for' : told.join('; '),
      }
    },
  ],
  [
    'envelope',
    'Is a list a bare array, or wrapped?',
    ({ pages }) => {
      if (pages.length === 0) return unknown('no list was answered')
      const forms = pages.map(({ exchange: { json }, list }) => `${list}: ${envelopeOf(json)}`)
      return {
        answer: [...new Set(forms)].sort().join('; '),
        evidence: `of ${counted(pages.length, 'page')}`,
      }
    },
  ],
  [
    'totals',
    'Does a list say how many rows it has?',
    ({ pages }) => {
      if (pages.length === 0) return unknown('no list was answered')
      const told = pages.filter(({ total }) => total !== null)
      const evidence = `${told.length} of ${counted(pages.length, 'page')} had a total`
      return { answer: told.length === 0 ? 'no' : 'yes', evidence }
    },
  ],
  [
    'list-updated-at',
    'Do rows of the list carry updated_at?',
    (asked) => {
      const rows = people(asked).flatMap(({ records }) => records)
      if (rows.length === 0) return unknown('no list of registrations had anybody in it')
      const with_ = rows.filter((row) => isFilled(row.updated_at))
      const forms = [...new Set(with_.map((row) => dateForm(row.updated_at ?? null)))].sort()
      return {
        answer: with_.length === 0 ? 'no' : `yes: ${forms.join('; ')}`,
        evidence: `${with_.length} of ${counted(rows.length, 'row')}`,
      }
    },
  ],
  ['list-order', 'Does the list come newest update first, as asked?', listOrder],
]

function pageCap(asked: Asked): Found {
  const refused = asked.refused.filter(({ status }) => status === 422).map((one) => one.asked)
  const full = asked.pages.filter((page) => page.length > 0 && hasMore(page, asked))
  const cut = full.filter(({ length, asked: size }) => length < size)
  const most = Math.max(0, ...asked.pages.map(({ length }) => length))
  if (refused.length > 0) {
    const taken = asked.pages.filter((page) => page.asked < Math.min(...refused)).map((page) => page.asked)
    if (taken.length > 0)
      return {
        answer: `at least ${Math.max(...taken)}, less than ${Math.min(...refused)}`,
        evidence: `per_page=${Math.min(...refused)} answers 422, per_page=${Math.max(...taken)} a list`,
      }
  }
  const [sample] = cut
  if (sample !== undefined) {
    return {
      answer: String(Math.max(...cut.map(({ length }) => length))),
      evidence: `per_page=${sample.asked} was asked, ${sample.length} came, and more follow`,
    }
  }
  if (most > SUSPICIOUS) return { answer: `at least ${most}`, evidence: `so many rows came on one page` }
  const largest = Math.max(0, ...asked.pages.map((page) => page.asked))
  return unknown(`no list was longer than a page: ${most} rows at most, of ${largest} asked for`)
}

/** The smallest page size that is claimed (Haku API notes 1.5): a longer page proves that it is not the cap. */
const SUSPICIOUS = 25

/** Something follows a page: another one with rows of its own, or a total that is larger. */
function hasMore(page: AskedPage, { pages }: Asked): boolean {
  if (page.page === 1 && page.total !== null && page.total > page.length) return true
  const keys = new Set(page.records.map(keyOf))
  return pages.some(
    (next) =>
      next.list === page.list &&
      next.of === page.of &&
      next.asked <= page.asked &&
      next.page > page.page &&
      next.records.some((record) => !keys.has(keyOf(record))),
  )
}

const keyOf = (record: AskedPage['records'][number]): string =>
  String(record.registration_number ?? record.id ?? '')

function listOrder(asked: Asked): Found {
  const pages = people(asked)
    .map(({ records }) => records.map((row) => readStamp(row.updated_at)).filter((stamp) => stamp !== null))
    .filter((stamps) => new Set(stamps).size > 1)
  if (pages.length === 0) return unknown('no page had two different updated_at')
  const sorted = pages.filter((stamps) => stamps.every((stamp, i) => i === 0 || stamp <= stamps[i - 1]!))
  return {
    answer: sorted.length === pages.length ? 'yes' : 'no',
    evidence: `${sorted.length} of ${counted(pages.length, 'page')} came so`,
  }
}

function envelopeOf(json: AskedPage['exchange']['json']): string {
  if (Array.isArray(json)) return 'a bare array'
  if (!isObject(json)) return 'neither'
  const key = Object.keys(json).find((name) => Array.isArray(json[name]))
  return key === undefined ? 'an object' : `wrapped in "${key}"`
}
