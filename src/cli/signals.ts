import { StartlistError } from '../domain/errors.ts'
import type { Output } from './output.ts'

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * The first signal aborts: the page under way finishes, nothing else starts. The second ends the process at once.
 * @returns the signal for the work, and the exit code once one came
 */
export function onSignals(out: Output): { signal: AbortSignal; exitCode(): number | null } {
  const controller = new AbortController()
  let code: number | null = null
  for (const [name, number] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      if (code !== null) process.exit(number)
      code = number
      // Where nobody watches, this would only be a strange line among those of a log.
      if (out.interactive) out.note('Finishing what is under way; once more to stop at once.')
      controller.abort(new StartlistError('INTERRUPTED', 'interrupted'))
    })
  }
  // `| head` has seen enough: that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
  })
  return { signal: controller.signal, exitCode: () => code }
}
