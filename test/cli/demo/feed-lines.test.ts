import { describe, expect, it } from 'vitest'
import { feedLines } from '../../../src/cli/demo/feed-lines.ts'
import type { FeedEntry } from '../../../src/store/overview/feed.ts'

function entry(over: Partial<FeedEntry>): FeedEntry {
  return {
    position: 1,
    participantId: '1',
    change: 'changed',
    fields: {},
    eventId: 'e1',
    firstName: 'Jane',
    lastName: 'Doe',
    bib: '977',
    sourceUpdatedAt: 1_000_000,
    seenAt: 1_038_000,
    runId: 1,
    ...over,
  }
}

const textsOf = (entries: FeedEntry[]) => feedLines(entries).map((line) => line.text)

describe('the feed as lines', () => {
  it('tells a new bib, with how old the news is', () => {
    expect(
      feedLines([entry({ fields: { bib_number: ['412', '977'], provider_bib: ['412', '977'] } })]),
    ).toEqual([{ text: 'bib 412 -> 977, Jane D.,', registrations: 1, staleness: 38, seenAt: 1_038_000 }])
  })

  it('tells list row and detail of one registration as one', () => {
    const listed = entry({ change: 'added', fields: { first_name: [null, 'Jane'] }, seenAt: 1_001_000 })
    const detailed = entry({
      position: 2,
      fields: { bib_number: [null, '977'], date_of_birth: [null, '1990-01-01'] },
    })
    expect(feedLines([listed, detailed])).toMatchObject([{ text: 'new: bib 977, Jane D.,', staleness: 38 }])
  })

  it.each<[string, Partial<FeedEntry>, string]>([
    ['cancellation', { change: 'cancelled' }, 'cancelled: bib 977, Jane D.,'],
    [
      'transfer',
      { fields: { first_name: ['Omar', 'Jane'], last_name: ['Sato', 'Doe'], date_of_birth: ['1', '2'] } },
      'bib 977, Omar S. is now Jane D.,',
    ],
    ['correction', { fields: { last_name: ['Roe', 'Doe'] } }, 'bib 977, Jane R.: name corrected to Jane D.,'],
    ['phone', { bib: null, fields: { phone: ['1', '2'] } }, 'no bib, Jane D.: phone changed,'],
    ['taken bib', { bib: null, fields: { bib_number: ['412', null] } }, 'bib 412 -> none, Jane D.,'],
    ['person without a last name', { lastName: null, change: 'cancelled' }, 'cancelled: bib 977, Jane,'],
  ])('tells a %s', (_, over, text) => {
    expect(textsOf([entry(over)])).toEqual([text])
  })

  it('knows no time for a removal, whose stamp is of an earlier change', () => {
    expect(feedLines([entry({ change: 'removed' })])).toMatchObject([{ staleness: null }])
  })

  it('tells many new bibs at once as one line, with the slowest', () => {
    const bibs = [603, 601, 602, 606, 605, 604].map((bib, i) =>
      entry({
        position: i + 1,
        participantId: String(i),
        bib: String(bib),
        fields: { bib_number: [null, String(bib)] },
        seenAt: 1_000_000 + i * 1_500,
      }),
    )
    const swapped = entry({ participantId: '9', fields: { bib_number: ['412', '977'] } })
    expect(feedLines([...bibs, swapped])).toMatchObject([
      { text: 'bib 412 -> 977, Jane D.,', registrations: 1 },
      { text: '6 bibs at once, 601 to 606, the last', registrations: 6, staleness: 7.5 },
    ])
    expect(feedLines(bibs.slice(0, 5))).toHaveLength(5)
  })
})
