import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterEach, describe, expect, inject, it } from 'vitest'

/** What `npm run demo` runs. */
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

interface Run {
  child: ChildProcess
  /** Where its home is made; nobody else's is here. */
  temp: string
  output(): string
  /** Waits for a text in the output, or for the end. */
  saw(text: string): Promise<void>
  /** Waits for a file in its home, or for the end. */
  made(file: string): Promise<void>
  ended: Promise<{ code: number | null; signal: string | null }>
}

const runs: Run[] = []
afterEach(async () => {
  for (const run of runs.splice(0)) {
    run.child.kill('SIGTERM')
    await run.ended
    rmSync(run.temp, { recursive: true, force: true })
  }
})

/** Runs the demo in a process of its own, in a shell that has a real installation's variables set. */
function start(options: { keep?: boolean } = {}): Run {
  const temp = mkdtempSync(join(inject('scratch'), 'startlist-test-demo-'))
  chmodSync(temp, 0o711)
  const child = spawn(process.execPath, [MAIN, 'demo', ...(options.keep ? ['--keep'] : [])], {
    cwd: '/',
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      TMPDIR: temp,
      DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:9/nowhere',
      STARTLIST_HOME: join(temp, 'never'),
      STARTLIST_KEY: 'no key',
      HAKU_API_URL: 'http://127.0.0.1:9',
      HAKU_QUOTA_PER_HOUR: '1',
      NO_COLOR: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }))
  const until = async (isSo: () => boolean) => {
    let over = false
    void ended.then(() => {
      over = true
    })
    while (!isSo() && !over) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const run: Run = {
    child,
    temp,
    ended,
    output: () => output,
    saw: (text) => until(() => output.includes(text)),
    made: (file) => until(() => readdirSync(temp).some((home) => existsSync(join(temp, home, file)))),
  }
  runs.push(run)
  return run
}

/** What a demo left behind: files, and processes that name them. */
function leftBy({ temp }: Run): string[] {
  const processes = execFileSync('ps', ['-ww', '-A', '-o', 'command='], { encoding: 'utf8' })
  return [...readdirSync(temp), ...processes.split('\n').filter((command) => command.includes(temp))]
}

const number = (text: string | undefined) => Number(text?.replaceAll(',', ''))

describe('the demo', () => {
  it('ends well, with rows equal to the truth and fewer calls than the naive way', {
    timeout: 180_000,
  }, async () => {
    const run = start()
    expect(await run.ended, run.output()).toEqual({ code: 0, signal: null })
    const output = run.output()
    expect(output).toMatch(/^ {2}Rows equal RunSignUp's truth: yes \(\d+ registrations\)$/m)
    expect(output).toMatch(/^rows equal the provider's truth: yes \(\d+ registrations, [\d,]+ fields\)$/m)
    const calls = /^calls in the morning: ([\d,]+) against ([\d,]+),/m.exec(output)
    const [ours, theirs] = [number(calls?.[1]), number(calls?.[2])]
    expect(ours).toBeGreaterThan(120)
    expect(theirs).toBeGreaterThan(50 * ours)
    const total = /^ {2}together +([\d,]+) +([\d,]+)$/m.exec(output)
    expect(number(total?.[1])).toBeLessThan(number(total?.[2]))
    expect(output).toMatch(/^ {2}05:\d\d:\d\d {2}bib \d+ -> \d+, \S+ \S\., \d+ s after the change$/m)
    expect(output).toContain('docs/quickstart.md')
    expect(output.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(output).not.toContain('\u001b')
    expect(leftBy(run)).toEqual([])
  })

  it.each([
    ['at the start', 'startlist demo'],
    ['while details come in', 'Lantern Bay Runners'],
    ['in the morning', 'after the change'],
  ])('stopped by Ctrl-C %s leaves nothing behind', { timeout: 60_000 }, async (_, text) => {
    const run = start()
    await run.saw(text)
    run.child.kill('SIGINT')
    expect(await run.ended, run.output()).toEqual({ code: 130, signal: null })
    expect(run.output()).toContain('everything that was started is gone again')
    expect(leftBy(run)).toEqual([])
  })

  it.each([
    ['while its database is made', 'postgres.new'],
    ['while its database starts', 'postgres.port'],
    ['before its first call', 'key'],
  ])('stopped by Ctrl-C %s leaves nothing behind', { timeout: 60_000 }, async (_, file) => {
    const run = start()
    await run.made(file)
    run.child.kill('SIGINT')
    expect(await run.ended, run.output()).toEqual({ code: 130, signal: null })
    expect(leftBy(run)).toEqual([])
  })

  it('stopped by an impatient second Ctrl-C leaves nothing behind', { timeout: 60_000 }, async () => {
    const run = start()
    await run.saw('Lantern Bay Runners')
    run.child.kill('SIGINT')
    await run.saw('once more to stop at once')
    run.child.kill('SIGINT')
    expect(await run.ended, run.output()).toEqual({ code: 130, signal: null })
    expect(leftBy(run)).toEqual([])
  })

  it('goes on with --keep until Ctrl-C', { timeout: 180_000 }, async () => {
    const run = start({ keep: true })
    await run.saw('bin/startlist status')
    const client = new pg.Client({ connectionString: /postgres:\S+/.exec(run.output())?.[0] ?? '' })
    await client.connect()
    const { rows } = await client.query(
      'SELECT count(DISTINCT timing_partner_id)::int AS partners FROM haku_participants',
    )
    await client.end()
    expect(rows).toEqual([{ partners: 5 }])
    run.child.kill('SIGINT')
    expect(await run.ended, run.output()).toEqual({ code: 130, signal: null })
    expect(leftBy(run)).toEqual([])
  })
})
