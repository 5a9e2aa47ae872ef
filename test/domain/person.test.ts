import { describe, expect, it } from 'vitest'
import { ageOn, readDateOfBirth, splitName } from '../../src/domain/person.ts'
import { clean } from '../../src/domain/text.ts'
import fc from '../helpers/fast-check.ts'

describe('splitName', () => {
  it.each([
    ['Alma Testperson', 'Alma', 'Testperson'],
    ['  Alma \t Testperson ', 'Alma', 'Testperson'],
    ['Alma Q. Testperson', 'Alma Q.', 'Testperson'],
    ['Testperson, Alma', 'Alma', 'Testperson'],
    ['Bo Sample Jr.', 'Bo', 'Sample Jr.'],
    ['Bo Sample III', 'Bo', 'Sample III'],
    ['Bo Sample, Jr', 'Bo', 'Sample, Jr'],
    ['Vijay V', 'Vijay', 'V'],
    ['Maria de la Muestra', 'Maria', 'de la Muestra'],
    ['Juan Carlos de la Muestra', 'Juan Carlos', 'de la Muestra'],
    ['Van Beispiel', 'Van', 'Beispiel'],
    ['Jean-Luc D’Exemple', 'Jean-Luc', 'D’Exemple'],
    ['Mononym', 'Mononym', null],
    ['Mononym,', 'Mononym', null],
    ['王小明', '小明', '王'],
    ['王 小明', '小明', '王'],
    ['欧阳小明', '小明', '欧阳'],
    ['田中太郎', '太郎', '田中'],
    ['김민수', '민수', '김'],
    ['さくら', 'さくら', null],
    ['Иван Примеров', 'Иван', 'Примеров'],
    ['علي مثال', 'علي', 'مثال'],
    ['', null, null],
    [null, null, null],
    [',', null, null],
  ])('%s', (full, firstName, lastName) => {
    expect(splitName(full)).toEqual({ firstName, lastName })
  })

  it('loses no letter', () => {
    const letters = (text: string) =>
      [...text]
        .filter((c) => /[\p{L}\p{N}]/u.test(c))
        .sort()
        .join('')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (full) => {
        const { firstName, lastName } = splitName(full)
        expect(letters(`${firstName ?? ''}${lastName ?? ''}`)).toBe(letters(clean(full) ?? ''))
      }),
    )
  })
})

describe('ageOn', () => {
  it.each([
    ['1990-05-02', '2026-05-01', 35],
    ['1990-05-02', '2026-05-02', 36],
    ['2000-02-29', '2026-02-28', 25],
    ['2000-02-29', '2026-03-01', 26],
    ['2000-02-29', '2028-02-29', 28],
    ['2026-05-02', '2026-05-02', 0],
  ])('born %s, on %s: %s (defect 18)', (born, day, age) => {
    expect(ageOn(born, day)).toBe(age)
  })

  it('has no answer before the birth or for no dates', () => {
    expect(ageOn('2026-05-03', '2026-05-02')).toBeNull()
    expect(ageOn('x', '2026-05-02')).toBeNull()
  })
})

describe('readDateOfBirth', () => {
  it.each([
    ['1990-05-02', '1990-05-02'],
    ['1990-05-02T00:00:00Z', '1990-05-02'],
    ['1990-05-02T00:00:00.000-04:00', '1990-05-02'],
    ['1990-05-02T23:00:00+14:00', '1990-05-02'],
    ['05/02/1990', '1990-05-02'],
    ['5/2/1990', '1990-05-02'],
    ['2000-02-29', '2000-02-29'],
    ['1900-01-01', '1900-01-01'],
    ['', null],
    [null, null],
    ['31/31/1999', undefined],
    ['2001-02-29', undefined],
    ['1899-12-31', undefined],
    ['2026-05-03', undefined],
    ['XXXX-XX-XX', undefined],
    [19900502, undefined],
    [{}, undefined],
  ])('%s', (value, expected) => {
    expect(readDateOfBirth(value, '2026-05-02')).toBe(expected)
  })

  it('checks no future without a day to compare with', () => {
    expect(readDateOfBirth('2090-01-01')).toBe('2090-01-01')
  })
})
