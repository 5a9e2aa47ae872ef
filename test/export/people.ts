import type { AskedLine, StartListLine, StartListState } from '../../src/domain/start-list.ts'
import type { FormatOptions } from '../../src/export/format.ts'
import { FORMATS, type FormatName } from '../../src/export/formats.ts'
import { type Contents, type StartListWriter, startListWriter } from '../../src/export/writer.ts'

/** Synthetic people with what files have trouble with: each has a reason to be here. */

const STATE: StartListState = {
  event: {
    provider: 'haku',
    partnerId: 1,
    listId: '5f3a91c2',
    eventId: '5f3a91c2',
    name: 'Harbor Half & 10K',
    startsAt: '2026-05-02T11:00:00.000Z',
    startDay: null,
    timezone: 'America/New_York',
  },
  at: '2026-05-01T16:00:00.123456Z',
  position: 812,
  registrations: 8,
  pending: 1,
  bibsAsOf: '2026-05-01T15:00:00.000000Z',
}

const category = (id: string, name: string, bib: string | null = null) => ({
  ...{ id, name, bib, chip: null, wave: null, corral: null },
})

/** A registration with nothing but what is given. */
export function person(registration: string, given: Partial<StartListLine> = {}): StartListLine {
  return {
    ...{ registration, eventId: '5f3a91c2', status: 'active', bib: null, providerBib: null, localBib: null },
    ...{
      chip: null,
      firstName: null,
      middleName: null,
      lastName: null,
      gender: null,
      dateOfBirth: null,
      age: null,
    },
    ...{
      category: '10K',
      categories: [category('501', '10K')],
      formerCategories: null,
      wave: null,
      corral: null,
    },
    ...{
      team: null,
      email: null,
      phone: null,
      street: null,
      city: null,
      state: null,
      zip: null,
      country: null,
    },
    ...{ nationality: null, emergencyContact: null, paymentStatus: null, amountPaid: null },
    ...{ specialRequirements: null, shirt: null, answers: null, registeredAt: null, removedAt: null },
    ...{ successor: null, details: 'read', detailReadAt: '2026-05-01T15:00:00.000000Z' },
    ...given,
  }
}

export const PEOPLE: readonly StartListLine[] = [
  person('R1001', {
    ...{
      bib: '007',
      providerBib: '007',
      chip: 'KX41A07',
      firstName: 'Ana',
      middleName: 'M',
      lastName: 'Alder',
    },
    ...{
      gender: 'Female',
      dateOfBirth: '1990-02-03',
      age: 36,
      wave: 'Wave 1',
      corral: 'A',
      team: 'Harbor Striders',
    },
    ...{
      email: 'ana@example.com',
      phone: '+1 555 0100',
      street: '1 Mill Street',
      city: 'Springhaven',
      state: 'NY',
    },
    ...{
      zip: '01234',
      country: 'US',
      nationality: 'USA',
      paymentStatus: 'paid',
      amountPaid: '85.00',
      shirt: 'M',
    },
    emergencyContact: { name: 'Ben Alder', phone: '+1 555 0101', relationship: 'Spouse' },
    registeredAt: '2026-01-02T03:04:05.000000Z',
  }),
  // Umlauts, and two categories of which the second has a bib of its own.
  person('R1002', {
    ...{ bib: '12', providerBib: '12', firstName: 'Jörg', lastName: 'Großmann-Łuka', gender: 'Male' },
    ...{ dateOfBirth: '1899-12-31', age: 126, city: 'Ñuñoa', state: '' },
    categories: [category('501', '10K', '12'), category('502', 'Half', '4012')],
  }),
  // Scripts without a letter that windows-1252 knows, and beyond the first plane of Unicode.
  person('R1003', {
    firstName: '秀英',
    lastName: '王',
    gender: 'F',
    bib: '13',
    providerBib: '13',
    team: '早朝会 🏃‍♀️',
  }),
  // Delimiters, quotes and line breaks.
  person('R1004', {
    ...{
      firstName: 'Jo "JJ"',
      lastName: 'O’Neill, Jr.; III',
      gender: 'Non-binary',
      bib: '14',
      providerBib: '14',
    },
    specialRequirements: 'line one\r\nline two\tand a tab',
    answers: [{ question: 'Why?', answer: '"Because", he said' }],
  }),
  // What a spreadsheet would run.
  person('R1005', {
    ...{
      firstName: '=HYPERLINK("http://example.com","x")',
      lastName: '-Dash',
      gender: 'X',
      bib: '15',
      providerBib: '15',
    },
    team: '@Running',
  }),
  // Nothing is known but a name: the detail has not been read.
  person('R1006', {
    firstName: 'Cher',
    details: 'pending',
    detailReadAt: null,
    categories: null,
    category: null,
  }),
  // A word for a sex that no vocabulary has, and a bib that a person gave.
  person('R1007', {
    ...{ firstName: 'Dana', lastName: 'Elm', gender: 'Prefer not to say', bib: '0100', localBib: '0100' },
    categories: [category('501', '10K', null)],
  }),
  // A text that spreadsheets take for an escape, and a bib like a date.
  person('R1008', {
    firstName: '_x0041_',
    lastName: '<Fir> & Sons',
    gender: 'm',
    bib: '1-2',
    providerBib: '1-2',
  }),
]

export const GONE: readonly StartListLine[] = [
  person('R2001', {
    ...{ firstName: 'Finn', lastName: 'Gale', bib: '21', providerBib: '21', status: 'cancelled' },
    removedAt: '2026-05-01T10:00:00.000000Z',
  }),
  person('R2002', {
    firstName: 'Hana',
    lastName: 'Ivy',
    bib: null,
    status: 'transferred',
    successor: 'R1003',
  }),
]

export const contents = (given: Partial<Contents> = {}): Contents => ({
  ...{ state: STATE, which: 'listed', after: null },
  ...given,
})

export interface Written {
  bytes: Buffer
  writer: StartListWriter
}

/** A whole file, from lines in batches of three. */
export async function write(
  format: FormatName,
  lines: readonly AskedLine[],
  options: Partial<FormatOptions> = {},
  about: Contents = contents(),
): Promise<Written> {
  const writer = startListWriter(format, { ...FORMATS[format].defaults, ...options }, about)
  const pieces: Uint8Array[] = []
  for await (const piece of writer.write(batches(lines))) pieces.push(piece)
  return { bytes: Buffer.concat(pieces), writer }
}

async function* batches(lines: readonly AskedLine[]): AsyncGenerator<readonly AskedLine[]> {
  for (let i = 0; i < lines.length; i += 3) yield lines.slice(i, i + 3)
}
