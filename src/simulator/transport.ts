import type { ServerResponse } from 'node:http'
import type { Clock } from '../domain/clock.ts'
import { httpDate } from './instants.ts'

/** What is written to the wire. */
export interface Reply {
  status: number
  headers: Record<string, string>
  body: string
}

export const HTML =
  '<!doctype html><html><head><title>Service</title></head><body><h1>Please wait</h1></body></html>'

/** Writes replies with the simulator's time as `Date`, or breaks off in the middle of them. */
export class Transport {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  send(response: ServerResponse, reply: Reply): void {
    response.writeHead(reply.status, this.#headers(reply))
    response.end(reply.body)
  }

  /** Sends half of the body, truly announced as whole, and then cuts the connection. */
  cutInBody(response: ServerResponse, reply: Reply): void {
    response.writeHead(reply.status, this.#headers(reply))
    const bytes = Buffer.from(reply.body)
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.socket?.destroy())
  }

  /** Sends a status line and part of a header, and then cuts the connection. */
  cutInHeaders(response: ServerResponse): void {
    response.socket?.write('HTTP/1.1 200 OK\r\nContent-Ty', () => response.socket?.destroy())
  }

  /** Cuts the connection without a byte. */
  cutAtOnce(response: ServerResponse): void {
    response.socket?.resetAndDestroy()
  }

  #headers(reply: Reply): Record<string, string> {
    return {
      'Content-Type': 'application/json; charset=utf-8',
      ...reply.headers,
      'Content-Length': String(Buffer.byteLength(reply.body)),
      Date: httpDate(this.#clock.now()),
    }
  }
}
