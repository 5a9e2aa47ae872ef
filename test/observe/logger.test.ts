import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { StartlistError } from '../../src/domain/errors.ts'
import { createLogger, registerSecret } from '../../src/observe/logger.ts'
import fc from '../helpers/fast-check.ts'

/** Logs with a fresh logger and returns the lines. */
function logged(use: (log: ReturnType<typeof createLogger>) => void, level = 'info'): string {
  const lines: string[] = []
  use(createLogger({ level, write: (line) => lines.push(line) }))
  return lines.join('')
}

const SECRET = 'pa/ss+word="Zü ri\\ch"&50%!'
const b64 = (text: string) => Buffer.from(text).toString('base64')

describe('a registered secret', () => {
  it.each<[string, string]>([
    ['as it is', SECRET],
    ['in a sentence', `the secret ${SECRET} was refused`],
    ['URL-encoded', encodeURIComponent(SECRET)],
    ['URL-encoded in lower case', encodeURIComponent(SECRET).replace(/%\w\w/g, (code) => code.toLowerCase())],
    ['form-encoded', new URLSearchParams({ s: SECRET }).toString()],
    ['in base64', b64(SECRET)],
    ['in base64url', Buffer.from(SECRET).toString('base64url')],
    ['as Basic credentials', `x ${b64(`client:${SECRET}`)}`],
    ['in base64, one byte later', b64(`cclient:${SECRET}:more`)],
    ['in base64, two bytes later', b64(`ccclient:${SECRET}:more`)],
    ['in hex', Buffer.from(SECRET).toString('hex').toUpperCase()],
    ['as JSON in a text', JSON.stringify({ s: SECRET })],
  ])('is not to be found %s', (_, text) => {
    registerSecret(SECRET)
    const line = logged((log) => log.info({ a: { b: [text] }, [text]: 1 }, text))
    expect(line).toContain('[secret]')
    for (const form of [SECRET, text, JSON.stringify(SECRET).slice(1, -1), b64(SECRET).slice(3, -4)]) {
      expect(line.toLowerCase()).not.toContain(form.toLowerCase())
    }
    expect(() => JSON.parse(line)).not.toThrow()
  })

  it('whatever it is made of, the line stays JSON without it', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 12, maxLength: 40, unit: 'binary' }),
        fc.nat(5),
        (secret, offset) => {
          fc.pre(secret.isWellFormed() && new Set(secret).size > 6)
          registerSecret(secret)
          const before = 'x'.repeat(offset)
          const line = logged((log) =>
            log.info({ said: `${before}${secret}`, sent: b64(before + secret + before) }),
          )
          const { said, sent } = JSON.parse(line)
          expect(said).not.toContain(secret)
          expect(Buffer.from(sent.replaceAll('[secret]', ''), 'base64').toString()).not.toContain(secret)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('is gone from an error, its cause and its stack', () => {
    registerSecret(SECRET)
    const cause = new Error(`cause: ${SECRET}`)
    const err = new StartlistError('TOKEN_REFUSED', `token of ${SECRET} refused`, { cause })
    const line = logged((log) => log.debug({ err }, 'failed'), 'debug')
    expect(line).not.toContain('Zü')
    expect(line).toContain('stack')
  })

  it('is gone as a number', () => {
    registerSecret('918273645')
    expect(logged((log) => log.info({ n: 918273645 }))).not.toContain('918273645')
  })

  it('of three characters or fewer is no secret', () => {
    registerSecret('inf')
    expect(logged((log) => log.info('info'))).toContain('info')
  })
})

describe('without being registered', () => {
  it.each([
    'https://runsignup.com/Rest/races?api_key=AAAA1111&api_secret=BBBB2222&format=json',
    'https://runsignup.com/Rest/races?format=json&rsu_api_key=AAAA1111',
    '/Rest/race/1?tmp_key=AAAA1111&tmp_secret=BBBB2222',
    'https://x.test/?access_token=AAAA1111#top',
    'postgres://startlist:AAAA1111@127.0.0.1:5432/startlist',
    'Authorization: Bearer AAAA1111BBBB2222',
    'Authorization: Basic AAAA1111BBBB2222',
    'token eyJAAAA1111.BBBB2222.cccc3333 refused',
    'client_secret=AAAA1111&grant_type=client_credentials',
    'token slt_AAAA1111BBBB2222cccc3333 refused',
  ])('%s loses its secrets', (text) => {
    const line = logged((log) => log.info({ url: text }, text))
    expect(line).not.toMatch(/AAAA1111|BBBB2222/)
    expect(line).toContain('[secret]')
  })

  it('members with the name of a secret, a header or a person lose their value at any depth', () => {
    const members = {
      secret: 'v1',
      apiKey: 'v2',
      authorization: 'v3',
      headers: { a: 'v4' },
      body: 'v5',
      first_name: 'v6',
      email: 'v7',
    }
    const line = logged((log) => log.info({ ...members, deep: [{ deeper: members }] }))
    expect(line).not.toMatch(/"v\d"/)
  })

  it('ordinary members stay', () => {
    const turn = {
      account: 7,
      purpose: 'token',
      events: ['35'],
      calls: 3,
      rows: 250,
      ms: 812,
      next: '2026-05-02T11:00:00Z',
    }
    expect(JSON.parse(logged((log) => log.info(turn, 'turn')))).toMatchObject({
      ...turn,
      level: 'info',
      msg: 'turn',
    })
  })
})

describe('errors', () => {
  it('show code, class, message and hint, and no stack at info', () => {
    const err = new StartlistError('THROTTLED', 'wait', {
      status: 429,
      retryAt: Date.parse('2026-05-02T11:00:00Z'),
    })
    const line = JSON.parse(logged((log) => log.error({ err })))
    expect(line.err).toEqual({
      code: 'THROTTLED',
      class: 'rate_limited',
      message: 'wait',
      hint: expect.stringContaining('pause'),
      status: 429,
      retryAt: '2026-05-02T11:00:00.000Z',
    })
  })

  it('that nobody expected are INTERNAL, and do not drag a request or a row along', () => {
    const err = Object.assign(new Error('odd'), {
      code: '23505',
      detail: 'Key (email)=(a@b.test)',
      headers: { a: 'b' },
    })
    const line = logged((log) => log.error({ err }))
    expect(JSON.parse(line).err).toMatchObject({ code: 'INTERNAL', class: 'ours', cause: '23505' })
    expect(line).not.toContain('a@b.test')
  })
})

it('writes JSON lines to standard error, all of them, even when the process ends at once', () => {
  const script = `
    const { createLogger } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/observe/logger.ts'))})
    const log = createLogger()
    for (let i = 0; i < 5000; i++) log.info({ i, filler: 'x'.repeat(100) }, 'line')
    process.exit(0)`
  const script2 = ['--input-type=module', '-e', script]
  const output = execFileSync(
    '/bin/sh',
    ['-c', 'exec "$0" "$@" 2>&1 >/dev/null', process.execPath, ...script2],
    { encoding: 'utf8', maxBuffer: 1e8 },
  )
  const lines = output.trimEnd().split('\n')
  expect(lines).toHaveLength(5000)
  expect(JSON.parse(lines[4999]!)).toMatchObject({
    i: 4999,
    level: 'info',
    time: expect.stringMatching(/Z$/),
  })
})
