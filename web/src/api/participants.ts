import type { Page, PageOf } from '../view/pages.ts'
import type { Person } from '../view/race.ts'
import { api, ask } from './client.ts'
import type { components, paths } from './schema.d.ts'

type Query = NonNullable<paths['/events/{event}/participants']['get']['parameters']['query']>

/** What a search may ask for; an empty text is no question. */
export interface PeopleFilter {
  q: string
  status: string
  category: string
  wave: string
}

export async function readPeople(
  event: string,
  filter: PeopleFilter,
  pageOf: PageOf,
  signal: AbortSignal,
): Promise<Page<Person>> {
  const asked = Object.fromEntries(Object.entries(filter).filter(([, text]) => text !== '')) as Query
  const params = { path: { event }, query: { ...asked, ...pageOf } }
  const page = await ask(api.GET('/events/{event}/participants', { params, signal }))
  return { items: page.items.map(personOf), next: page.next }
}

export async function readPerson(event: string, participantId: string, signal: AbortSignal): Promise<Person> {
  const params = { path: { event, participantId } }
  return personOf(await ask(api.GET('/events/{event}/participants/{participantId}', { params, signal })))
}

/** Gives somebody a bib of the timing partner's; null takes it back. @returns the bib that counts now */
export async function setBib(
  event: string,
  participantId: string,
  { bib, allowDuplicates }: { bib: string | null; allowDuplicates: boolean },
): Promise<string | null> {
  const params = { path: { event, participantId } }
  const body = { bib, allowDuplicates }
  return (await ask(api.PUT('/events/{event}/participants/{participantId}/bib', { params, body }))).after
}

function personOf(person: components['schemas']['Participant']): Person {
  const { id, bib, providerBib, localBib, firstName, lastName, gender, age, category, wave, status } = person
  const name = [firstName, lastName].filter(Boolean).join(' ')
  return {
    ...{ id, bib, providerBib, localBib, age, category, wave, status },
    name: name === '' ? `Registration ${id}` : name,
    sex: gender,
  }
}
