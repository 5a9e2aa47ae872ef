import { execFileSync } from 'node:child_process'
import {
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'

const LAUNCHER = fileURLToPath(new URL('../../bin/startlist', import.meta.url))
const isRoot = process.getuid?.() === 0

/** An installation whose program says where it keeps what V8 made of its sources. */
let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'startlist-launcher-'))
  for (const below of ['bin', 'src/cli', 'node_modules/.bin'])
    mkdirSync(join(root, below), { recursive: true })
  copyFileSync(LAUNCHER, join(root, 'bin/startlist'))
  symlinkSync(process.execPath, join(root, 'node_modules/.bin/node'))
  const program = `import { getCompileCacheDir } from 'node:module'\nprocess.stdout.write(getCompileCacheDir() ?? 'none')\n`
  writeFileSync(join(root, 'src/cli/main.ts'), program)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const cacheOf = (env: Record<string, string> = {}) =>
  execFileSync(join(root, 'bin/startlist'), {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', ...env },
    cwd: '/',
  })

it('keeps what V8 made of the sources inside the installation, where an update removes it', () => {
  expect(cacheOf()).toContain(join(root, 'node_modules/.cache/startlist/'))
})

it('keeps it where the caller says, or nowhere', () => {
  expect(cacheOf({ NODE_COMPILE_CACHE: join(root, 'mine') })).toContain(join(root, 'mine/'))
  expect(cacheOf({ NODE_COMPILE_CACHE: '' })).toBe('none')
})

// Needs root, to give the installation to somebody else.
it.runIf(isRoot)('leaves nothing in the installation of somebody else', () => {
  chownSync(root, 65_534, 65_534)
  expect(cacheOf()).toBe('none')
  expect(existsSync(join(root, 'node_modules/.cache'))).toBe(false)
})
