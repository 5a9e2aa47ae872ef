import { describe, expect, it } from 'vitest'
import { readRows } from '../../../src/cli/import/read-rows.ts'

const HEAD = 'partner,organization,provider,client_id,client_secret,timezone'
const LINE = 'Birch Timing,Lantern Bay,Haku,c1ie47,s3cret-qz9,America/New_York'
const ROW = {
  partner: 'Birch Timing',
  organization: 'Lantern Bay',
  provider: 'haku',
  principal: 'c1ie47',
  secret: 's3cret-qz9',
  timezone: 'America/New_York',
}
const csv = (...lines: string[]) => [HEAD, ...lines].join('\n')

/** What is said of a faulty file. */
function fault(text: string): string {
  try {
    readRows(text)
  } catch (error) {
    expect(error).toMatchObject({ code: 'BAD_INPUT' })
    return `${(error as Error).message} ${JSON.stringify(error)}`
  }
  throw new Error('it was taken')
}

describe('a file of credentials', () => {
  it('is CSV, as spreadsheets write it', () => {
    expect(readRows(csv(LINE))).toEqual([{ line: 2, ...ROW }])
    const saved = `\uFEFF${HEAD.toUpperCase().replaceAll(',', ' , ')}\r\n${LINE}\r\n\r\n`
    expect(readRows(saved)).toEqual([{ line: 2, ...ROW }])
    const quoted = '"Birch, Timing",Lantern Bay,haku,c1ie47," s""3,cret ",'
    expect(readRows(csv(quoted))).toMatchObject([
      { partner: 'Birch, Timing', secret: ' s"3,cret ', timezone: null },
    ])
  })

  it('is JSON, with numbers for partners', () => {
    const { principal: client_id, secret: client_secret, ...rest } = ROW
    const text = JSON.stringify([{ ...rest, partner: 7, client_id, client_secret, timezone: null }])
    expect(readRows(text)).toEqual([{ line: 1, ...ROW, partner: '7', timezone: null }])
  })

  it.each([
    ['no line', HEAD, /no credential/],
    ['nothing', '', /no credential/],
    ['an unknown provider', csv(LINE.replace('Haku', 'Chronos')), /line 2: provider is haku or runsignup/],
    ['no zone', csv(LINE.replace('America/New_York', 'Nowhere/Land')), /line 2: timezone is no time zone/],
    ['an empty secret', csv(LINE.replace('s3cret-qz9', '  ')), /line 2: client_secret is empty/],
    ['a secret of two lines', csv(LINE.replace('s3cret-qz9', '"s3cret\nqz9"')), /single line/],
    ['a client id twice', csv(LINE, LINE.replace('Birch', 'birch')), /line 3: the same client id as line 2/],
    ['another column', `${HEAD},notes\n${LINE},s3cret-qz9`, /other fields/],
    ['a column less', `${HEAD.replace(',timezone', '')},x\n${LINE}`, /other fields/],
    ['a value too many', csv(`${LINE},s3cret-qz9`), /no CSV at line 2/],
    ['an open quote', csv('Birch,"s3cret-qz9'), /no CSV/],
    ['JSON that is cut off', '[{"client_secret": "s3cret-qz9"', /no JSON/],
    ['JSON that is no list', '{"client_secret": "s3cret-qz9"}', /array/],
    ['JSON of something else', '["s3cret-qz9", null, 3]', /line 1/],
  ])('with %s is refused, without a word of its secret', (_, text, words) => {
    const said = fault(text)
    expect(said).toMatch(words)
    expect(said).not.toMatch(/s3cret|qz9/)
  })

  it('with faults in many lines names the first twenty', () => {
    const said = fault(csv(...Array.from({ length: 50 }, (_, i) => LINE.replace('Haku', `x${i}`))))
    expect(said).toContain('line 21: provider')
    expect(said).toContain('and 30 more')
  })
})
