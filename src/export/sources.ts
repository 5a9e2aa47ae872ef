import type { Json } from '../domain/json.ts'
import type { LineField } from '../domain/start-list.ts'
import type { Entry } from './entry.ts'

/** How a value is written: dates by their order, sexes by their vocabulary, an unknown bib by its blank. */
export type Kind = 'text' | 'bib' | 'number' | 'date' | 'sex' | 'json'

/** Where a column's value comes from. */
export interface Source {
  kind: Kind
  /** What has to be read for it, beside what every entry is made of. */
  needs: readonly LineField[]
  read(entry: Entry): Json | undefined
}

const field = (name: LineField, kind: Kind = 'text'): Source => ({
  kind,
  needs: [name],
  read: ({ line }) => line[name] as Json | undefined,
})
const own = (
  name: 'id' | 'bib' | 'chip' | 'category' | 'wave' | 'corral' | 'status',
  kind: Kind = 'text',
): Source => ({
  kind,
  needs: [],
  read: (entry) => entry[name],
})

/** Every value that a column can have. */
export const SOURCES = {
  id: own('id'),
  bib: own('bib', 'bib'),
  chip: own('chip'),
  category: own('category'),
  wave: own('wave'),
  corral: own('corral'),
  status: own('status'),
  sex: { ...field('gender'), kind: 'sex' },
  fullName: {
    kind: 'text',
    needs: ['firstName', 'lastName'],
    read: ({ line: { firstName, lastName } }) => [firstName, lastName].filter(Boolean).join(' ') || null,
  },
  emergencyName: {
    kind: 'text',
    needs: ['emergencyContact'],
    read: ({ line }) => line.emergencyContact?.name,
  },
  emergencyPhone: {
    kind: 'text',
    needs: ['emergencyContact'],
    read: ({ line }) => line.emergencyContact?.phone,
  },
  registration: field('registration'),
  eventId: field('eventId'),
  providerBib: field('providerBib'),
  localBib: field('localBib'),
  firstName: field('firstName'),
  middleName: field('middleName'),
  lastName: field('lastName'),
  gender: field('gender'),
  dateOfBirth: field('dateOfBirth', 'date'),
  age: field('age', 'number'),
  team: field('team'),
  email: field('email'),
  phone: field('phone'),
  street: field('street'),
  city: field('city'),
  state: field('state'),
  zip: field('zip'),
  country: field('country'),
  nationality: field('nationality'),
  paymentStatus: field('paymentStatus'),
  amountPaid: field('amountPaid'),
  specialRequirements: field('specialRequirements'),
  shirt: field('shirt'),
  answers: field('answers', 'json'),
  categories: field('categories', 'json'),
  registeredAt: field('registeredAt'),
  removedAt: field('removedAt'),
  successor: field('successor'),
  details: field('details'),
  detailReadAt: field('detailReadAt'),
} as const satisfies Record<string, Source>

export type SourceName = keyof typeof SOURCES
