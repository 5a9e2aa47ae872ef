import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Program } from '../../cli/run-startlist.ts'

describe("without a database of one's own", () => {
  it('the embedded one is made at first use, with its schema and key', async () => {
    const fresh = new Program({})
    try {
      const first = await fresh.json(['doctor'])
      expect(first.code).toBe(0)
      expect(first.lines.find((line) => line.check === 'schema')).toMatchObject({ state: 'warn' })
      const added = await fresh.run(['partners', 'add', '--name', 'Lantern Timing'])
      expect(added).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('Preparing the embedded database'),
      })
      expect(await fresh.run(['partners', 'list'])).toMatchObject({
        code: 0,
        stderr: '',
        stdout: expect.stringContaining('Lantern Timing'),
      })
      expect(statSync(join(fresh.home, 'key')).mode & 0o777).toBe(0o600)
      const [config] = (await fresh.json(['config'])).lines
      expect(config).toMatchObject({ embedded: true, STARTLIST_HOME: fresh.home })
      expect(config?.DATABASE_URL).toMatch(/^postgres:\/\/startlist:\*+@127\.0\.0\.1:\d+\/startlist$/)
      const doctor = await fresh.json(['doctor'])
      expect(doctor.code).toBe(0)
      expect(doctor.lines.find((line) => line.check === 'credentials')).toMatchObject({ state: 'warn' })
      expect(await fresh.json(['stop'])).toMatchObject({ code: 0, lines: [{ stopped: false }] })
    } finally {
      await fresh.run(['stop'])
      fresh.dispose()
    }
  })
})
