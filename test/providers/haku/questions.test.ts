import { expect, it } from 'vitest'
import type { Json, JsonObject } from '../../../src/domain/json.ts'
import type { KnownFacts } from '../../../src/domain/known-facts.ts'
import type { Exchange } from '../../../src/providers/exchange.ts'
import { hakuAnswers } from '../../../src/providers/haku/questions.ts'

const API = 'https://haku.example/v1'

const NOTHING: KnownFacts = {
  ...{ registrations: 40, events: 2, shared: 0, cancelledListed: 0, removed: 0 },
  ...{ changedPerson: 0, successors: 0, audited: 0, blind: 0 },
}

function exchange(path: string, json: Json, more: Partial<Exchange> = {}): Exchange {
  const query = { page: '1', per_page: '100' }
  const plain = { method: 'GET', authorization: 'bare' as const, status: 200, headers: {}, bytes: 1, ms: 1 }
  return { ...plain, path, query, json, ...more }
}

function answerTo(question: string, exchanges: Exchange[], facts: Partial<KnownFacts> = {}) {
  const contact = { exchanges, facts: { ...NOTHING, ...facts }, traits: {}, apiUrl: API }
  const found = hakuAnswers(contact).find((one) => one.question === question)
  if (found === undefined) throw new Error(`no question ${question}`)
  return found
}

const at = (minute: number) => `2026-05-01T10:${String(minute).padStart(2, '0')}:00Z`
const whole = (number: string, parts: JsonObject = {}): JsonObject => ({
  registration_number: number,
  updated_at: at(10),
  participant: { updated_at: at(9) },
  event_categories: [{ updated_at: at(9), tag_number: number }],
  ...parts,
})
const detail = (number: string, parts?: JsonObject) =>
  exchange(`/v1/events/a/registrations/${number}`, whole(number, parts))

it('finds by a newer part that an edit does not show in updated_at', () => {
  expect(answerTo('bump', [detail('1')]).answer).toBeNull()
  expect(answerTo('bump', [detail('1', { participant: { updated_at: at(20) } })]).answer).toBe(
    'no: not an edit of the person (1)',
  )
  const category = { event_categories: [{ updated_at: at(20), tag_number: '7' }] }
  expect(answerTo('bump', [detail('1', category)]).answer).toBe('no: not a bib or category (1)')
})

it('finds by an audit that changes are not shown', () => {
  expect(answerTo('bump', [detail('1')], { audited: 20, blind: 3 })).toMatchObject({
    answer: 'no',
    evidence: '3 of 20 audited registrations had changed unseen',
  })
})

it.each([
  ['number-unique', { shared: 2 }, 'in its event only'],
  ['number-unique', {}, null],
  ['transfer', { changedPerson: 1 }, 'the same (1 seen)'],
  ['transfer', { successors: 2 }, 'a new one (2 seen)'],
  ['removed', { cancelledListed: 3, removed: 1 }, 'the cancelled stay; some are removed'],
  ['removed', {}, null],
] as const)('answers %s by what is stored: %j', (question, facts, answer) => {
  expect(answerTo(question, [], facts).answer).toBe(answer)
})

it('takes a tag for a bib only where tags are short and distinct', () => {
  const tags = (list: string[]) =>
    list.map((tag, i) => detail(String(i), { event_categories: [{ tag_number: tag }] }))
  expect(answerTo('tag-number', tags(['101', '102', 'A7'])).answer).toBe('it looks like one')
  expect(answerTo('tag-number', tags(['101', '101', '102'])).answer).toBe('it does not look like one')
  expect(answerTo('tag-number', tags(['E200-3411-B802', 'E200-3411-B803'])).answer).toBe(
    'it does not look like one',
  )
  expect(answerTo('tag-number', tags(['', ''])).answer).toBeNull()
})

it('knows the version by the address, and whether the other answers too', () => {
  const list = exchange('/v1/events', [])
  expect(answerTo('version', [list, exchange('/events', null, { status: 404 })]).answer).toBe('with /v1')
  expect(answerTo('version', [list, exchange('/events', [])]).answer).toBe('with /v1 and without')
  expect(answerTo('version', []).answer).toBeNull()
})

it('does not take a list that is exactly as long as a page for a capped one', () => {
  const rows = Array.from({ length: 25 }, (_, i) => ({ registration_number: `r${i}` }))
  const page = exchange('/v1/events/a/participants', rows)
  const second = (json: Json) =>
    exchange('/v1/events/a/participants', json, { query: { page: '2', per_page: '100' } })
  expect(answerTo('page-cap', [page]).answer).toBeNull()
  expect(answerTo('page-cap', [page, second([])]).answer).toBeNull()
  // A server that clamps says the same again.
  expect(answerTo('page-cap', [page, second(rows)]).answer).toBeNull()
  expect(answerTo('page-cap', [page, second([{ registration_number: 'r25' }])]).answer).toBe('25')
})

it('says that a cancelled one stays listed as soon as one is seen', () => {
  const rows = [{ registration_number: '1', is_cancelled: true }]
  expect(answerTo('removed', [exchange('/v1/events/a/participants', rows)]).answer).toBe('the cancelled stay')
})
