import { describe, expect, it } from 'vitest'
import { readMoney } from '../../src/domain/money.ts'
import fc from '../helpers/fast-check.ts'

describe('readMoney', () => {
  it.each([
    ['$1,234.50', '1234.50'],
    ['1234.5', '1234.50'],
    [1234.5, '1234.50'],
    [85, '85.00'],
    [0, '0.00'],
    [-0, '0.00'],
    [1e-9, '0.00'],
    ['(12.00)', '-12.00'],
    ['($12.00)', '-12.00'],
    ['-$5', '-5.00'],
    ['$-5', '-5.00'],
    ['€ 1.234,50', '1234.50'],
    ['1.234,50 €', '1234.50'],
    ['1 234,50', '1234.50'],
    ["CHF 1'234.50", '1234.50'],
    ['£12', '12.00'],
    ['US$85.00', '85.00'],
    ['USD 85', '85.00'],
    ['85.00 USD', '85.00'],
    ['1,234', '1234.00'],
    ['12,50', '12.50'],
    ['1,234,567.89', '1234567.89'],
    ['.5', '0.50'],
    ['1.005', '1.01'],
    ['0.994999', '0.99'],
    ['99999999.99', '99999999.99'],
  ])('%s is %s', (value, expected) => {
    expect(readMoney(value)).toBe(expected)
  })

  it.each([null, undefined, '', ' '])('%s says nothing', (value) => {
    expect(readMoney(value)).toBeNull()
  })

  it.each([
    'abc',
    'free',
    '$',
    '1e3',
    '12.3.4',
    '1,23,4',
    '12,34.5',
    '--5',
    {},
    [],
    true,
    Number.NaN,
    1e21,
    '100000000',
  ])('%s is unreadable', (value) => {
    expect(readMoney(value)).toBeUndefined()
  })

  it('reads every amount of cents, as a number and with signs and groups', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999_999_999 }), (cents) => {
        const text = `${Math.trunc(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
        expect(readMoney(text)).toBe(text)
        expect(readMoney(Number(text))).toBe(text)
        expect(readMoney(`$${text.replace(/\B(?=(\d{3})+\.)/g, ',')}`)).toBe(text)
      }),
    )
  })

  it('gives decimal text with two digits or nothing, never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double(), fc.anything()), (value) => {
        const money = readMoney(value)
        if (typeof money === 'string') expect(money).toMatch(/^-?\d{1,8}\.\d{2}$/)
      }),
    )
  })
})
