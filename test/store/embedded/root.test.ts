import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findBinaries, findPackage } from '../../../src/store/embedded/binaries.ts'
import { findPlace, makePlace } from '../../../src/store/embedded/place.ts'
import { openEmbedded, stopEmbedded } from '../../../src/store/embedded.ts'
import { ask, Homes } from './homes.ts'

const isRoot = process.getuid!() === 0
const NOBODY = isRoot ? Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' })) : -1
const homes = new Homes()

// What follows needs root, to become somebody else. Elsewhere it is reported as skipped, with this name.
describe.runIf(isRoot)('for root, on a system where only root may do so', () => {
  it('runs as an unprivileged user', async () => {
    const { release } = await openEmbedded(homes.home, { fast: true })
    expect(statSync(findPlace(homes.home)!.data).uid).not.toBe(0)
    expect(readFileSync(`/proc/${homes.postmaster()!.pid}/status`, 'utf8')).not.toMatch(/^Uid:\s+0/m)
    await release()
  })

  it('serves another user in a home of theirs, and root who comes after them', async () => {
    mkdirSync(homes.home)
    chownSync(homes.home, NOBODY, NOBODY)
    const nobody = await homes.user({ uid: NOBODY })
    const root = await homes.user()
    expect(root.url).toBe(nobody.url)
    await nobody.order('release')
    expect(await ask(root.url, 'SELECT 1')).toBe(1)
    await root.order('release')
    expect(homes.postmaster()).toBeNull()
    // And what root has left behind is no obstacle.
    await stopEmbedded(homes.home)
    const rootFirst = await homes.user()
    const again = await homes.user({ uid: NOBODY })
    await rootFirst.order('release')
    await again.order('release')
    expect(homes.postmaster()).toBeNull()
  })

  it('moves the data of a home that only root can enter, and finds it again', async () => {
    homes.home = join(homes.top, 'private', 'home')
    mkdirSync(homes.home, { recursive: true })
    chmodSync(join(homes.top, 'private'), 0o700)
    const belowRoot = join(homes.top, 'var-lib-startlist')
    const [a, b] = await Promise.all([homes.user({ belowRoot }), homes.user({ belowRoot })])
    expect(a.url).toBe(b.url)
    expect(findPlace(homes.home)!.base.startsWith(belowRoot)).toBe(true)
    await ask(a.url, 'CREATE TABLE kept AS SELECT 7 AS n')
    await a.order('release')
    await b.order('release')
    expect(homes.postmaster()).toBeNull()
    const later = await homes.user()
    expect(await ask(later.url, 'SELECT n FROM kept')).toBe(7)
    await later.order('release')
    rmSync(belowRoot, { recursive: true })
    await expect(openEmbedded(homes.home)).rejects.toMatchObject({
      code: 'EMBEDDED_FAILED',
      message: expect.stringContaining('is gone'),
    })
    rmSync(join(homes.home, 'postgres'))
  })

  it('copies the programs when the server cannot reach node_modules, readable whatever the umask was', () => {
    const { native, version } = findPackage()
    const hidden = join(homes.top, 'hidden')
    cpSync(native, join(hidden, 'native'), { recursive: true, verbatimSymlinks: true })
    execFileSync('chmod', ['-R', 'go=', hidden])
    const place = makePlace(homes.home)
    const binaries = findBinaries(place, { native: join(hidden, 'native'), version })
    expect(binaries.postgres.startsWith(place.base)).toBe(true)
    expect(
      execFileSync(binaries.postgres, ['--version'], { ...place.user!, cwd: '/', encoding: 'utf8' }),
    ).toContain('PostgreSQL')
    execFileSync(binaries.initdb, ['--version'], { ...place.user!, cwd: '/' })
  })
})
