import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import { isSafeAddress, SAFE_ADDRESS } from './config/addresses.ts'
import { type AlertConfig, alertConfig, alertVariables } from './config/alerts.ts'
import { networksVariable } from './config/networks.ts'
import { secretsFromFiles } from './config/secret-files.ts'
import { StartlistError } from './domain/errors.ts'
import { DEFAULT_SWEEPS, type SweepTimes } from './domain/sweep-times.ts'

export interface ProviderConfig {
  /** Without a slash at its end. */
  apiUrl: string
  /** Calls in any rolling 60 minutes, per account. */
  quotaPerHour: number
  /** Pause between two calls of an account, ms. */
  minSpacingMs: number
  /** Calls of an account that may be under way at once. */
  concurrency: number
  /** OAuth token endpoint; left out where secrets go with every call. */
  tokenUrl?: string
  /** Parts of a registration to ask for, in the provider's own names; left out where nothing is asked for by name. */
  include?: readonly string[]
}

export interface HakuConfig extends ProviderConfig {
  /** OAuth token endpoint. */
  tokenUrl: string
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What is in force: environment, then secrets in files, then `.env` beside bin/, then the defaults. */
export interface Config {
  /** Null: the embedded PostgreSQL of `home`. */
  databaseUrl: string | null
  /** Absolute. Embedded data, key, settings. */
  home: string
  /** base64 of 32 bytes; null: the one that {@link embeddedKey} keeps in `home`. */
  key: string | null
  haku: HakuConfig
  runsignup: ProviderConfig
  logLevel: LogLevel
  /** Longest wait for a provider's answer, ms. */
  requestTimeoutMs: number
  /** Accounts that one `run` works on at a time. */
  concurrency: number
  /** Requests to the HTTP API that one token may make in the long run. */
  apiRequestsPerSecond: number
  /** When lists are read whole. */
  sweeps: SweepTimes
  /** Days after an event's end for which its people are kept, where a timing partner has not decided; 0 is for ever. */
  retentionDays: number
  backfill: BackfillConfig
  alerts: AlertConfig
  /** Private networks that webhooks may go to, such as `10.1.0.0/16`. */
  webhookNetworks: readonly string[]
}

/** How `backfill` goes about it. */
export interface BackfillConfig {
  /** A list that shows more registrations is large, and read with `--process-large` alone. */
  largeEvent: number
  /** How long a database that went away is waited for, ms. */
  databaseWaitMs: number
}

/** Where the configuration is looked for; tests pass their own. */
export interface ConfigSources {
  env?: Record<string, string | undefined>
  /** Directory that holds bin/ and `.env`; a relative STARTLIST_HOME starts here, never at the working directory. */
  root?: string
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const KEY_BYTES = 32
const MASK = '********'
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** Client secrets travel to these addresses. */
const apiUrl = (preset: string) =>
  z
    .string()
    .default(preset)
    .refine(isSafeAddress, { error: SAFE_ADDRESS })
    .transform((text) => text.replace(/\/+$/, ''))

const whole = (preset: number, min: number, max: number, unit: string) => {
  const error = `a whole number of ${unit} from ${min} to ${max}`
  return z
    .string()
    .default(String(preset))
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, { error })
    .transform(Number)
}

/** Every variable: default, unit, validation. The message is what the value has to be. */
const variables = z.object({
  DATABASE_URL: z
    .string()
    .refine((text) => /^postgres(ql)?:$/.test(URL.parse(text)?.protocol ?? ''), {
      // With a password in it, the scrubber would take the example for a real one.
      error: 'an address like postgres://user@host:5432/database, the password behind the user and a colon',
    })
    .nullable()
    .default(null),
  STARTLIST_HOME: z.string().nullable().default(null),
  STARTLIST_KEY: z.string().refine(isKey, { error: 'base64 of 32 bytes' }).nullable().default(null),
  HAKU_API_URL: apiUrl('https://api.hakuapp.com'),
  HAKU_TOKEN_URL: apiUrl('https://prod-auth.hakuapp.com/oauth2/token'),
  RUNSIGNUP_API_URL: apiUrl('https://runsignup.com/Rest'),
  HAKU_QUOTA_PER_HOUR: whole(500, 1, 1_000_000, 'calls'),
  RUNSIGNUP_QUOTA_PER_HOUR: whole(1000, 1, 1_000_000, 'calls'),
  HAKU_MIN_SPACING_MS: whole(1500, 0, 600_000, 'milliseconds'),
  RUNSIGNUP_MIN_SPACING_MS: whole(500, 0, 600_000, 'milliseconds'),
  // A catalogue of the vendor's limits says two (RunSignUp API notes 2.7).
  RUNSIGNUP_CONCURRENCY: whole(2, 1, 2, 'calls'),
  RUNSIGNUP_INCLUDE: z
    .string()
    .default('questions,corrals,checkin_data,registration_addons')
    .refine((text) => /^(none|[a-z_]+(\s*,\s*[a-z_]+)*)$/.test(text), {
      error: 'names of parts with commas between them, or none',
    })
    .transform((text) => (text === 'none' ? [] : text.split(/\s*,\s*/))),
  STARTLIST_LOG_LEVEL: z.enum(LOG_LEVELS, { error: `one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  STARTLIST_REQUEST_TIMEOUT_MS: whole(30_000, 100, 600_000, 'milliseconds'),
  STARTLIST_CONCURRENCY: whole(8, 1, 64, 'accounts'),
  STARTLIST_API_REQUESTS_PER_SECOND: whole(100, 1, 100_000, 'requests'),
  STARTLIST_SWEEP_WITHIN_DAYS: whole(DEFAULT_SWEEPS.withinMs / DAY, 0, 365, 'days'),
  STARTLIST_SWEEP_AHEAD_MINUTES: whole((DEFAULT_SWEEPS.aheadMs ?? 0) / MINUTE, 0, 1440, 'minutes'),
  STARTLIST_RETENTION_DAYS: whole(0, 0, 36_500, 'days'),
  STARTLIST_WEBHOOK_NETWORKS: networksVariable,
  STARTLIST_LARGE_EVENT: whole(1_000, 1, 10_000_000, 'registrations'),
  STARTLIST_DATABASE_WAIT_MINUTES: whole(10, 0, 1440, 'minutes'),
  ...alertVariables,
})

/**
 * Reads and validates the configuration. An empty value counts as none. Changes nothing on the disk.
 *
 * @throws StartlistError CONFIG_INVALID, naming the variable and never its value; KEY_MISSING with DATABASE_URL alone
 */
export function loadConfig({ env = process.env, root = ROOT }: ConfigSources = {}): Config {
  const fromFile = { ...readEnvFile(join(root, '.env')), ...secretsFromFiles(env) }
  const given: Record<string, string> = {}
  for (const name of Object.keys(variables.shape)) {
    const value = env[name]?.trim() || fromFile[name]?.trim()
    if (value) given[name] = value
  }
  const parsed = variables.safeParse(given)
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${String(issue.path[0])} must be ${issue.message}`)
    throw new StartlistError('CONFIG_INVALID', `${wrong.join('; ')}.`)
  }
  const set = parsed.data
  if (set.DATABASE_URL !== null && set.STARTLIST_KEY === null) {
    throw new StartlistError(
      'KEY_MISSING',
      'DATABASE_URL is set and STARTLIST_KEY is not: secrets cannot be sealed.',
    )
  }
  return {
    databaseUrl: set.DATABASE_URL,
    home: homeOf(set.STARTLIST_HOME, root),
    key: set.STARTLIST_KEY,
    haku: {
      apiUrl: set.HAKU_API_URL,
      tokenUrl: set.HAKU_TOKEN_URL,
      quotaPerHour: set.HAKU_QUOTA_PER_HOUR,
      minSpacingMs: set.HAKU_MIN_SPACING_MS,
      concurrency: 1,
    },
    runsignup: {
      apiUrl: set.RUNSIGNUP_API_URL,
      quotaPerHour: set.RUNSIGNUP_QUOTA_PER_HOUR,
      minSpacingMs: set.RUNSIGNUP_MIN_SPACING_MS,
      concurrency: set.RUNSIGNUP_CONCURRENCY,
      include: set.RUNSIGNUP_INCLUDE,
    },
    logLevel: set.STARTLIST_LOG_LEVEL,
    requestTimeoutMs: set.STARTLIST_REQUEST_TIMEOUT_MS,
    concurrency: set.STARTLIST_CONCURRENCY,
    apiRequestsPerSecond: set.STARTLIST_API_REQUESTS_PER_SECOND,
    sweeps: {
      withinMs: set.STARTLIST_SWEEP_WITHIN_DAYS * DAY,
      aheadMs: set.STARTLIST_SWEEP_AHEAD_MINUTES * MINUTE || null,
    },
    retentionDays: set.STARTLIST_RETENTION_DAYS,
    backfill: {
      largeEvent: set.STARTLIST_LARGE_EVENT,
      databaseWaitMs: set.STARTLIST_DATABASE_WAIT_MINUTES * MINUTE,
    },
    alerts: alertConfig(set),
    webhookNetworks: set.STARTLIST_WEBHOOK_NETWORKS,
  }
}

/** What `startlist config` prints: variable to value, secrets masked. `null` is "embedded", or made at first use. */
export function maskedConfig(config: Config): Record<keyof typeof variables.shape, string | number | null> {
  return {
    DATABASE_URL: config.databaseUrl === null ? null : maskUrl(config.databaseUrl),
    STARTLIST_HOME: config.home,
    STARTLIST_KEY: config.key === null ? null : MASK,
    HAKU_API_URL: maskUrl(config.haku.apiUrl),
    HAKU_TOKEN_URL: maskUrl(config.haku.tokenUrl),
    RUNSIGNUP_API_URL: maskUrl(config.runsignup.apiUrl),
    HAKU_QUOTA_PER_HOUR: config.haku.quotaPerHour,
    RUNSIGNUP_QUOTA_PER_HOUR: config.runsignup.quotaPerHour,
    HAKU_MIN_SPACING_MS: config.haku.minSpacingMs,
    RUNSIGNUP_MIN_SPACING_MS: config.runsignup.minSpacingMs,
    RUNSIGNUP_CONCURRENCY: config.runsignup.concurrency,
    RUNSIGNUP_INCLUDE: config.runsignup.include?.join(',') || 'none',
    STARTLIST_LOG_LEVEL: config.logLevel,
    STARTLIST_REQUEST_TIMEOUT_MS: config.requestTimeoutMs,
    STARTLIST_CONCURRENCY: config.concurrency,
    STARTLIST_API_REQUESTS_PER_SECOND: config.apiRequestsPerSecond,
    STARTLIST_SWEEP_WITHIN_DAYS: config.sweeps.withinMs / DAY,
    STARTLIST_SWEEP_AHEAD_MINUTES: (config.sweeps.aheadMs ?? 0) / MINUTE,
    STARTLIST_RETENTION_DAYS: config.retentionDays,
    STARTLIST_WEBHOOK_NETWORKS: config.webhookNetworks.join(',') || null,
    STARTLIST_LARGE_EVENT: config.backfill.largeEvent,
    STARTLIST_DATABASE_WAIT_MINUTES: config.backfill.databaseWaitMs / MINUTE,
    STARTLIST_ALERT_WEBHOOK_URL: config.alerts.webhook === null ? null : MASK,
    STARTLIST_ALERT_WEBHOOK_SECRET: config.alerts.webhook?.secret ? MASK : null,
    STARTLIST_ALERT_SMTP_URL: config.alerts.mail === null ? null : maskUrl(config.alerts.mail.url),
    STARTLIST_ALERT_MAIL_FROM: config.alerts.mail?.from ?? null,
    STARTLIST_ALERT_MAIL_TO: config.alerts.mail?.to.join(',') ?? null,
  }
}

/** A URL without its password, wherever it stands. */
export function maskUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null) return MASK
  if (url.password !== '') url.password = MASK
  for (const name of [...url.searchParams.keys()]) {
    if (/password|secret|token|key$/i.test(name)) url.searchParams.set(name, MASK)
  }
  return url.href
}

/** Whether the text is base64 of a key's 32 bytes. */
export function isKey(text: string): boolean {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) && Buffer.from(text, 'base64').length === KEY_BYTES
}

function homeOf(given: string | null, root: string): string {
  if (given?.startsWith('~/')) return join(homedir(), given.slice(2))
  if (given !== null) return resolve(root, given)
  // A global install is replaced by the next one; what it keeps must not be inside.
  const isInstalled = root.split(sep).includes('node_modules')
  return isInstalled ? join(homedir(), '.startlist') : join(root, '.startlist')
}

function readEnvFile(path: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(path, 'utf8'))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return {}
    throw new StartlistError('CONFIG_INVALID', `${path} cannot be read (${codeOf(error)}).`, { cause: error })
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'
}
