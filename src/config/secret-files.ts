import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartlistError } from '../domain/errors.ts'

/** Variables that need not stand in the environment, which other processes of the user can read. */
const SECRETS = [
  'DATABASE_URL',
  'STARTLIST_KEY',
  'STARTLIST_ALERT_WEBHOOK_URL',
  'STARTLIST_ALERT_WEBHOOK_SECRET',
  'STARTLIST_ALERT_SMTP_URL',
] as const

/** systemd puts `NAME` of a `LoadCredential=startlist:DIRECTORY` here as `startlist_NAME`. */
const CREDENTIAL_PREFIX = 'startlist_'

/**
 * Secrets that stand in files: `NAME_FILE` names one; else a systemd credential `startlist_NAME` is read where the
 * service manager made its directory known. Blank around the value is dropped.
 * @see https://systemd.io/CREDENTIALS/
 * @throws StartlistError CONFIG_INVALID when a named file cannot be read, or the variable itself is set beside it
 */
export function secretsFromFiles(env: Record<string, string | undefined>): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of SECRETS) {
    const value = named(name, env) ?? credential(name, env)
    if (value) found[name] = value
  }
  return found
}

function named(name: string, env: Record<string, string | undefined>): string | null {
  const path = env[`${name}_FILE`]?.trim()
  if (!path) return null
  if (env[name]?.trim()) {
    throw new StartlistError('CONFIG_INVALID', `${name} and ${name}_FILE are both set: take one away.`)
  }
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new StartlistError('CONFIG_INVALID', `the file of ${name}_FILE cannot be read (${why}).`, {
      cause: error,
    })
  }
}

function credential(name: string, env: Record<string, string | undefined>): string | null {
  const directory = env.CREDENTIALS_DIRECTORY
  if (!directory) return null
  try {
    return readFileSync(join(directory, CREDENTIAL_PREFIX + name), 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new StartlistError('CONFIG_INVALID', `the systemd credential ${name} cannot be read.`, {
      cause: error,
    })
  }
}
