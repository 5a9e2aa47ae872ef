import type { CommanderError } from 'commander'
import { ERROR_CODES, StartlistError } from '../domain/errors.ts'

/**
 * A wrong command line as an error of ours; null for help and version, which are no errors.
 * Commander says `error: unknown command 'snyc'\n(Did you mean sync?)`.
 */
export function usageError(error: CommanderError): StartlistError | null {
  if (error.exitCode === 0 || error.code === 'commander.help') return null
  const [first = '', ...rest] = error.message.split('\n')
  const suggestion = rest.join(' ').replace(/^\((.*)\)$/, '$1')
  const fallback =
    error.code === 'commander.unknownCommand'
      ? 'startlist --help lists the commands.'
      : ERROR_CODES.USAGE.hint
  // What stands behind `=` may be a secret that belonged on standard input.
  const message = first.replace(/^error: /, '').replace(/(unknown option '[^'=]*)=.*'/, "$1'")
  return new StartlistError('USAGE', message, {
    hint: suggestion === '' ? fallback : suggestion,
  })
}
