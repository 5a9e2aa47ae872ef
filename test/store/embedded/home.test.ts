import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findPlace } from '../../../src/store/embedded/place.ts'
import { embeddedStatus, openEmbedded } from '../../../src/store/embedded.ts'
import { ask, Homes } from './homes.ts'

const homes = new Homes()

describe('what a home keeps', () => {
  it('data, port and password, the latter for its owner only; and says where the server is', async () => {
    expect(embeddedStatus(homes.home)).toBeNull()
    const first = await openEmbedded(homes.home, { fast: true })
    expect(embeddedStatus(homes.home)).toMatchObject({ running: true, url: first.url })
    await ask(first.url, 'CREATE TABLE kept AS SELECT 7 AS n')
    await first.release()
    expect(embeddedStatus(homes.home)).toMatchObject({ running: false })
    const second = await openEmbedded(homes.home, { fast: true })
    expect(second.url).toBe(first.url)
    expect(await ask(second.url, 'SELECT n FROM kept')).toBe(7)
    expect(statSync(findPlace(homes.home)!.password).mode & 0o777).toBe(0o600)
    await second.release()
  })

  it('takes another port when its own is in use', async () => {
    await homes.used()
    const first = await openEmbedded(homes.home, { fast: true })
    await first.release()
    const squatter = createServer().listen(Number(new URL(first.url).port), '127.0.0.1')
    await once(squatter, 'listening')
    const second = await openEmbedded(homes.home, { fast: true })
    expect(second.url).not.toBe(first.url)
    await second.release()
    squatter.close()
  })

  it('everything committed, after the server was killed', async () => {
    const before = await openEmbedded(homes.home)
    await ask(before.url, 'CREATE TABLE kept AS SELECT 7 AS n')
    const { pid } = homes.postmaster()!
    process.kill(pid, 'SIGKILL')
    await expect.poll(homes.postmaster).toBeNull()
    const after = await openEmbedded(homes.home)
    expect(await ask(after.url, 'SELECT n FROM kept')).toBe(7)
    expect(await ask(after.url, 'SHOW fsync')).toBe('on')
    await before.release()
    await after.release()
    expect(homes.postmaster()).toBeNull()
  })

  it('no trust in a pid that now belongs to another program', async () => {
    await homes.used()
    const first = await openEmbedded(homes.home, { fast: true })
    const file = join(findPlace(homes.home)!.data, 'postmaster.pid')
    const text = readFileSync(file, 'utf8')
    await first.release()
    // A process of the server's user, as after a restart of the machine; PostgreSQL alone would refuse to start.
    const owner = statSync(dirname(file))
    const innocent = spawn('sleep', ['60'], { uid: owner.uid, gid: owner.gid, stdio: 'ignore' })
    homes.children.push(innocent)
    writeFileSync(file, text.replace(/^\d+/, String(innocent.pid)))
    chownSync(file, owner.uid, owner.gid)
    expect(homes.postmaster()).toBeNull()
    const second = await openEmbedded(homes.home, { fast: true })
    expect(await ask(second.url, 'SELECT 1')).toBe(1)
    await second.release()
    expect(innocent.exitCode).toBeNull()
  })
})

describe('the server', () => {
  it('listens on loopback only, without a socket file, and logs no values', async () => {
    await homes.used()
    const { url, release } = await openEmbedded(homes.home, { fast: true })
    expect(await ask(url, 'SHOW listen_addresses')).toBe('127.0.0.1')
    expect(await ask(url, 'SHOW unix_socket_directories')).toBe('')
    await ask(url, 'CREATE TABLE runners (name text PRIMARY KEY, born date)')
    await ask(url, `INSERT INTO runners VALUES ('Zebulon')`)
    await expect(ask(url, `INSERT INTO runners VALUES ('Zebulon')`)).rejects.toMatchObject({ code: '23505' })
    await expect(ask(url, `INSERT INTO runners VALUES ('A', 'Zebulon')`)).rejects.toMatchObject({
      code: '22007',
    })
    await release()
    expect(readFileSync(join(homes.home, 'postgres.log'), 'utf8')).not.toContain('Zebulon')
  })

  it('refuses a wrong password', async () => {
    await homes.used()
    const { url, release } = await openEmbedded(homes.home, { fast: true })
    const wrong = new URL(url)
    wrong.password = 'guess'
    await expect(ask(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
    await release()
  })

  it('names its log when it does not start', async () => {
    await homes.used()
    const { release } = await openEmbedded(homes.home, { fast: true })
    await release()
    rmSync(join(findPlace(homes.home)!.data, 'global'), { recursive: true })
    const error = await openEmbedded(homes.home, { fast: true }).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'EMBEDDED_FAILED' })
    expect(String(error)).toContain(join(homes.home, 'postgres.log'))
  })

  it('is not started on data of another major version', async () => {
    await homes.used()
    const { release } = await openEmbedded(homes.home, { fast: true })
    await release()
    writeFileSync(join(findPlace(homes.home)!.data, 'PG_VERSION'), '14\n')
    await expect(openEmbedded(homes.home, { fast: true })).rejects.toMatchObject({
      code: 'EMBEDDED_FAILED',
      message: expect.stringContaining('PostgreSQL 14'),
    })
  })
})
