import { describe, expect, it } from 'vitest'
import { openEmbedded, stopEmbedded } from '../../../src/store/embedded.ts'
import { ask, Homes } from './homes.ts'

const homes = new Homes()

describe('one server for all processes of a home', () => {
  it('is started once by two that come at the same moment, and stopped by the last to leave', async () => {
    const [a, b] = await Promise.all([homes.user(), homes.user()])
    expect(a.url).toBe(b.url)
    const { pid } = homes.postmaster()!
    await a.order('release')
    expect(await ask(b.url, 'SELECT 1')).toBe(1)
    expect(homes.postmaster()!.pid).toBe(pid)
    await b.order('release')
    expect(homes.postmaster()).toBeNull()
  })

  it('survives kill -9 of the process that started it, and goes with the last', async () => {
    await homes.used()
    const starter = await homes.user()
    const other = await homes.user()
    await starter.kill('SIGKILL')
    expect(await ask(other.url, 'SELECT 1')).toBe(1)
    await other.order('release')
    expect(homes.postmaster()).toBeNull()
  })

  it('survives when all are killed, is found again, and then goes', async () => {
    await homes.used()
    const killed = await homes.user()
    const { pid } = homes.postmaster()!
    await killed.kill('SIGKILL')
    const next = await homes.user()
    expect(homes.postmaster()!.pid).toBe(pid)
    await next.order('release')
    expect(homes.postmaster()).toBeNull()
  })

  it('does not hear the Ctrl-C of the terminal', async () => {
    await homes.used()
    const starter = await homes.user()
    await starter.kill('SIGINT', true)
    expect(await ask(starter.url, 'SELECT 1')).toBe(1)
  })

  it.each(['exit', 'throw'] as const)(
    'is left by a process that ends by %s without releasing',
    async (end) => {
      await homes.used()
      const [first, last] = [await homes.user(), await homes.user()]
      await first.order(end)
      expect(await ask(last.url, 'SELECT 1')).toBe(1)
      await last.order(end)
      await expect.poll(homes.postmaster).toBeNull()
    },
  )

  it('is opened anew by whoever comes while it is ending', async () => {
    await homes.used()
    for (let round = 0; round < 3; round++) {
      const leaver = await homes.user()
      await leaver.order('exit')
      const next = await homes.user()
      expect(await ask(next.url, 'SELECT 1')).toBe(1)
      await next.order('release')
    }
  })

  it('counts two openings of one process as two', async () => {
    await homes.used()
    const a = await openEmbedded(homes.home, { fast: true })
    const b = await openEmbedded(homes.home, { fast: true })
    await a.release()
    await a.release()
    expect(await ask(b.url, 'SELECT 1')).toBe(1)
    await b.release()
    expect(homes.postmaster()).toBeNull()
  })

  it('is stopped by stopEmbedded whoever uses it', async () => {
    expect(await stopEmbedded(homes.home)).toBe(false)
    await homes.user()
    expect(await stopEmbedded(homes.home)).toBe(true)
    expect(homes.postmaster()).toBeNull()
    expect(await stopEmbedded(homes.home)).toBe(false)
  })
})
