import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/domain/json.ts'
import { listFingerprint, toListRows } from '../../../src/providers/haku/list-rows.ts'
import fc from '../../helpers/fast-check.ts'
import { hakuJson, hakuRecord } from './arbitraries.ts'

const keyOf = (registration_number: Json) => toListRows([{ registration_number }]).rows[0]?.key

describe('toListRows', () => {
  it('reads key and stamp', () => {
    const record = {
      registration_number: ' R-1 ',
      updated_at: '2026-05-02T11:00:00.000123Z',
      email: 'a@example.com',
    }
    const { rows, keyless } = toListRows([record])
    expect(keyless).toEqual([])
    expect(rows).toEqual([
      {
        key: 'R-1',
        stamp: BigInt(Date.parse('2026-05-02T11:00:00Z')) * 1000n + 123n,
        fingerprint: listFingerprint(record),
        record,
      },
    ])
  })

  it('takes numbers and texts as keys, as they are', () => {
    expect(keyOf(123)).toBe('123')
    expect(keyOf('00123')).toBe('00123')
    expect(keyOf(0)).toBe('0')
    expect(keyOf('R\0')).toBe('R\uFFFD')
  })

  it.each<[Json, string]>([
    [null, 'not an object'],
    ['not a record', 'not an object'],
    [[{ registration_number: 'R1' }], 'not an object'],
    [{}, 'no registration number'],
    [{ registration_number: null }, 'no registration number'],
    [{ registration_number: '  ' }, 'no registration number'],
    [{ registration_number: { value: 'R1' } }, 'registration number is not a text or number'],
    [{ registration_number: true }, 'registration number is not a text or number'],
    [{ registration_number: 2 ** 53 + 2 }, 'registration number too large to be exact'],
    [{ registration_number: 'x'.repeat(300) }, 'registration number longer than 255 characters'],
  ])('keeps %j whole without a key (D2)', (record, reason) => {
    const { rows, keyless } = toListRows([record])
    expect(rows).toEqual([])
    expect(keyless).toHaveLength(1)
    expect(keyless[0]).toMatchObject({ reason, raw: JSON.stringify(record) })
    expect(keyless[0]!.fingerprint).toHaveLength(32)
  })

  it.each([undefined, null, '', 'soon', {}, 'yesterday'])(
    'a stamp of %s neither stops nor sets a poll (W7)',
    (updated_at) => {
      expect(
        toListRows([{ registration_number: 1, updated_at: updated_at as Json }]).rows[0]!.stamp,
      ).toBeNull()
    },
  )

  it('sees every change of the record, its stamp included (F2), and no change of the order of keys', () => {
    const one = listFingerprint({ registration_number: 1, updated_at: 'a', email: 'b' })
    expect(listFingerprint({ email: 'b', updated_at: 'a', registration_number: 1 }).equals(one)).toBe(true)
    expect(listFingerprint({ registration_number: 1, updated_at: 'c', email: 'b' }).equals(one)).toBe(false)
  })

  it('gives a row or a keyless row for each record, whatever it is, in order', () => {
    fc.assert(
      fc.property(fc.array(hakuJson), (records) => {
        const { rows, keyless } = toListRows(records)
        expect(rows.length + keyless.length).toBe(records.length)
        for (const row of rows) expect(row.key.trim()).toBe(row.key)
      }),
    )
  })

  it('gives a row for every record with a key, and the same fingerprint after a round trip', () => {
    const key = fc.oneof(
      fc.maxSafeInteger(),
      fc.string({ minLength: 1, maxLength: 60 }).filter((s) => s.trim() !== ''),
    )
    fc.assert(
      fc.property(hakuRecord, key, (record, registration_number) => {
        const { rows } = toListRows([{ ...record, registration_number }])
        expect(rows).toHaveLength(1)
        const [row] = rows
        expect(row!.key).toBe(String(registration_number).trim())
        const stored = JSON.parse(JSON.stringify(row!.record))
        expect(listFingerprint(stored).equals(row!.fingerprint)).toBe(true)
      }),
    )
  })
})
