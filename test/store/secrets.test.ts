import { randomBytes } from 'node:crypto'
import { CompactEncrypt } from 'jose'
import { describe, expect, it } from 'vitest'
import { isSealed, keyId, open, seal, sealedWith } from '../../src/store/secrets.ts'
import fc from '../helpers/fast-check.ts'

const newKey = () => randomBytes(32).toString('base64')
const key = newKey()

describe('seal and open', () => {
  it('give back what went in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        expect(await open(key, 'credential:12', await seal(key, 'credential:12', text))).toBe(text)
      }),
      { numRuns: 50 },
    )
  })

  it('make another text each time, which does not contain the secret', async () => {
    const [a, b] = [await seal(key, 'c:1', 'open sesame'), await seal(key, 'c:1', 'open sesame')]
    expect(a).not.toBe(b)
    expect(a + Buffer.from(a, 'base64url')).not.toContain('sesame')
  })

  it('refuse another key, by its id and without naming the key', async () => {
    const other = newKey()
    const error = await open(other, 'c:1', await seal(key, 'c:1', 'x')).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'KEY_WRONG' })
    expect(String(error)).toContain(keyId(key))
    expect(String(error)).not.toContain(key)
  })

  it('refuse the value of another row', async () => {
    await expect(open(key, 'credential:2', await seal(key, 'credential:1', 'x'))).rejects.toMatchObject({
      code: 'DATABASE',
    })
  })

  it('refuse a changed context, and any changed part', async () => {
    const parts = (await seal(key, 'credential:1', 'x')).split('.')
    const header = JSON.parse(Buffer.from(parts[0]!, 'base64url').toString())
    const moved = Buffer.from(JSON.stringify({ ...header, sl: 'credential:2' })).toString('base64url')
    await expect(open(key, 'credential:2', [moved, ...parts.slice(1)].join('.'))).rejects.toMatchObject({
      code: 'DATABASE',
    })
    for (const i of [2, 3, 4]) {
      const flipped = Buffer.from(parts[i]!, 'base64url')
      flipped[0]! ^= 1
      const changed = parts.with(i, flipped.toString('base64url'))
      await expect(open(key, 'credential:1', changed.join('.'))).rejects.toMatchObject({ code: 'DATABASE' })
    }
  })

  it('refuse another algorithm under the same key', async () => {
    const foreign = await new CompactEncrypt(Buffer.from('x'))
      .setProtectedHeader({ alg: 'A256KW', enc: 'A256GCM', kid: keyId(key), sl: 'c:1' })
      .encrypt(Buffer.from(key, 'base64'))
    await expect(open(key, 'c:1', foreign)).rejects.toMatchObject({ code: 'DATABASE' })
  })
})

describe('isSealed', () => {
  it('knows ours, whatever the key', async () => {
    const sealed = await seal(key, 'c:1', '')
    expect(isSealed(sealed)).toBe(true)
    expect(sealedWith(sealed)).toBe(keyId(key))
    expect(keyId(key)).toMatch(/^[0-9a-f]{16}$/)
  })

  it.each(['', 'plain', 'a.b.c', 'a..b.c.d', 'eyJhbGciOiJIUzI1NiJ9.e30.c2ln', 'eyJ9..AA.BB.CC'])(
    '%j is not',
    (text) => {
      expect(isSealed(text)).toBe(false)
      expect(sealedWith(text)).toBeNull()
    },
  )
})
