import { describe, expect, it } from 'vitest'
import { errorFields, errorLine } from '../../src/cli/output.ts'
import { StartlistError } from '../../src/domain/errors.ts'
import { registerSecret } from '../../src/observe/scrub.ts'

describe('errorLine', () => {
  it('is one line: what, why, and what to do', () => {
    const error = new StartlistError('BAD_INPUT', 'a\n  b', { hint: 'Do this.' })
    expect(errorLine(error)).toBe('startlist: a b. Do this.')
    expect(errorLine(error, 'Harbor\nHalf')).toBe('startlist: Harbor Half: a b. Do this.')
  })

  it('adds no second full stop', () => {
    expect(errorLine(new StartlistError('USAGE', 'done.', { hint: '' }))).toBe('startlist: done.')
  })

  it('shows neither stack nor secret', () => {
    registerSecret('hunter2hunter2')
    const line = errorLine(new TypeError('no hunter2hunter2 here'))
    expect(line).toMatch(/^startlist: no \[secret\] here\. This is a defect/)
    expect(line).not.toContain('\n')
  })
})

describe('errorFields', () => {
  it('has code, message and hint', () => {
    expect(errorFields(new StartlistError('LANE_BUSY', 'busy', { hint: 'h' }))).toEqual({
      code: 'LANE_BUSY',
      message: 'busy',
      hint: 'h',
    })
    expect(errorFields('odd').code).toBe('INTERNAL')
  })
})
