import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { testDatabase } from '../helpers/database.ts'
import { Host, runScript } from './host.ts'
import { type Morning, playDeploys, startMorning } from './story.ts'

const LONG = 300_000
/** The far half needs systemd's host: flock, setpriv, GNU mv. */
const isLinux = process.platform === 'linux'

let morning: Morning
let host: Host

beforeAll(async () => {
  morning = await startMorning(31)
})
afterAll(() => morning?.stop())

describe.runIf(isLinux)('a deploy', () => {
  it(
    'installs, upgrades, takes a bad release back and goes back when told to, and loses nothing',
    async () => {
      const { url } = await testDatabase()
      host = await Host.make(url, morning.haku)
      onTestFinished(() => host.dispose())
      await playDeploys(host, morning, url)
    },
    LONG,
  )
})

describe.runIf(isLinux)('a deploy that cannot be done leaves the running service untouched', () => {
  let good: string | null
  beforeAll(async () => {
    host = await Host.make((await testDatabase()).url, morning.haku)
    expect(await host.deploy()).toMatchObject({ code: 0 })
    good = host.release('current')
    await host.commit('The next release')
  }, LONG)
  afterAll(() => host.dispose())

  async function expectRefusal(why: string): Promise<void> {
    expect(await host.deploy()).toMatchObject({ code: 1, text: expect.stringContaining(why) })
    expect(host.release('current')).toBe(good)
    expect(await host.isReady()).toBe(true)
    expect(host.restarts).toBe(1)
  }

  it('when a unit was edited by hand', async () => {
    const unit = join(host.root, 'etc/systemd/system/startlist.service')
    const before = readFileSync(unit)
    appendFileSync(unit, 'Nice=5\n')
    await expectRefusal('edited by hand')
    writeFileSync(unit, before)
  })

  it('when the dependencies cannot be had', async () => {
    const registry = join(host.root, 'no-registry')
    writeFileSync(registry, '')
    await expectRefusal('dependencies could not be installed')
    expect(readdirSync(join(host.target, 'releases'))).toEqual([good])
    rmSync(registry)
  })

  it('when changes are not committed', async () => {
    const readme = join(host.clone, 'README.md')
    const before = readFileSync(readme)
    appendFileSync(readme, 'more\n')
    await expectRefusal('not committed')
    writeFileSync(readme, before)
  })

  it('when another deploy is under way', async () => {
    const other = spawn('flock', [join(host.target, '.deploy.lock'), '-c', 'echo locked; read -r _'])
    await once(other.stdout, 'data')
    await expectRefusal('another deploy is under way')
    other.stdin.end()
  })

  it('when the disk is full', async () => {
    const full = host.standIn('df', 'printf "Filesystem 1024-blocks Used Available\\n/dev/x 9 8 1024\\n"')
    await expectRefusal('only 1 MB are free')
    full()
  })

  it('when the Node of the host is too old for npm', async () => {
    const old = host.standIn('node', 'echo v16.20.0')
    await expectRefusal('npm runs on Node 16')
    old()
  })

  it('when the upload is damaged', async () => {
    const damaged = host.standIn('sha256sum', '[ "$1" = --status ] && exit 1; exec /usr/bin/sha256sum "$@"')
    await expectRefusal('checksum differs')
    damaged()
  })

  it('when an upload was cut short', async () => {
    const git = await host.deploy('--dry-run')
    const version = /would install (\S+)/.exec(git.text)?.[1]
    // Whatever is left of another attempt is overwritten, never unpacked.
    writeFileSync(join(host.target, 'incoming', `startlist-${version}.tar.gz.part`), 'half')
    writeFileSync(join(host.root, 'no-registry'), '')
    await expectRefusal('dependencies could not be installed')
    rmSync(join(host.root, 'no-registry'))
  })
})

describe.runIf(isLinux)('a first install', () => {
  it('stops at a database that a later release has made its own', { timeout: LONG }, async () => {
    const database = await testDatabase()
    await sql`INSERT INTO startlist.migrations (name, timestamp) VALUES ('9999_later', '2030-01-01')`.execute(
      database.db,
    )
    await sql`COMMENT ON TABLE startlist.migrations IS '9999_later'`.execute(database.db)
    host = await Host.make(database.url, morning.haku)
    expect(await host.deploy()).toMatchObject({ code: 1, text: expect.stringContaining('later release') })
    expect(host.restarts).toBe(0)
    await host.dispose()
  })

  it('stops at a taken port before anything is migrated', { timeout: LONG }, async () => {
    host = await Host.make((await testDatabase()).url, morning.haku)
    const server = createServer().listen(host.port, '127.0.0.1')
    const done = await host.deploy()
    server.close()
    expect(done).toMatchObject({ code: 1, text: expect.stringContaining(`port ${host.port} is taken`) })
    expect(existsSync(join(host.target, 'current'))).toBe(false)
    await host.dispose()
  })
})

describe('wrong usage', () => {
  it.each([
    [['--bogus'], 'unknown option --bogus'],
    [['--path', 'relative'], '--path is an absolute path'],
    [['--path', '/opt/a b'], '--path is an absolute path'],
    [['--run-as', 'Nobody;'], '--run-as is a user name'],
    [['--port', 'x'], '--port is a number'],
    [['--settings', '/nonexistent'], 'there is no file'],
    [['--host'], '--host needs a value'],
    [[], 'no host is given'],
  ])('%j exits with 2', async (args, message) => {
    const done = await runScript(args)
    expect(done).toMatchObject({ code: 2, text: expect.stringContaining(message) })
  })

  it('a host that cannot be reached is said in a line', async () => {
    // Port 1 of this machine: nobody listens there.
    const done = await runScript(['--dry-run', '--host', '127.0.0.1', '--ssh-port', '1'])
    expect(done).toMatchObject({
      code: 1,
      text: expect.stringMatching(/cannot reach 127\.0\.0\.1|not committed/),
    })
  })
})
