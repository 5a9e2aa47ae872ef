import { describe, expect, it } from 'vitest'
import { type ExitCode, exitOf, foldExit } from '../../src/cli/exit.ts'
import { type ErrorCode, StartlistError } from '../../src/domain/errors.ts'

describe('foldExit', () => {
  const cases: [codes: ExitCode[], folded: ExitCode][] = [
    [[], 0],
    [[0, 0], 0],
    [[0, 3], 3],
    [[3, 1], 1],
    [[1, 3, 0], 1],
    [[2, 1], 2],
  ]
  it.each(cases)('%j is %i', (codes, folded) => {
    expect(foldExit(codes)).toBe(folded)
  })
})

describe('exitOf', () => {
  const cases: [code: ErrorCode, exit: ExitCode][] = [
    ['USAGE', 2],
    ['NO_SUCH_EVENT', 2],
    ['DATABASE_UNREACHABLE', 1],
    ['SCHEMA_MISSING', 1],
    ['PROVIDER_DOWN', 1],
    ['BAD_BODY', 1],
    ['INTERNAL', 1],
    ['QUOTA_SPENT', 3],
    ['THROTTLED', 3],
    ['LANE_BUSY', 3],
    ['FENCED', 3],
    ['CREDENTIAL_REFUSED', 3],
    ['FOREIGN_LIST', 3],
  ]
  it.each(cases)('%s is %i', (code, exit) => {
    expect(exitOf(new StartlistError(code, 'x'))).toBe(exit)
  })

  it('is 1 for what nobody threw on purpose', () => {
    expect(exitOf(new TypeError('x'))).toBe(1)
  })
})
