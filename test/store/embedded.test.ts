import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findBinaries, findPackage } from '../../src/store/embedded/binaries.ts'
import { findPlace, makePlace } from '../../src/store/embedded/place.ts'
import { findPostmaster } from '../../src/store/embedded/server.ts'
import { embeddedStatus, openEmbedded, stopEmbedded } from '../../src/store/embedded.ts'

const isRoot = process.getuid!() === 0
const NOBODY = isRoot ? Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' })) : -1
const script = join(import.meta.dirname, 'embedded-child.ts')

let top: string
let home: string
let children: ChildProcess[]
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), `startlist-test-${process.pid}-`)))
  chmodSync(top, 0o755)
  home = join(top, 'home')
  children = []
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await stopEmbedded(home)
  rmSync(top, { recursive: true, force: true })
})

/** A real process that has opened the home. */
async function user(options: { uid?: number; belowRoot?: string } = {}) {
  const ids = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }
  const args = ['--disable-warning=ExperimentalWarning', script, home, options.belowRoot ?? '']
  const child = spawn(process.execPath, args, {
    ...ids,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  children.push(child)
  const errors: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text))
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`the child ended with ${code}: ${errors.join('')}`)))
  })
  return {
    url,
    pid: child.pid!,
    async order(word: 'release' | 'exit' | 'throw') {
      child.stdin.write(`${word}\n`)
      await once(child, 'exit')
    },
    async kill(signal: NodeJS.Signals, group = false) {
      const gone = once(child, 'exit')
      process.kill(group ? -child.pid! : child.pid!, signal)
      await gone
    },
  }
}

async function ask(url: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query({ text: statement, rowMode: 'array' })
    return (rows[0] as unknown[] | undefined)?.[0]
  } finally {
    await client.end()
  }
}

const postmaster = () => {
  const place = findPlace(home)
  return place && findPostmaster(place)
}

describe('one server for all processes of a home', () => {
  it('is started once by two that come at the same moment, and stopped by the last to leave', async () => {
    const [a, b] = await Promise.all([user(), user()])
    expect(a.url).toBe(b.url)
    const { pid } = postmaster()!
    await a.order('release')
    expect(await ask(b.url, 'SELECT 1')).toBe(1)
    expect(postmaster()!.pid).toBe(pid)
    await b.order('release')
    expect(postmaster()).toBeNull()
  })

  it('survives kill -9 of the process that started it, and goes with the last', async () => {
    const starter = await user()
    const other = await user()
    await starter.kill('SIGKILL')
    expect(await ask(other.url, 'SELECT 1')).toBe(1)
    await other.order('release')
    expect(postmaster()).toBeNull()
  })

  it('survives when all are killed, is found again, and then goes', async () => {
    const killed = await user()
    const { pid } = postmaster()!
    await killed.kill('SIGKILL')
    const next = await user()
    expect(postmaster()!.pid).toBe(pid)
    await next.order('release')
    expect(postmaster()).toBeNull()
  })

  it('does not hear the Ctrl-C of the terminal', async () => {
    const starter = await user()
    await starter.kill('SIGINT', true)
    expect(await ask(starter.url, 'SELECT 1')).toBe(1)
  })

  it.each(['exit', 'throw'] as const)(
    'is left by a process that ends by %s without releasing',
    async (end) => {
      const [first, last] = [await user(), await user()]
      await first.order(end)
      expect(await ask(last.url, 'SELECT 1')).toBe(1)
      await last.order(end)
      await expect.poll(postmaster).toBeNull()
    },
  )

  it('is opened anew by whoever comes while it is ending', async () => {
    for (let round = 0; round < 3; round++) {
      const leaver = await user()
      await leaver.order('exit')
      const next = await user()
      expect(await ask(next.url, 'SELECT 1')).toBe(1)
      await next.order('release')
    }
  })

  it('counts two openings of one process as two', async () => {
    const a = await openEmbedded(home, { fast: true })
    const b = await openEmbedded(home, { fast: true })
    await a.release()
    await a.release()
    expect(await ask(b.url, 'SELECT 1')).toBe(1)
    await b.release()
    expect(postmaster()).toBeNull()
  })

  it('is stopped by stopEmbedded whoever uses it', async () => {
    expect(await stopEmbedded(home)).toBe(false)
    await user()
    expect(await stopEmbedded(home)).toBe(true)
    expect(postmaster()).toBeNull()
    expect(await stopEmbedded(home)).toBe(false)
  })
})

