/** One thing that `verify` looks at, and what it found. */
export interface Check {
  check: string
  /** `open`: it could not be shown, for want of people, calls, or an answer */
  state: 'ok' | 'fail' | 'open'
  /** for a person; without a secret, and without a value of a registration */
  detail: string
  /** what stopped it, for the exit code */
  error?: unknown
}

export const ok = (check: string, detail: string): Check => ({ check, state: 'ok', detail })
export const fail = (check: string, detail: string): Check => ({ check, state: 'fail', detail })
export const open = (check: string, detail: string): Check => ({ check, state: 'open', detail })
