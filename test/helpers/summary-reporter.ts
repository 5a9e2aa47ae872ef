import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node'

/** What a run came to. */
interface Summary {
  passed: number
  failed: number
  skipped: number
}

/**
 * Ends the output of a run with a plain line, `12 passed, 0 failed`, for scripts that look at nothing else. It is
 * written when the process exits, because teardown and a failed start print as well; a run that never came to its
 * tests says `0 passed, 1 failed`.
 */
export default class SummaryReporter implements Reporter {
  #summary: Summary = { passed: 0, failed: 1, skipped: 0 }

  onInit(): void {
    process.once('exit', (code) => {
      process.stdout.write(`\n${lineOf(atExit(this.#summary, code))}\n`)
    })
  }

  onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    this.#summary = summaryOf(modules, errors.length, reason)
  }
}

/** Counts tests; a file that could not be loaded, and an error outside every test, is a failure of its own. */
function summaryOf(modules: readonly TestModule[], errors: number, reason: TestRunEndReason): Summary {
  const summary: Summary = { passed: 0, failed: errors, skipped: 0 }
  for (const module of modules) {
    let failedHere = 0
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === 'failed') failedHere++
      else if (state === 'passed') summary.passed++
      // A test that is still pending was cut off.
      else if (state === 'skipped') summary.skipped++
      else failedHere++
    }
    if (failedHere === 0 && module.state() === 'failed') failedHere++
    summary.failed += failedHere
  }
  if (summary.failed === 0 && reason !== 'passed') summary.failed = 1
  return summary
}

/** An exit code that says failure is never announced as a success. */
function atExit(summary: Summary, code: number): Summary {
  return code !== 0 && summary.failed === 0 ? { ...summary, failed: 1 } : summary
}

/** `12 passed, 0 failed`, and `, 1 skipped` where there are any. */
function lineOf({ passed, failed, skipped }: Summary): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`
}
