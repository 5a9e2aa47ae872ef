import { describe, expect, it } from 'vitest'
import { isFormula, protectCell } from '../../src/export/guard.ts'
import fc from '../helpers/fast-check.ts'

describe('protectCell', () => {
  it.each(['=1+1', '+SUM(A1)', '-2+3', '@cmd', '\tx', '\rx', '＝1', '+1 555 0100'])('defuses %j', (text) => {
    expect(protectCell(text)).toBe(`'${text}`)
  })

  it.each(['-5', '-5.25', '+7', 'Ana', 'a=b', "O'Neill", ''])('leaves %j as it is', (text) => {
    expect(protectCell(text)).toBe(text)
  })

  it('can be taken off again, whatever the text was', () => {
    const texts = fc.string({ unit: fc.constantFrom("'", '=', '+', '-', '@', '\t', '1', 'a', '＝') })
    fc.assert(
      fc.property(texts, (text) => {
        const cell = protectCell(text)
        expect(/^['=+@\t＝-]/.test(cell) && isFormula(cell) ? cell.slice(1) : cell).toBe(text)
      }),
      { seed: 7 },
    )
  })
})
