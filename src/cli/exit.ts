import { StartlistError } from '../domain/errors.ts'

/** 0 done; 1 failed; 2 wrong usage; 3 not everything could be done. */
export type ExitCode = 0 | 1 | 2 | 3

/** The exit code of several results: wrong usage and failures outweigh what is merely left to do. */
export function foldExit(codes: Iterable<ExitCode>): ExitCode {
  const seen = new Set(codes)
  for (const code of [2, 1, 3] as const) if (seen.has(code)) return code
  return 0
}

/** The exit code that an error stands for. */
export function exitOf(error: unknown): ExitCode {
  if (!(error instanceof StartlistError)) return 1
  // A list that belongs to another event is held, a lane that changed hands is a busy one, and what was changed since
  // a run, or asks for a bib that is taken, is left to a person.
  if (['FOREIGN_LIST', 'FENCED', 'CHANGED_SINCE', 'BIB_CONFLICT'].includes(error.code)) return 3
  switch (error.class) {
    case 'usage':
      return 2
    case 'auth':
    case 'rate_limited':
      return 3
    default:
      return 1
  }
}
