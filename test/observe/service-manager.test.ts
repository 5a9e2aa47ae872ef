import { describe, expect, it } from 'vitest'
import { serviceManager } from '../../src/observe/service-manager.ts'

function recorded(env: NodeJS.ProcessEnv) {
  const sent: string[][] = []
  const manager = serviceManager(env, (...assignments) => sent.push(assignments))
  return { manager, sent }
}

describe('the service manager', () => {
  it('is told of readiness, life and the end', () => {
    const { manager, sent } = recorded({})
    manager.ready('keeps 2 accounts current')
    manager.alive()
    manager.stopping()
    expect(sent).toEqual([
      ['READY=1', 'STATUS=keeps 2 accounts current'],
      ['WATCHDOG=1'],
      ['STOPPING=1', 'STATUS=the page under way finishes'],
    ])
  })

  it('says how often it wants to hear of this process', () => {
    const mine = { WATCHDOG_USEC: '90000000', WATCHDOG_PID: String(process.pid) }
    expect(recorded(mine).manager.watchdogMs).toBe(90_000)
    expect(recorded({ WATCHDOG_USEC: '90000000' }).manager.watchdogMs).toBe(90_000)
  })

  it('is nobody where there is none, or where it watches another process', () => {
    expect(recorded({}).manager.watchdogMs).toBeNull()
    expect(recorded({ WATCHDOG_USEC: '90000000', WATCHDOG_PID: '1' }).manager.watchdogMs).toBeNull()
    expect(() => serviceManager({}).ready('nobody hears this')).not.toThrow()
  })
})
