import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { embeddedKey, replaceEmbeddedKey, writeKeyFile } from '../../src/store/embedded/key.ts'

const home = mkdtempSync(join(tmpdir(), 'startlist-keys-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const KEY = Buffer.alloc(32, 9).toString('base64')
const modeOf = (path: string) => statSync(path).mode & 0o777

it('a new key takes the place of an embedded one, which is kept beside it, readable by the owner alone', () => {
  const old = embeddedKey(home)
  const kept = replaceEmbeddedKey(home, KEY)
  expect(embeddedKey(home)).toBe(KEY)
  expect(readFileSync(kept, 'utf8').trim()).toBe(old)
  expect([modeOf(join(home, 'key')), modeOf(kept)]).toEqual([0o600, 0o600])
  // Again, as after a crash: nothing is lost, and no draft stays.
  expect(replaceEmbeddedKey(home, KEY)).toBe(kept)
  expect(readFileSync(kept, 'utf8').trim()).toBe(old)
  expect(readdirSync(home).sort()).toEqual(['key', 'key.old'])
})

it('a key file is made for its owner alone, may be made again, and replaces nothing', () => {
  const file = join(home, 'out')
  writeKeyFile(file, KEY)
  writeKeyFile(file, KEY)
  expect([readFileSync(file, 'utf8'), modeOf(file)]).toEqual([`${KEY}\n`, 0o600])
  const mine = join(home, 'mine')
  writeFileSync(mine, 'something else')
  chmodSync(mine, 0o644)
  expect(() => writeKeyFile(mine, KEY)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }))
  expect(() => writeKeyFile(join(home, 'no', 'such'), KEY)).toThrow(/cannot be made \(ENOENT\)/)
  expect(readFileSync(mine, 'utf8')).toBe('something else')
})
