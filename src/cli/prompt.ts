import { createInterface } from 'node:readline/promises'
import { StartlistError } from '../domain/errors.ts'

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const BACKSPACE = new Set(['\u007f', '\b'])

/** Asks on the terminal; an empty answer takes the default. Questions go to standard error, results do not mix in. */
export async function ask(question: string, preset = ''): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new Promise<never>((_, reject) => reader.once('SIGINT', () => reject(cancelled())))
  const ended = new Promise<never>((_, reject) => reader.once('close', () => reject(cancelled())))
  // The losers of the race are nobody's unhandled rejection.
  closed.catch(() => {})
  ended.catch(() => {})
  try {
    const answer = await Promise.race([
      reader.question(preset === '' ? question : `${question}[${preset}] `),
      closed,
      ended,
    ])
    return answer.trim() || preset
  } finally {
    reader.close()
  }
}

/** Asks for a secret: nothing of it appears on the terminal. */
export function askHidden(question: string): Promise<string> {
  const { stdin, stderr } = process
  stderr.write(question)
  return new Promise((resolve, reject) => {
    let typed = ''
    const done = (end: () => void) => {
      stdin.off('data', onData)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write('\n')
      end()
    }
    const onData = (chunk: string) => {
      for (const key of chunk) {
        if (key === CTRL_C || key === CTRL_D) return done(() => reject(cancelled()))
        if (key === '\r' || key === '\n') return done(() => resolve(typed))
        if (BACKSPACE.has(key)) typed = [...typed].slice(0, -1).join('')
        else typed += key
      }
    }
    stdin.setRawMode(true)
    stdin.setEncoding('utf8')
    stdin.on('data', onData)
    stdin.resume()
  })
}

function cancelled(): StartlistError {
  return new StartlistError('INTERRUPTED', 'cancelled', { hint: 'Nothing more was changed.' })
}
