import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildDashboard } from '../../web/build.ts'

/** Over a phone's connection at the start line, bytes. */
const MOST_SCRIPT = 150_000
/** A build takes two seconds, and much longer beside other work. */
const LONG_MS = 120_000

describe('the built dashboard', () => {
  let built: string
  let names: string[]
  beforeAll(async () => {
    built = mkdtempSync(join(tmpdir(), 'startlist-dashboard-'))
    expect(await buildDashboard(built)).toBe('built')
    names = readdirSync(built, { recursive: true, encoding: 'utf8' })
  }, LONG_MS)
  afterAll(() => rmSync(built, { recursive: true, force: true }))

  const read = (name: string) => readFileSync(join(built, name))

  it('has at most 150 kB of JavaScript in all, compressed the worse way', () => {
    const scripts = names.filter((name) => name.endsWith('.js'))
    expect(scripts.length).toBeGreaterThan(0)
    const bytes = scripts.reduce((sum, name) => sum + gzipSync(read(name), { level: 9 }).length, 0)
    expect(bytes).toBeLessThan(MOST_SCRIPT)
  })

  it('has every text compressed beside it', () => {
    const texts = names.filter((name) => /\.(js|css|html|svg)$/.test(name))
    for (const name of texts) for (const suffix of ['.br', '.gz']) expect(names).toContain(name + suffix)
  })

  it('runs under a policy without inline scripts and styles, and asks nobody else for anything', () => {
    const page = read('index.html').toString()
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/)
    for (const name of names.filter((each) => /\.(html|css)$/.test(each)))
      expect(read(name).toString()).not.toMatch(/(?:src|href|url)[=(]["']?(?:https?:)?\/\//)
    // A style attribute in a template would be refused by the policy, silently.
    for (const name of names.filter((each) => each.endsWith('.js')))
      expect(read(name).toString()).not.toMatch(/<[a-z][^<>]{0,200} style=\\?["'`]/)
  })
})