describe('what a home keeps', () => {
  it('data, port and password, the latter for its owner only; and says where the server is', async () => {
    expect(embeddedStatus(home)).toBeNull()
    const first = await openEmbedded(home, { fast: true })
    expect(embeddedStatus(home)).toMatchObject({ running: true, url: first.url })
    await ask(first.url, 'CREATE TABLE kept AS SELECT 7 AS n')
    await first.release()
    expect(embeddedStatus(home)).toMatchObject({ running: false })
    const second = await openEmbedded(home, { fast: true })
    expect(second.url).toBe(first.url)
    expect(await ask(second.url, 'SELECT n FROM kept')).toBe(7)
    expect(statSync(findPlace(home)!.password).mode & 0o777).toBe(0o600)
    await second.release()
  })

  it('takes another port when its own is in use', async () => {
    const first = await openEmbedded(home, { fast: true })
    await first.release()
    const squatter = createServer().listen(Number(new URL(first.url).port), '127.0.0.1')
    await once(squatter, 'listening')
    const second = await openEmbedded(home, { fast: true })
    expect(second.url).not.toBe(first.url)
    await second.release()
    squatter.close()
  })

  it('everything committed, after the server was killed', async () => {
    const before = await openEmbedded(home)
    await ask(before.url, 'CREATE TABLE kept AS SELECT 7 AS n')
    const { pid } = postmaster()!
    process.kill(pid, 'SIGKILL')
    await expect.poll(postmaster).toBeNull()
    const after = await openEmbedded(home)
    expect(await ask(after.url, 'SELECT n FROM kept')).toBe(7)
    expect(await ask(after.url, 'SHOW fsync')).toBe('on')
    await before.release()
    await after.release()
    expect(postmaster()).toBeNull()
  })

  it('no trust in a pid that now belongs to another program', async () => {
    const first = await openEmbedded(home, { fast: true })
    const file = join(findPlace(home)!.data, 'postmaster.pid')
    const text = readFileSync(file, 'utf8')
    await first.release()
    // A process of the server's user, as after a restart of the machine; PostgreSQL alone would refuse to start.
    const owner = statSync(dirname(file))
    const innocent = spawn('sleep', ['60'], { uid: owner.uid, gid: owner.gid, stdio: 'ignore' })
    children.push(innocent)
    writeFileSync(file, text.replace(/^\d+/, String(innocent.pid)))
    chownSync(file, owner.uid, owner.gid)
    expect(postmaster()).toBeNull()
    const second = await openEmbedded(home, { fast: true })
    expect(await ask(second.url, 'SELECT 1')).toBe(1)
    await second.release()
    expect(innocent.exitCode).toBeNull()
  })
})

