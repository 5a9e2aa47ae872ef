import type { ServerResponse } from 'node:http'
import type { Clock } from '../domain/clock.ts'
import type { Json } from '../domain/json.ts'
import { type Answer, plain } from './answer.ts'
import type { BaseCall } from './call-log.ts'
import type { Fault } from './faults.ts'
import { broken, type Defect, type RecordForm } from './malformed.ts'
import { retryAfter } from './quota.ts'
import { HTML, type Reply, type Transport } from './transport.ts'

/** A provider's part in answering one call. */
export interface Sources {
  /** the honest answer */
  answer: () => Answer
  /** the list of another event for the same question; null where there is none */
  foreign: (eventId?: string) => Answer | null
  /** a refusal in the provider's words */
  refuse: (status: number, headers?: Record<string, string>, code?: number) => Answer
  /** makes worthless what the caller obtained to call with */
  revoke: () => void
  /** what its records look like */
  form: RecordForm
}

interface Picked {
  fault: Fault
  played: () => void
}

const WRONG: Record<'object' | 'string' | 'number' | 'null', Json> = {
  object: { status: 'ok' },
  string: 'temporarily unavailable',
  number: 42,
  null: null,
}

/** Answers a call, with its fault played where there is one. */
export class Play {
  readonly #clock: Clock
  readonly #transport: Transport
  readonly #stopped: AbortSignal

  constructor(clock: Clock, transport: Transport, stopped: AbortSignal) {
    this.#clock = clock
    this.#transport = transport
    this.#stopped = stopped
  }

  async answer(
    response: ServerResponse,
    call: BaseCall,
    picked: Picked | null,
    from: Sources,
  ): Promise<void> {
    if (!picked) return this.#deliver(response, call, counted(call, from.answer()))
    const { fault, played } = picked
    switch (fault.kind) {
      case 'hang':
        played()
        return
      case 'slow':
        played()
        await this.#delay(fault.ms)
        return this.#deliver(response, call, counted(call, from.answer()))
      case 'revoke':
        played()
        from.revoke()
        return this.#deliver(response, call, counted(call, from.answer()))
      case 'reset':
        played()
        return this.#cut(response, call, fault.when, from)
      case 'status':
      case 'throttle':
      case 'redirect':
      case 'html':
        played()
        return this.#deliver(response, call, this.#refusal(fault, from))
      default:
        return this.#deliver(response, call, this.#spoil(call, fault, played, from))
    }
  }

  #refusal(
    fault: Extract<Fault, { kind: 'status' | 'throttle' | 'redirect' | 'html' }>,
    from: Sources,
  ): Reply {
    switch (fault.kind) {
      case 'html':
        return { status: 200, headers: { 'Content-Type': 'text/html' }, body: HTML }
      case 'redirect':
        return { status: 302, headers: { Location: fault.location ?? '/elsewhere' }, body: '' }
      case 'throttle': {
        const form = fault.retryAfter === undefined ? 'none' : (fault.form ?? 'seconds')
        const headers = retryAfter(form, fault.retryAfter ?? 0, this.#clock.now())
        return reply(from.refuse(429, headers))
      }
      case 'status':
        if (fault.body === 'html')
          return { status: fault.status, headers: { 'Content-Type': 'text/html' }, body: HTML }
        if (fault.body === 'empty') return { status: fault.status, headers: {}, body: '' }
        return reply(from.refuse(fault.status, {}, fault.code))
    }
  }

  /** Faults of the content concern a good answer only; what is refused anyway goes out as it is. */
  #spoil(call: BaseCall, fault: Fault, played: () => void, from: Sources): Reply {
    const honest = from.answer()
    if (honest.status !== 200 || honest.refused) return counted(call, honest)
    if (fault.kind === 'truncated') {
      played()
      const whole = reply(honest)
      return { ...whole, body: whole.body.slice(0, Math.ceil(whole.body.length / 2)) }
    }
    if (fault.kind === 'wrong-type') {
      played()
      return reply(plain(200, WRONG[fault.as]))
    }
    const spoilt = spoiltRows(honest, fault, from)
    if (spoilt) played()
    return counted(call, spoilt ?? honest)
  }

  #cut(response: ServerResponse, call: BaseCall, when: 'at-once' | 'headers' | 'body', from: Sources): void {
    if (when === 'at-once') this.#transport.cutAtOnce(response)
    else if (when === 'headers') this.#transport.cutInHeaders(response)
    else {
      const honest = from.answer()
      call.status = honest.status
      this.#transport.cutInBody(response, reply(honest))
    }
  }

  /**
   * A virtual clock jumps when it is slept on. The machine's own is waited for, but never longer than a test can
   * bear.
   */
  async #delay(ms: number): Promise<void> {
    const bound = AbortSignal.any([this.#stopped, AbortSignal.timeout(5_000)])
    await this.#clock.sleep(ms, bound).catch(() => {})
  }

  #deliver(response: ServerResponse, call: BaseCall, out: Reply): void {
    if (response.destroyed) return
    call.status = out.status
    this.#transport.send(response, out)
  }
}

function reply(answer: Answer): Reply {
  return {
    status: answer.status,
    headers: answer.headers,
    body: (answer.write ?? JSON.stringify)(answer.wrap(answer.rows ?? [])),
  }
}

/** The reply, its rows noted in the log. */
function counted(call: BaseCall, answer: Answer): Reply {
  if (answer.list && answer.rows) call.rows = answer.rows.length
  return reply(answer)
}

/** The answer with its rows spoilt, or null where there is nothing to spoil. */
function spoiltRows(honest: Answer, fault: Fault, from: Sources): Answer | null {
  const rows = honest.rows
  if (!rows) return null
  if (fault.kind === 'malformed') {
    const spoilt = malform(rows, fault, from.form)
    return spoilt && { ...honest, rows: spoilt }
  }
  if (!honest.list) return null
  switch (fault.kind) {
    case 'empty':
      return { ...honest, rows: [] }
    case 'duplicate':
      return rows.length === 0 ? null : { ...honest, rows: [...rows, ...rows.slice(0, fault.rows)] }
    case 'foreign':
      return from.foreign(fault.eventId)
    default:
      return null
  }
}

function malform(
  rows: Json[],
  { defects, numbers, rows: wanted = defects.length }: Extract<Fault, { kind: 'malformed' }>,
  form: RecordForm,
): Json[] | null {
  let hit = 0
  const spoilt = rows.map((row) => {
    const known = row !== null && typeof row === 'object' && !Array.isArray(row)
    const number = known ? String(row[form.key(row)]) : ''
    if (numbers ? !numbers.includes(number) : hit >= wanted) return row
    return broken(row, defects[hit++ % defects.length] as Defect, form)
  })
  return hit === 0 ? null : spoilt
}
