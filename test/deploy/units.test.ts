import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const UNITS = ['startlist.service', 'startlist-worker@.service']
/** Of systemd's exposure, 0 to 10; docs/operations.md names the figure. */
const MOST_EXPOSED = 2.0

const hasTool = spawnSync('systemd-analyze', ['--version']).status === 0
const source = (unit: string) => readFileSync(join(ROOT, 'deploy/systemd', unit), 'utf8')

describe.each(UNITS)('%s', (unit) => {
  it('can write nowhere but in its own directory, gain nothing, and takes its secrets as credentials', () => {
    const text = source(unit)
    for (const line of [
      'ProtectSystem=strict',
      'NoNewPrivileges=yes',
      'StateDirectory=startlist',
      'NotifyAccess=all',
    ])
      expect(text).toContain(`${line}\n`)
    expect(text).toMatch(/^LoadCredential=startlist:/m)
    expect(text).toMatch(/^WatchdogSec=/m)
    expect(text).toMatch(/^MemoryMax=/m)
    expect(text).not.toMatch(/^Environment=.*(KEY|SECRET|PASSWORD|DATABASE_URL)/m)
  })
})

describe.runIf(hasTool)('systemd-analyze', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'startlist-units-'))
    for (const unit of UNITS) {
      // `verify` wants the program to be there.
      const text = source(unit)
        .replaceAll('@PATH@/current', ROOT)
        .replaceAll('@USER@', 'root')
        .replaceAll('@PORT@', '8080')
      writeFileSync(join(directory, unit), text)
    }
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  it.each(UNITS)('finds nothing wrong in %s', (unit) => {
    const { stderr, status } = spawnSync('systemd-analyze', ['verify', join(directory, unit)], {
      encoding: 'utf8',
    })
    expect(stderr.split('\n').filter((line) => line.includes(unit))).toEqual([])
    expect(status).toBe(0)
  })

  it('finds little exposed', () => {
    const args = ['security', '--offline=true', '--no-pager', join(directory, 'startlist.service')]
    const text = execFileSync('systemd-analyze', args, { encoding: 'utf8' })
    const exposed = Number(/exposure level for \S+: ([\d.]+)/.exec(text)?.[1])
    expect(exposed).toBeLessThanOrEqual(MOST_EXPOSED)
  })
})
