import { writeSync } from 'node:fs'
import { type Logger, pino, stdTimeFunctions } from 'pino'
import { ERROR_CODES, StartlistError } from '../domain/errors.ts'
import { scrub, scrubText } from './scrub.ts'

export { registerSecret } from './scrub.ts'
export type { Logger }

export interface LoggerOptions {
  /** A level of pino, or `silent`; default `info`. */
  level?: string
  /** Where lines go; default standard error. */
  write?: (line: string) => void
}

/** How long a full pipe is waited for, ms, before a line is given up. */
const PATIENCE_MS = 1_000
const RETRY_MS = 5

/**
 * A logger of JSON lines: level as a word, time in ISO 8601. Every line passes the scrubber last, whatever it was
 * made of. Lines are written at once, so none is lost when the process ends.
 *
 * Errors belong under `err`: code, class, message and hint, the stack only at level debug.
 */
export function createLogger({ level = 'info', write = writeToStderr }: LoggerOptions = {}): Logger {
  const showStack = level === 'debug' || level === 'trace'
  const serialize = (error: unknown) => serializeError(error, showStack)
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serialize, error: serialize },
    },
    { write: (line: string) => write(scrubLine(line)) },
  )
}

/** An error as logs and `--json` show it. Causes are left out but for their code: what they quote is not ours to tell. */
export function serializeError(error: unknown, showStack = false): Record<string, unknown> {
  if (!(error instanceof Error))
    return { code: 'INTERNAL', class: ERROR_CODES.INTERNAL.class, message: scrubText(String(error)) }
  const known = error instanceof StartlistError
  const code = known ? error.code : 'INTERNAL'
  const cause = causeCode(known ? error.cause : error)
  return {
    code,
    class: ERROR_CODES[code].class,
    message: scrubText(error.message),
    hint: known ? error.hint : ERROR_CODES.INTERNAL.hint,
    ...(known && error.status !== undefined ? { status: error.status } : {}),
    ...(known && error.retryAt !== undefined ? { retryAt: new Date(error.retryAt).toISOString() } : {}),
    ...(cause === null ? {} : { cause }),
    ...(showStack && error.stack ? { stack: scrubText(error.stack) } : {}),
  }
}

function causeCode(cause: unknown): string | null {
  const code = (cause as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : null
}

function scrubLine(line: string): string {
  try {
    return `${JSON.stringify(scrub(JSON.parse(line)))}\n`
  } catch {
    return `${scrubText(line.trimEnd())}\n`
  }
}

/** Standard error may be a full pipe, which Node does not wait for; a closed one is nobody's loss. */
function writeToStderr(line: string): void {
  let rest = Buffer.from(line)
  for (let waited = 0; rest.length > 0 && waited < PATIENCE_MS; ) {
    try {
      rest = rest.subarray(writeSync(2, rest))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
      waited += RETRY_MS
    }
  }
}
