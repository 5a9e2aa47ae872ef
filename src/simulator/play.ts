import type { ServerResponse } from 'node:http'
import type { Json } from '../domain/json.ts'
import { type Answer, plain, refuse } from './answer.ts'
import type { Call } from './call-log.ts'
import type { Fault } from './faults.ts'
import { broken } from './malformed.ts'
import { retryAfter } from './quota.ts'
import type { Tokens } from './tokens.ts'
import { HTML, type Reply, type Transport } from './transport.ts'
import type { RaceEvent, World } from './world.ts'

/** Where the honest answer comes from. */
export interface Sources {
  answer: () => Answer
  /** the list of another event, for the same question */
  foreign: (eventId: string) => Answer
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
  readonly #world: World
  readonly #tokens: Tokens
  readonly #transport: Transport
  readonly #stopped: AbortSignal

  constructor(world: World, tokens: Tokens, transport: Transport, stopped: AbortSignal) {
    this.#world = world
    this.#tokens = tokens
    this.#transport = transport
    this.#stopped = stopped
  }

  async answer(response: ServerResponse, call: Call, picked: Picked | null, from: Sources): Promise<void> {
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
        this.#tokens.revoke(call.client ?? undefined)
        return this.#deliver(response, call, counted(call, from.answer()))
      case 'reset':
        played()
        return this.#cut(response, call, fault.when, from)
      case 'status':
      case 'throttle':
      case 'redirect':
      case 'html':
        played()
        return this.#deliver(response, call, this.#refusal(fault))
      default:
        return this.#deliver(response, call, this.#spoil(call, fault, played, from))
    }
  }

  #refusal(fault: Extract<Fault, { kind: 'status' | 'throttle' | 'redirect' | 'html' }>): Reply {
    switch (fault.kind) {
      case 'html':
        return { status: 200, headers: { 'Content-Type': 'text/html' }, body: HTML }
      case 'redirect':
        return { status: 302, headers: { Location: fault.location ?? '/elsewhere' }, body: '' }
      case 'throttle': {
        const form = fault.retryAfter === undefined ? 'none' : (fault.form ?? 'seconds')
        const headers = retryAfter(form, fault.retryAfter ?? 0, this.#world.clock.now())
        return reply(refuse(429, 'Too Many Requests', headers))
      }
      case 'status':
        if (fault.body === 'html')
          return { status: fault.status, headers: { 'Content-Type': 'text/html' }, body: HTML }
        if (fault.body === 'empty') return { status: fault.status, headers: {}, body: '' }
        return reply(refuse(fault.status, 'Something went wrong'))
    }
  }

  /** Faults of the content concern a good answer only; what is refused anyway goes out as it is. */
  #spoil(call: Call, fault: Fault, played: () => void, from: Sources): Reply {
    const honest = from.answer()
    if (honest.status !== 200) return counted(call, honest)
    if (fault.kind === 'truncated') {
      played()
      const whole = reply(honest)
      return { ...whole, body: whole.body.slice(0, Math.ceil(whole.body.length / 2)) }
    }
    if (fault.kind === 'wrong-type') {
      played()
      return reply(plain(200, WRONG[fault.as]))
    }
    const spoilt = this.#spoiltRows(honest, call, fault, from)
    if (spoilt) played()
    return counted(call, spoilt ?? honest)
  }

  /** The answer with its rows spoilt, or null where there is nothing to spoil. */
  #spoiltRows(honest: Answer, call: Call, fault: Fault, from: Sources): Answer | null {
    const rows = honest.rows
    if (!rows) return null
    if (fault.kind === 'malformed') {
      const spoilt = malform(rows, fault)
      return spoilt && { ...honest, rows: spoilt }
    }
    if (!honest.list) return null
    switch (fault.kind) {
      case 'empty':
        return { ...honest, rows: [] }
      case 'duplicate':
        return rows.length === 0 ? null : { ...honest, rows: [...rows, ...rows.slice(0, fault.rows)] }
      case 'foreign': {
        const other = fault.eventId ?? this.#another(call)?.id
        return other === undefined || call.endpoint === 'events' ? null : from.foreign(other)
      }
      default:
        return null
    }
  }

  #another(call: Call): RaceEvent | undefined {
    const clientId = this.#world.events.get(call.eventId ?? '')?.clientId
    return this.#world
      .eventsOf(clientId ?? '')
      .find((event) => event.id !== call.eventId && event.registrations.size > 0)
  }

  #cut(response: ServerResponse, call: Call, when: 'at-once' | 'headers' | 'body', from: Sources): void {
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
    await this.#world.clock.sleep(ms, bound).catch(() => {})
  }

  #deliver(response: ServerResponse, call: Call, out: Reply): void {
    if (response.destroyed) return
    call.status = out.status
    this.#transport.send(response, out)
  }
}

function reply(answer: Answer): Reply {
  return {
    status: answer.status,
    headers: answer.headers,
    body: JSON.stringify(answer.wrap(answer.rows ?? [])),
  }
}

/** The reply, its rows noted in the log. */
function counted(call: Call, answer: Answer): Reply {
  if (answer.list && answer.rows) call.rows = answer.rows.length
  return reply(answer)
}

function malform(rows: Json[], fault: Extract<Fault, { kind: 'malformed' }>): Json[] | null {
  const { defects, numbers } = fault
  const wanted = fault.rows ?? defects.length
  let hit = 0
  const spoilt = rows.map((row) => {
    const number =
      row !== null && typeof row === 'object' && !Array.isArray(row) ? String(row.registration_number) : ''
    if (numbers ? !numbers.includes(number) : hit >= wanted) return row
    return broken(row, defects[hit++ % defects.length] as (typeof defects)[number])
  })
  return hit === 0 ? null : spoilt
}
