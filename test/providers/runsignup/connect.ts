import { afterEach, expect } from 'vitest'
import { VirtualClock } from '../../../src/domain/clock.ts'
import { StartlistError } from '../../../src/domain/errors.ts'
import type { JsonObject } from '../../../src/domain/json.ts'
import { createLogger } from '../../../src/observe/logger.ts'
import { type ConnectRunSignUpOptions, connectRunSignUp } from '../../../src/providers/runsignup/client.ts'
import { memoryMeter } from '../meter.ts'
import { type Fake, type FakeTraits, KEY, SECRET, startFake } from './server.ts'

const running: Fake[] = []
afterEach(async () => {
  for (const fake of running.splice(0)) await fake.stop()
})

export const start = Date.parse('2026-05-02T11:00:00Z')

/** A fake RunSignUp, and a way to connect to it as often as a test likes; traits are kept in between. */
export async function setup(traits: Partial<FakeTraits> = {}) {
  const fake = await startFake(traits)
  running.push(fake)
  const clock = new VirtualClock(start)
  const book = memoryMeter(clock)
  let kept: JsonObject = {}
  const refused: number[] = []
  const proven: number[] = []
  const connect = (part: Partial<ConnectRunSignUpOptions> = {}) =>
    connectRunSignUp({
      apiUrl: fake.apiUrl,
      apiKey: KEY,
      secrets: [{ credentialId: 1, secret: SECRET }],
      clock,
      meter: book.meter,
      traits: kept,
      onTraits: (next) => {
        kept = JSON.parse(JSON.stringify(next))
      },
      onRefused: (id) => void refused.push(id),
      onProven: (id) => void proven.push(id),
      ...part,
    })
  /** Connects with the form known, and without the calls that it took to learn it. */
  const opened = async (part: Partial<ConnectRunSignUpOptions> = {}) => {
    await connect().prove({ credentialId: 1, secret: SECRET })
    fake.calls.length = 0
    book.rows.length = 0
    return connect(part)
  }
  return { fake, clock, connect, opened, refused, proven, kept: () => kept, ...book }
}

/** The error of a call, after a look at whether anything of it tells a key, a secret or a query. */
export async function errorOf(promise: Promise<unknown>): Promise<StartlistError> {
  const error = await promise.then(
    () => new Error('no error'),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(StartlistError)
  const told = error as StartlistError
  const lines: string[] = []
  const log = createLogger({ level: 'debug', write: (line) => lines.push(line) })
  log.error({ err: told }, 'failed')
  const everything = `${told.message} ${told.hint} ${told.stack} ${JSON.stringify(told)} ${causes(told)} ${lines}`
  expect(everything).not.toMatch(/key-7f3a9c|s3cret|api_key|api_secret|results_per_page/i)
  return told
}

function causes(error: Error): string {
  const { cause } = error
  return cause instanceof Error ? `${cause.message} ${cause.stack} ${causes(cause)}` : String(cause)
}
