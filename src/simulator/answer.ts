import type { Json } from '../domain/json.ts'

/** What goes back to the client. `rows` is set where records were read, so that a fault can meddle with them. */
export interface Answer {
  status: number
  headers: Record<string, string>
  /** the records of a list, or the one record of a single read */
  rows: Json[] | null
  /** the body around those records */
  wrap: (rows: Json[]) => Json
  /** whether `rows` is a list (a page) */
  list: boolean
  /** set on a refusal that has the status 200 all the same */
  refused?: boolean
  /** writes the body where it is not JSON */
  write?: (body: Json) => string
}

/** An answer without records. */
export function plain(status: number, body: Json, headers: Record<string, string> = {}): Answer {
  return { status, headers, rows: null, wrap: () => body, list: false }
}

/** An error in the words of the gateway in front of the API. */
export function refuse(status: number, message: string, headers: Record<string, string> = {}): Answer {
  return plain(status, { message }, headers)
}
