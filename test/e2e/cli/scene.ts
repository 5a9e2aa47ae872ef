import { expect } from 'vitest'
import { systemClock } from '../../../src/domain/clock.ts'
import { type Haku, startHaku, world } from '../../../src/simulator/index.ts'
import { type Ended, Program, type RunOptions } from '../../cli/run-startlist.ts'
import { type TestDatabase, testDatabase } from '../../helpers/database.ts'

export const SECRET = 'a-secret-of-the-first-partner'
export const OTHER_SECRET = 'a-secret-of-the-second-partner'
export const CLIENT = 'c1ie47'.repeat(4)

const DAY = 86_400_000

/** What a command that is refused ends with, and what it says. */
export interface Refusal {
  exit: number
  code: string
  text: RegExp
}

/** The real program before its first command, at a provider with a race that comes and one that is over. */
export interface CliScene {
  haku: Haku
  database: TestDatabase
  startlist: Program
  /** By both faces: one line without a stack trace, an object in JSON, and no call spent. */
  expectRefused(args: string[], expected: Refusal, options?: RunOptions): Promise<void>
  /** By JSON alone, half the processes: for tables of what is refused. What a person is told is made of the same. */
  expectRefusal(args: string[], expected: Refusal): Promise<void>
  stop(): Promise<void>
}

export async function openCliScene(): Promise<CliScene> {
  const scene = world({ clock: systemClock, seed: 3 })
  const organization = scene.addOrganization({
    name: 'Lantern Bay',
    clientId: CLIENT,
    secret: [SECRET, OTHER_SECRET],
  })
  scene.addEvent(organization, {
    id: 'soon',
    name: 'Harbor Half',
    participants: 30,
    startsAt: scene.now() + 3 * DAY,
  })
  scene.addEvent(organization, {
    id: 'past',
    name: 'Old Mill 5K',
    participants: 5,
    startsAt: scene.now() - 30 * DAY,
  })
  const haku = await startHaku({ world: scene })
  const database = await testDatabase()
  const startlist = Program.on(database.url, haku)

  function expectProblem(ended: Ended, { exit, code }: Refusal): { message: string; hint: string } {
    expect(ended).toMatchObject({ code: exit, stderr: '' })
    expect(ended.lines).toEqual([{ error: { code, message: expect.any(String), hint: expect.any(String) } }])
    return (ended.lines[0] as { error: { message: string; hint: string } }).error
  }

  return {
    haku,
    database,
    startlist,
    async expectRefused(args, expected, options = {}) {
      const before = haku.calls.last
      const [human, machine] = await Promise.all([
        startlist.run(args, options),
        startlist.json(args, options),
      ])
      expect({ exit: human.code, stdout: human.stdout }).toEqual({ exit: expected.exit, stdout: '' })
      expect(human.stderr).toMatch(/^startlist: [^\n]+\n$/)
      expect(human.stderr).toMatch(expected.text)
      expect(human.stderr).not.toMatch(/\n\s+at /)
      expectProblem(machine, expected)
      expect(haku.calls.last).toBe(before)
    },
    async expectRefusal(args, expected) {
      const before = haku.calls.last
      const { message, hint } = expectProblem(await startlist.json(args), expected)
      expect(`${message} ${hint}`).toMatch(expected.text)
      expect(`${message} ${hint}`).not.toMatch(/\n\s+at /)
      expect(haku.calls.last).toBe(before)
    },
    async stop() {
      startlist.dispose()
      await haku.stop()
    },
  }
}