describe('the server', () => {
  it('listens on loopback only, without a socket file, and logs no values', async () => {
    const { url, release } = await openEmbedded(home, { fast: true })
    expect(await ask(url, 'SHOW listen_addresses')).toBe('127.0.0.1')
    expect(await ask(url, 'SHOW unix_socket_directories')).toBe('')
    await ask(url, 'CREATE TABLE runners (name text PRIMARY KEY, born date)')
    await ask(url, `INSERT INTO runners VALUES ('Zebulon')`)
    await expect(ask(url, `INSERT INTO runners VALUES ('Zebulon')`)).rejects.toMatchObject({ code: '23505' })
    await expect(ask(url, `INSERT INTO runners VALUES ('A', 'Zebulon')`)).rejects.toMatchObject({
      code: '22007',
    })
    await release()
    expect(readFileSync(join(home, 'postgres.log'), 'utf8')).not.toContain('Zebulon')
  })

  it('refuses a wrong password', async () => {
    const { url, release } = await openEmbedded(home, { fast: true })
    const wrong = new URL(url)
    wrong.password = 'guess'
    await expect(ask(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
    await release()
  })

  it('names its log when it does not start', async () => {
    const { release } = await openEmbedded(home, { fast: true })
    await release()
    rmSync(join(findPlace(home)!.data, 'global'), { recursive: true })
    const error = await openEmbedded(home, { fast: true }).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'EMBEDDED_FAILED' })
    expect(String(error)).toContain(join(home, 'postgres.log'))
  })

  it('is not started on data of another major version', async () => {
    const { release } = await openEmbedded(home, { fast: true })
    await release()
    writeFileSync(join(findPlace(home)!.data, 'PG_VERSION'), '14\n')
    await expect(openEmbedded(home, { fast: true })).rejects.toMatchObject({
      code: 'EMBEDDED_FAILED',
      message: expect.stringContaining('PostgreSQL 14'),
    })
  })
})

// What follows needs root, to become somebody else. Elsewhere it is reported as skipped, with this name.
describe.runIf(isRoot)('for root, on a system where only root may do so', () => {
  it('runs as an unprivileged user', async () => {
    const { release } = await openEmbedded(home, { fast: true })
    expect(statSync(findPlace(home)!.data).uid).not.toBe(0)
    expect(readFileSync(`/proc/${postmaster()!.pid}/status`, 'utf8')).not.toMatch(/^Uid:\s+0/m)
    await release()
  })

  it('serves another user in a home of theirs, and root who comes after them', async () => {
    mkdirSync(home)
    chownSync(home, NOBODY, NOBODY)
    const nobody = await user({ uid: NOBODY })
    const root = await user()
    expect(root.url).toBe(nobody.url)
    await nobody.order('release')
    expect(await ask(root.url, 'SELECT 1')).toBe(1)
    await root.order('release')
    expect(postmaster()).toBeNull()
    // And what root has left behind is no obstacle.
    await stopEmbedded(home)
    const rootFirst = await user()
    const again = await user({ uid: NOBODY })
    await rootFirst.order('release')
    await again.order('release')
    expect(postmaster()).toBeNull()
  })

  it('moves the data of a home that only root can enter, and finds it again', async () => {
    home = join(top, 'private', 'home')
    mkdirSync(home, { recursive: true })
    chmodSync(join(top, 'private'), 0o700)
    const belowRoot = join(top, 'var-lib-startlist')
    const [a, b] = await Promise.all([user({ belowRoot }), user({ belowRoot })])
    expect(a.url).toBe(b.url)
    expect(findPlace(home)!.base.startsWith(belowRoot)).toBe(true)
    await ask(a.url, 'CREATE TABLE kept AS SELECT 7 AS n')
    await a.order('release')
    await b.order('release')
    expect(postmaster()).toBeNull()
    const later = await user()
    expect(await ask(later.url, 'SELECT n FROM kept')).toBe(7)
    await later.order('release')
    rmSync(belowRoot, { recursive: true })
    await expect(openEmbedded(home)).rejects.toMatchObject({
      code: 'EMBEDDED_FAILED',
      message: expect.stringContaining('is gone'),
    })
    rmSync(join(home, 'postgres'))
  })

  it('copies the programs when the server cannot reach node_modules, readable whatever the umask was', () => {
    const { native, version } = findPackage()
    const hidden = join(top, 'hidden')
    cpSync(native, join(hidden, 'native'), { recursive: true, verbatimSymlinks: true })
    execFileSync('chmod', ['-R', 'go=', hidden])
    const place = makePlace(home)
    const binaries = findBinaries(place, { native: join(hidden, 'native'), version })
    expect(binaries.postgres.startsWith(place.base)).toBe(true)
    expect(
      execFileSync(binaries.postgres, ['--version'], { ...place.user!, cwd: '/', encoding: 'utf8' }),
    ).toContain('PostgreSQL')
    execFileSync(binaries.initdb, ['--version'], { ...place.user!, cwd: '/' })
  })
})
