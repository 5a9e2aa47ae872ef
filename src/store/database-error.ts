import { StartlistError } from '../domain/errors.ts'

/** Node's codes for a connection that could not be made or broke. */
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EACCES',
])
/** SQLSTATEs that say the server is there but will not serve us (now). Class 08 is added below. */
const REFUSED_STATES = new Set(['28000', '28P01', '3D000', '53300', '57P01', '57P02', '57P03'])
/** What `pg` says, without a code, when a connection is lost or late. */
const LOST =
  /connection terminated|timeout exceeded when trying to connect|connection timeout|client has encountered a connection error|client was closed/i
/** Classes whose message quotes values of a row: a data exception may hold a birth date, a raised one anything. */
const TELLS_VALUES = /^(22|P0|F0|38|39)/

/** The SQLSTATE of an error of `pg`, wrapped or not; null for everything else. */
export function sqlState(error: unknown): string | null {
  const code = codeOf(error instanceof StartlistError ? error.cause : error)
  return code !== null && /^[0-9A-Z]{5}$/.test(code) && !NETWORK_CODES.has(code) ? code : null
}

/**
 * Makes a {@link StartlistError} of what `pg` threw: DATABASE_UNREACHABLE when there is no connection, else
 * DATABASE. Never carries a password, nor a value of a row: PostgreSQL's detail stays behind.
 *
 * @param url of the database, to name host and port
 */
export function asDatabaseError(error: unknown, url?: string): StartlistError {
  if (error instanceof StartlistError) return error
  const where = url === undefined ? '' : ` at ${hostOf(url)}`
  const state = sqlState(error)
  const text = messageOf(error)
  const cause = strip(error)
  if (isLost(error, state, text)) {
    return new StartlistError('DATABASE_UNREACHABLE', `PostgreSQL${where} cannot be reached: ${text}`, {
      cause,
    })
  }
  if (state === null) return new StartlistError('DATABASE', `The database failed${where}: ${text}`, { cause })
  const said = TELLS_VALUES.test(state)
    ? `refused a value (SQLSTATE ${state})`
    : `${text} (SQLSTATE ${state})`
  return new StartlistError('DATABASE', `PostgreSQL${where}: ${said}`, { cause })
}

/** `host:port` of a connection URL, or the socket directory; never user or password. */
export function hostOf(url: string): string {
  try {
    const parsed = new URL(url)
    return `${parsed.hostname || parsed.searchParams.get('host') || 'localhost'}:${parsed.port || '5432'}`
  } catch {
    return 'the address in DATABASE_URL'
  }
}

function isLost(error: unknown, state: string | null, text: string): boolean {
  if (state !== null) return REFUSED_STATES.has(state) || state.startsWith('08')
  const code = codeOf(error)
  return (code !== null && NETWORK_CODES.has(code)) || LOST.test(text)
}

function codeOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : null
}

function messageOf(error: unknown): string {
  // A name with several addresses fails as an AggregateError, whose own message is empty.
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}

/** The identifiers of a PostgreSQL error without message and detail, which may quote a runner. */
function strip(error: unknown): object | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const from = error as Record<string, unknown>
  const names = ['code', 'severity', 'schema', 'table', 'column', 'constraint', 'routine']
  return Object.fromEntries(
    names.filter((name) => typeof from[name] === 'string').map((name) => [name, from[name]]),
  )
}
