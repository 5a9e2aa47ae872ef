import { styleText } from 'node:util'
import { StartlistError } from '../domain/errors.ts'
import { scrubText } from '../observe/scrub.ts'
import { type Cell, type Column, oneLine, renderTable, type Style } from './table.ts'
import { wrapLine } from './wrap.ts'

/** Where a command writes. People read tables and lines; with `--json`, programs read JSON lines and nothing else. */
export interface Output {
  readonly json: boolean
  /** A person is at the terminal that standard error shows. */
  readonly interactive: boolean
  /** A line for people; nothing with `--json`. */
  line(text?: string): void
  /** A table for people; nothing with `--json`. */
  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void
  /** A JSON line; nothing without `--json`. */
  record(value: object): void
  /** Text or bytes as they are, whatever the mode, at the reader's pace: for files and long lists. */
  write(text: string | Uint8Array): Promise<void>
  /** A remark on standard error for people; nothing with `--json`. */
  note(text: string): void
  /** An error: one line on standard error, or a JSON line. `about` names what it hit. */
  problem(error: unknown, about?: Problem): void
  /** From now on errors are told in another way, where no person looks: among log lines a line of words has no place. */
  tellProblems(by: (error: unknown) => void): void
  paint(style: Style, text: string): string
}

/** What an error hit: words for people, fields for programs. */
export interface Problem {
  label?: string
  fields?: Record<string, unknown>
}

interface Streams {
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
}

export function createOutput(
  json: boolean,
  { stdout, stderr }: Streams = { stdout: process.stdout, stderr: process.stderr },
): Output {
  // Looked at for each line: a terminal may be made wider or narrower.
  const width = () => (stdout.isTTY ? (stdout.columns ?? 80) : Number.POSITIVE_INFINITY)
  const paint = (style: Style, text: string) => styleText(style, text, { stream: stdout })
  const say = (stream: NodeJS.WriteStream, text: string) => void stream.write(`${text}\n`)
  let tell: ((error: unknown) => void) | null = null
  return {
    json,
    interactive: stderr.isTTY === true,
    paint,
    line: (text = '') => {
      if (!json) say(stdout, text)
    },
    table: (columns, rows) => {
      if (!json) for (const line of renderTable(columns, rows, { width: width(), paint })) say(stdout, line)
    },
    record: (value) => {
      if (json) say(stdout, JSON.stringify(value))
    },
    write: (text) =>
      new Promise((resolve, reject) => {
        stdout.write(text, (error) => (error ? reject(error) : resolve()))
      }),
    note: (text) => {
      if (!json) say(stderr, text)
    },
    problem: (error, about = {}) => {
      if (json) say(stdout, JSON.stringify({ error: errorFields(error), ...about.fields }))
      else if (tell !== null) tell(error)
      else say(stderr, wrapped(errorLine(error, about.label), stderr))
    },
    tellProblems: (by) => {
      tell = by
    },
  }
}

/** Broken between words where a terminal shows it; anywhere else a line stays one. */
function wrapped(text: string, stream: NodeJS.WriteStream): string {
  return stream.isTTY ? wrapLine(text, stream.columns ?? 80).join('\n') : text
}

interface ErrorFields {
  code: string
  message: string
  hint: string
  /** ISO instant from which another try makes sense, where it is known */
  retryAt?: string
}

/** An error as one line: `startlist: <what>: <message>. <hint>`. */
export function errorLine(error: unknown, label?: string): string {
  const { message, hint } = errorFields(error)
  const where = label === undefined ? '' : `${oneLine(label)}: `
  const stop = /[.!?:]$/.test(message) ? '' : '.'
  return `startlist: ${where}${message}${stop}${hint === '' ? '' : ` ${hint}`}`
}

/** An error as `--json` shows it. What was not thrown on purpose shows its message, never its stack. */
export function errorFields(error: unknown): ErrorFields {
  const { code, message, hint, retryAt } = error instanceof StartlistError ? error : asInternal(error)
  const when = retryAt === undefined ? {} : { retryAt: new Date(retryAt).toISOString() }
  return { code, message: scrubText(oneLine(message)), hint, ...when }
}

function asInternal(error: unknown): StartlistError {
  return new StartlistError('INTERNAL', error instanceof Error ? error.message : String(error))
}
