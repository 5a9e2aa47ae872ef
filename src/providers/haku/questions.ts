import { type Answer, type Contact, counted } from '../question.ts'
import { sortExchanges } from './asked.ts'
import { dateForm, isFilled, type Question, unknown } from './found.ts'
import { listQuestions } from './list-questions.ts'
import { personQuestions } from './person-questions.ts'

/** Answers what this contact with an account can answer (Haku API notes 1.7). Pure; no answer holds a value of a person. */
export function hakuAnswers(contact: Contact): Answer[] {
  const asked = sortExchanges(contact)
  return [...connectionQuestions, ...listQuestions, ...eventQuestions, ...personQuestions].map(
    ([question, asks, find]) => ({ question, asks, ...find(asked, contact) }),
  )
}

const connectionQuestions: readonly Question[] = [
  [
    'version',
    'Does the address have /v1?',
    ({ pages, otherVersion }, { apiUrl }) => {
      if (pages.length === 0) return unknown('no list was answered')
      const here = /\/v\d+$/.test(apiUrl) ? 'with /v1' : 'without /v1'
      const [other] = otherVersion
      if (other === undefined)
        return { answer: here, evidence: 'it answers so; the other address was not tried' }
      const both = other.status < 300
      return {
        answer: both ? 'with /v1 and without' : here,
        evidence: `${here} a list came, the other address answers ${other.status}`,
      }
    },
  ],
  [
    'authorization',
    'Is the token sent bare or as Bearer?',
    (_, { exchanges }) => {
      const taken = new Set<string>()
      const refused = new Set<string>()
      for (const { authorization, status } of exchanges) {
        if (authorization !== 'bare' && authorization !== 'bearer') continue
        if (status < 300) taken.add(authorization)
        if (status === 401) refused.add(authorization)
      }
      if (taken.size === 0) return unknown('no call with a token was answered')
      if (taken.size === 2) return { answer: 'both', evidence: 'a list came in either form' }
      const [form = ''] = taken
      const other = form === 'bare' ? 'bearer' : 'bare'
      const evidence = refused.has(other) ? `${other} answers 401` : `a list came; ${other} was not tried`
      return { answer: form, evidence }
    },
  ],
]

const eventQuestions: readonly Question[] = [
  [
    'event-date',
    'Does an event date have a time, and a zone?',
    ({ pages }) => {
      const dates = pages
        .filter(({ list }) => list === 'events')
        .flatMap(({ records }) => records.map((record) => record.event_date ?? null))
      const written = dates.filter((date) => date !== null && date !== '')
      if (written.length === 0) return unknown(`none of ${counted(dates.length, 'event')} has a date`)
      const forms = [...new Set(written.map(dateForm))].sort()
      return { answer: forms.join('; '), evidence: `of ${counted(written.length, 'event date')}` }
    },
  ],
  [
    'event-zone',
    'Does an event name its time zone?',
    ({ pages }) => {
      const events = pages.filter(({ list }) => list === 'events').flatMap(({ records }) => records)
      if (events.length === 0) return unknown('no event was listed')
      const names = ['timezone', 'time_zone'].filter((name) => events.some((event) => isFilled(event[name])))
      return {
        answer: names.length === 0 ? 'no' : `yes, ${names.join(' and ')}`,
        evidence: `looked for timezone and time_zone in ${counted(events.length, 'event')}`,
      }
    },
  ],
]
