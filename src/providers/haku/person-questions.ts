import type { JsonObject } from '../../domain/json.ts'
import { readStamp } from '../../domain/stamp.ts'
import { type Contact, counted } from '../question.ts'
import { isObject } from '../records.ts'
import type { Asked } from './asked.ts'
import { categoriesOf, type Found, isFilled, type Question, unknown } from './found.ts'

/** Questions about Haku's registrations (Haku API notes 1.7). */

/** Whole registrations, from single reads and from lists that have them, each once. */
function wholeOf({ details, pages }: Asked): JsonObject[] {
  const all = [...pages.flatMap(({ list, records }) => (list === 'events' ? [] : records)), ...details]
  const whole = all.filter((record) => isObject(record.participant) || Array.isArray(record.event_categories))
  return [...new Map(whole.map((record) => [String(record.registration_number), record])).values()]
}

const NOBODY = 'no whole registration was read'

export const personQuestions: readonly Question[] = [
  ['bump', 'Does every change of a registration show in its updated_at?', bump],
  [
    'tag-number',
    'Is tag_number the bib?',
    (asked) => {
      const people = wholeOf(asked)
      if (people.length === 0) return unknown(NOBODY)
      const tags = categoriesOf(people)
        .map(({ tag_number: tag }) => tag)
        .filter(isFilled)
      if (tags.length === 0)
        return unknown(`none of ${counted(people.length, 'registration')} has a tag_number`)
      const distinct = new Set(tags.map(String)).size
      const short = tags.filter((tag) => /^[A-Za-z]{0,3}-?\d{1,6}$/.test(String(tag).trim())).length
      const isBib = distinct === tags.length && short * 10 >= tags.length * 9
      return {
        answer: isBib ? 'it looks like one' : 'it does not look like one',
        evidence: `${tags.length} of ${counted(people.length, 'registration')} have one: ${distinct} distinct, ${short} with at most six digits`,
      }
    },
  ],
  [
    'emergency-phone',
    "What is the emergency contact's phone called?",
    (asked) => {
      const people = wholeOf(asked)
      if (people.length === 0) return unknown(NOBODY)
      const names = ['emergency_contact_phone_number', 'emergency_contact_phone']
      const there = names.filter((name) => people.some((record) => name in record))
      if (there.length === 0) return unknown(`neither ${names.join(' nor ')} stands in a registration`)
      return { answer: there.join(' and '), evidence: `of ${counted(people.length, 'registration')}` }
    },
  ],
  [
    'number-unique',
    'Is a registration number unique in the organization, or in its event?',
    (_, { facts: { shared, registrations, events } }) => {
      const looked = `${counted(registrations, 'registration')} of ${counted(events, 'event')}`
      if (shared > 0)
        return {
          answer: 'in its event only',
          evidence: `${shared} numbers stand in two events, of ${looked}`,
        }
      return unknown(`no number stands in two events, of ${looked}; that proves nothing about the next one`)
    },
  ],
  [
    'transfer',
    'Is a transfer the same registration with another person, or a new one?',
    (_, { facts: { changedPerson, successors } }) => {
      if (changedPerson === 0 && successors === 0)
        return unknown('no registration that is stored has become another person’s yet')
      const same = changedPerson === 0 ? [] : [`the same (${changedPerson} seen)`]
      const other = successors === 0 ? [] : [`a new one (${successors} seen)`]
      return { answer: [...same, ...other].join(' and '), evidence: 'by the change feed' }
    },
  ],
  ['removed', 'Who leaves the list, and who stays in it with a mark?', removed],
  [
    'single-read',
    'Can one registration be asked for by its number?',
    ({ details }, { exchanges }) => {
      if (details.length > 0)
        return { answer: 'yes', evidence: `${counted(details.length, 'single read')} answered` }
      const refused = exchanges.find(
        ({ path, status }) => /\/registrations\/[^/]+$/.test(path) && status >= 400,
      )
      if (refused === undefined) return unknown('nobody was there to ask for')
      return { answer: 'no', evidence: `a listed registration answers ${refused.status}` }
    },
  ],
]

/** Whatever changed last inside a registration must not be later than the registration's own stamp. */
function bump(asked: Asked, { facts: { audited, blind } }: Contact): Found {
  if (blind > 0)
    return {
      answer: 'no',
      evidence: `${blind} of ${counted(audited, 'audited registration')} had changed unseen`,
    }
  const people = wholeOf(asked).filter((record) => readStamp(record.updated_at) !== null)
  if (people.length === 0) return unknown('no whole registration with updated_at was read')
  const later = (part: (record: JsonObject) => JsonObject[]) =>
    people.filter((record) =>
      part(record).some((one) => (readStamp(one.updated_at) ?? 0n) > (readStamp(record.updated_at) ?? 0n)),
    ).length
  const person = later((record) => (isObject(record.participant) ? [record.participant] : []))
  const category = later((record) => categoriesOf([record]))
  if (person + category === 0)
    return unknown(
      `in none of ${counted(people.length, 'registration')} a part is newer than the whole; startlist audit, after edits, tells`,
    )
  const parts = [
    ...(person > 0 ? [`an edit of the person (${person})`] : []),
    ...(category > 0 ? [`a bib or category (${category})`] : []),
  ]
  return {
    answer: `no: not ${parts.join(', nor ')}`,
    evidence: `of ${counted(people.length, 'registration')}, those whose part is newer than the whole`,
  }
}

function removed(asked: Asked, { facts }: Contact): Found {
  const rows = asked.pages.flatMap(({ list, records }) => (list === 'events' ? [] : records))
  const listed = rows.filter((row) => row.is_cancelled === true || row.is_cancelled === 'true').length
  const cancelled = Math.max(listed, facts.cancelledListed)
  const stays = cancelled > 0 ? [`${counted(cancelled, 'cancelled one')} stays listed, marked`] : []
  const leaves = facts.removed > 0 ? [`${facts.removed} left the list for good`] : []
  if (stays.length + leaves.length === 0)
    return unknown('nobody has cancelled or left yet, as far as is stored')
  const answer = [
    ...(stays.length > 0 ? ['the cancelled stay'] : []),
    ...(leaves.length > 0 ? ['some are removed'] : []),
  ]
  return { answer: answer.join('; '), evidence: [...stays, ...leaves].join('; ') }
}
