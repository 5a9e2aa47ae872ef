import { userInfo } from 'node:os'
import { textOption } from './options.ts'

/** Who decides: a name given, else the operating system's user. */
export function decider(given: string | undefined): string {
  if (given !== undefined) return textOption(given, '--by')
  try {
    return userInfo().username
  } catch {
    // A user without a name, as in some containers.
    return 'unknown'
  }
}
