import { describe, expect, it } from 'vitest'
import { FORGOTTEN, parseParts, partsText, screenOf } from '../../src/domain/personal-data.ts'

const record = {
  registration_number: 'R1',
  updated_at: '2026-05-01T00:00:00Z',
  device: 'Mobile',
  additional_questions: [{ question: 'Why?', answer: 'Because' }],
  emergency_contact_name: 'Ana Birch',
  person_full_name: 'Ben Birch',
  participant: { first_name: 'Ben', email: 'ben@example.com', additional_questions: [], dob: '1990-01-01' },
  event_categories: [{ id: 7, name: '10K', tag_number: '12', nested: { os: 'iOS' } }],
}

describe('what is kept of people', () => {
  it('is by default all but answers in free text and device data, at any depth', () => {
    const { device, additional_questions, ...rest } = record
    const { additional_questions: _, ...participant } = record.participant
    expect(screenOf(null).record(record)).toEqual({
      ...rest,
      participant,
      event_categories: [{ ...record.event_categories[0], nested: {} }],
    })
  })

  it('is what a timing partner says, in columns and records alike', () => {
    const screen = screenOf('birth')
    const text = JSON.stringify(screen.raw({ list: null, detail: record }))
    expect(text).toContain('1990-01-01')
    expect(text).not.toMatch(/ben@example|Ana Birch/)
    expect(screen.columns).toEqual(expect.arrayContaining(['email', 'phone', 'emergency_contact']))
    expect(screen.columns).not.toContain('date_of_birth')
  })

  it('is the default where another release wrote something unknown', () => {
    expect(screenOf('birth,shoe_size').columns).toEqual(screenOf(null).columns)
  })

  it('is not copied where nothing is left out', () => {
    const raw = { list: { a: [1, { b: 2 }] }, detail: null }
    expect(screenOf(null).raw(raw)).toBe(raw)
  })

  it('is written as names in a fixed order', () => {
    expect(partsText(parseParts(' device , birth') ?? [])).toBe('birth,device')
    expect(parseParts('none')).toEqual([])
    expect(parseParts('birth,,')).toBeNull()
  })
})

it('of who was forgotten only what times a race remains, whatever else a provider sends', () => {
  expect(
    FORGOTTEN.record({ ...record, nickname: 'Benny', user: { user_id: 3 }, team: { name: 'Birches' } }),
  ).toEqual({
    registration_number: 'R1',
    updated_at: '2026-05-01T00:00:00Z',
    participant: {},
    user: {},
    event_categories: [{ id: 7, name: '10K', tag_number: '12' }],
  })
})
