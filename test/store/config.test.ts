import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isKey, loadConfig, maskedConfig } from '../../src/config.ts'
import { embeddedKey } from '../../src/store/embedded/key.ts'

const KEY = Buffer.alloc(32, 7).toString('base64')
const URL_ = 'postgres://me:hunter2hunter2@db.test:6543/races'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'startlist-config-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const load = (env: Record<string, string> = {}) => loadConfig({ env, root })

describe('loadConfig', () => {
  it('has a default for everything', () => {
    expect(load()).toEqual({
      databaseUrl: null,
      home: join(root, '.startlist'),
      key: null,
      haku: {
        apiUrl: 'https://api.hakuapp.com',
        tokenUrl: 'https://prod-auth.hakuapp.com/oauth2/token',
        quotaPerHour: 500,
        minSpacingMs: 1500,
        concurrency: 1,
      },
      runsignup: {
        apiUrl: 'https://runsignup.com/Rest',
        quotaPerHour: 1000,
        minSpacingMs: 500,
        concurrency: 2,
        include: ['questions', 'corrals', 'checkin_data', 'registration_addons'],
      },
      logLevel: 'info',
      requestTimeoutMs: 30_000,
      concurrency: 8,
      apiRequestsPerSecond: 100,
      sweeps: { withinMs: 30 * 86_400_000, aheadMs: 30 * 60_000 },
      retentionDays: 0,
      backfill: { largeEvent: 1_000, databaseWaitMs: 600_000 },
      alerts: { webhook: null, mail: null },
      webhookNetworks: [],
    })
  })

  it('prefers the environment to .env, and an empty value is none', () => {
    writeFileSync(
      join(root, '.env'),
      '# quota\nHAKU_QUOTA_PER_HOUR=400\nHAKU_MIN_SPACING_MS="100"\nexport STARTLIST_LOG_LEVEL=debug\n',
    )
    const config = load({ HAKU_QUOTA_PER_HOUR: '300', HAKU_MIN_SPACING_MS: ' ' })
    expect(config.haku).toMatchObject({ quotaPerHour: 300, minSpacingMs: 100 })
    expect(config.logLevel).toBe('debug')
  })

  it('needs a key with DATABASE_URL', () => {
    expect(() => load({ DATABASE_URL: URL_ })).toThrow(
      expect.objectContaining({ code: 'KEY_MISSING', hint: expect.stringContaining('STARTLIST_KEY=') }),
    )
    expect(load({ DATABASE_URL: URL_, STARTLIST_KEY: KEY })).toMatchObject({ databaseUrl: URL_, key: KEY })
  })

  it.each([
    ['DATABASE_URL', 'mysql://me:hunter2hunter2@host/db'],
    ['DATABASE_URL', 'hunter2hunter2'],
    ['STARTLIST_KEY', 'hunter2hunter2'],
    ['STARTLIST_KEY', Buffer.alloc(31).toString('base64')],
    ['HAKU_API_URL', 'http://api.hakuapp.com'],
    ['HAKU_TOKEN_URL', 'ftp://x'],
    ['RUNSIGNUP_API_URL', 'runsignup.com'],
    ['HAKU_QUOTA_PER_HOUR', '0'],
    ['HAKU_QUOTA_PER_HOUR', '5e2'],
    ['RUNSIGNUP_QUOTA_PER_HOUR', '-1'],
    ['HAKU_MIN_SPACING_MS', '1.5'],
    ['RUNSIGNUP_MIN_SPACING_MS', 'fast'],
    ['RUNSIGNUP_INCLUDE', 'questions;corrals'],
    ['STARTLIST_LOG_LEVEL', 'loud'],
    ['STARTLIST_REQUEST_TIMEOUT_MS', '5'],
    ['STARTLIST_CONCURRENCY', '65'],
    ['STARTLIST_RETENTION_DAYS', 'two'],
    ['STARTLIST_ALERT_WEBHOOK_URL', 'http://hooks.example.com/hunter2hunter2'],
    ['STARTLIST_ALERT_WEBHOOK_SECRET', 'whsec_hunter2hunter2'],
    ['STARTLIST_ALERT_SMTP_URL', 'http://me:hunter2hunter2@mail.test'],
    ['STARTLIST_ALERT_MAIL_FROM', 'hunter2hunter2'],
    ['STARTLIST_ALERT_MAIL_TO', 'a@b.test;hunter2hunter2'],
  ])('names %s and not its value %j', (name, value) => {
    let error: unknown
    try {
      load({ [name]: value })
    } catch (e) {
      error = e
    }
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(`${name} must be`),
    })
    if (value.length > 8) expect(String(error)).not.toContain(value)
    expect(String(error)).not.toContain('hunter2')
  })

  it('takes http for this machine only, and drops a slash at the end', () => {
    expect(load({ HAKU_API_URL: 'http://127.0.0.1:8081/' }).haku.apiUrl).toBe('http://127.0.0.1:8081')
  })

  it.each([
    ['/var/startlist', () => '/var/startlist'],
    ['data', () => join(root, 'data')],
    ['~/races', () => join(homedir(), 'races')],
  ])('STARTLIST_HOME %s never depends on the working directory', (given, expected) => {
    expect(load({ STARTLIST_HOME: given }).home).toBe(expected())
  })

  it('keeps the home of a global install out of node_modules', () => {
    const installed = join(root, 'lib/node_modules/startlist')
    mkdirSync(installed, { recursive: true })
    expect(loadConfig({ env: {}, root: installed }).home).toBe(join(homedir(), '.startlist'))
  })
})

it('maskedConfig shows every variable and no secret', () => {
  const masked = maskedConfig(
    load({ DATABASE_URL: `${URL_}?sslpassword=hunter2hunter2`, STARTLIST_KEY: KEY }),
  )
  const text = JSON.stringify(masked)
  expect(text).not.toMatch(/hunter2/)
  expect(text).not.toContain(KEY)
  expect(text).toContain('db.test:6543/races')
  expect(masked).toMatchObject({ HAKU_QUOTA_PER_HOUR: 500, STARTLIST_HOME: join(root, '.startlist') })
})

describe('embeddedKey', () => {
  it('is made once, for its owner only', () => {
    const home = join(root, 'home')
    const key = embeddedKey(home)
    expect(isKey(key)).toBe(true)
    expect(embeddedKey(home)).toBe(key)
    expect(statSync(join(home, 'key')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(home, 'key'), 'utf8').trim()).toBe(key)
  })

  it('is the same for processes that come first at the same moment', async () => {
    const script = `
      const { embeddedKey } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/store/embedded/key.ts'))})
      process.stdout.write(embeddedKey(${JSON.stringify(join(root, 'home'))}))`
    const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
    const keys = (await Promise.all([run(), run(), run(), run()])).map((result) => result.stdout)
    expect(new Set(keys).size).toBe(1)
    expect(isKey(keys[0]!)).toBe(true)
  })

  it('says which file is damaged, and does not replace it', () => {
    writeFileSync(join(root, 'key'), 'not a key')
    expect(() => embeddedKey(root)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(join(root, 'key')),
      }),
    )
    expect(readFileSync(join(root, 'key'), 'utf8')).toBe('not a key')
  })
})
