import { setTimeout as realSleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { SimulationClock } from '../../src/domain/simulation-clock.ts'

describe('a simulation clock', () => {
  it('wakes the sleepers of several tasks in the order of their instants', async () => {
    const clock = new SimulationClock(1_000)
    const seen: [string, number][] = []
    const task = (name: string, naps: number[]) =>
      clock.run(name, async () => {
        for (const nap of naps) {
          await clock.sleep(nap)
          seen.push([name, clock.now()])
        }
      })
    await Promise.all([task('a', [100, 100, 100]), task('b', [150, 10]), task('c', [300])])
    expect(seen).toEqual([
      ['a', 1_100],
      ['b', 1_150],
      ['b', 1_160],
      ['a', 1_200],
      ['c', 1_300],
      ['a', 1_300],
    ])
  })

  it('stands still while a task does real work', async () => {
    const clock = new SimulationClock(0)
    const instants: number[] = []
    await Promise.all([
      clock.run('busy', async () => {
        for (let i = 0; i < 3; i++) {
          await realSleep(5)
          instants.push(clock.now())
        }
        await clock.sleep(70)
      }),
      clock.run('sleeper', () => clock.sleep(50)),
    ])
    expect(instants).toEqual([0, 0, 0])
    expect(clock.now()).toBe(70)
  })

  it('lets one task act at a time, also at one instant', async () => {
    const clock = new SimulationClock(0)
    let awake = 0
    let most = 0
    const task = (name: string) =>
      clock.run(name, async () => {
        for (let i = 0; i < 4; i++) {
          await clock.sleep(10)
          most = Math.max(most, ++awake)
          await realSleep(1)
          awake--
        }
      })
    await Promise.all(['a', 'b', 'c'].map(task))
    expect(most).toBe(1)
    expect(clock.now()).toBe(40)
  })

  it('forgets a task that has ended or failed', async () => {
    const clock = new SimulationClock(0)
    const failed = clock.run('fails', async () => {
      await clock.sleep(5)
      throw new Error('broken')
    })
    const slept = clock.run('sleeps', () => clock.sleep(20))
    await expect(failed).rejects.toThrow('broken')
    await slept
    expect(clock.now()).toBe(20)
    expect(clock.standing()).toEqual([])
  })

  it('wakes an aborted sleeper at once, where time stands', async () => {
    const clock = new SimulationClock(0)
    const stop = new AbortController()
    let woke = -1
    const sleeper = clock.run('sleeper', async () => {
      await clock.sleep(1_000, stop.signal).catch(() => {})
      woke = clock.now()
    })
    await clock.run('stopper', async () => {
      await clock.sleep(30)
      stop.abort(new Error('enough'))
    })
    await sleeper
    expect(woke).toBe(30)
    await expect(clock.sleep(5, stop.signal)).rejects.toThrow('enough')
    expect(clock.now()).toBe(30)
  })

  it('counts what a task has started as that task, until it is a task of its own', async () => {
    const clock = new SimulationClock(0)
    const seen: number[] = []
    await clock.run('parent', async () => {
      const child = clock.run('child', async () => {
        await clock.sleep(10)
        seen.push(clock.now())
      })
      await realSleep(5)
      expect(clock.now()).toBe(0)
      expect(clock.standing()).toEqual(['parent'])
      await clock.sleep(25)
      seen.push(clock.now())
      await child
    })
    expect(seen).toEqual([10, 25])
  })

  it('moves with a sleeper outside every task, which holds nobody up', async () => {
    const clock = new SimulationClock(0)
    await clock.sleep(15)
    expect(clock.now()).toBe(15)
    let outside = 0
    const sleeping = clock.sleep(40).then(() => {
      outside = clock.now()
    })
    await clock.run('task', () => clock.sleep(100))
    await sleeping
    expect(outside).toBe(55)
    expect(clock.now()).toBe(115)
  })
})
