/** What went wrong with a request, for a person. */
export class Problem extends Error {
  override name = 'Problem'
  /** 0 when nobody answered */
  readonly status: number
  readonly code: string
  readonly hint: string | null

  constructor(title: string, { status = 0, code = 'UNKNOWN', hint = null as string | null } = {}) {
    super(title)
    this.status = status
    this.code = code
    this.hint = hint
  }

  static of(error: unknown): Problem {
    return error instanceof Problem ? error : NOBODY
  }

  /** From an answer's `application/problem+json`. */
  static from(status: number, body: unknown): Problem {
    const { title, detail, code, hint } = (typeof body === 'object' && body !== null ? body : {}) as Record<
      string,
      unknown
    >
    const text = [detail, title].find((each) => typeof each === 'string' && each !== '')
    return new Problem(typeof text === 'string' ? text : `The server answered ${status}`, {
      status,
      code: typeof code === 'string' ? code : 'UNKNOWN',
      hint: typeof hint === 'string' ? hint : null,
    })
  }
}

const NOBODY = new Problem('startlist does not answer', {
  code: 'OFFLINE',
  hint: 'Is this device on the network, and is startlist run running? This page tries again by itself.',
})
