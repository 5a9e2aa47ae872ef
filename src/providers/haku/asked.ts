import type { JsonObject } from '../../domain/json.ts'
import type { Exchange } from '../exchange.ts'
import type { Contact } from '../question.ts'
import { isObject } from '../records.ts'
import { readList } from './envelope.ts'

/** Exchanges with Haku, by what was asked. Pure. */

/** A page of a list that was answered. */
export interface AskedPage {
  exchange: Exchange
  list: 'events' | 'participants' | 'registrations'
  /** of one event, or of the account */
  of: string
  page: number
  asked: number
  records: JsonObject[]
  /** as sent, broken ones included */
  length: number
  total: number | null
}

/** Everything that answers questions, sorted. */
export interface Asked {
  pages: AskedPage[]
  details: JsonObject[]
  /** lists that were refused, or are not there */
  refused: { list: AskedPage['list']; asked: number; status: number }[]
  /** calls below `/v1`, or without it where the API's address has it */
  otherVersion: Exchange[]
}

const LIST = /^\/events(?:\/([^/]+)\/(participants|registrations))?$/
const DETAIL = /^\/events\/[^/]+\/registrations\/[^/]+$/
const VERSION = /\/v\d+$/

/** The address of the other version: with `/v1` where this has none, else without. */
export function otherVersionOf(apiUrl: string): string {
  return VERSION.test(apiUrl) ? apiUrl.replace(VERSION, '') : `${apiUrl}/v1`
}

export function sortExchanges({ exchanges, apiUrl }: Pick<Contact, 'exchanges' | 'apiUrl'>): Asked {
  const asked: Asked = { pages: [], details: [], refused: [], otherVersion: [] }
  const base = new URL(apiUrl).pathname.replace(/\/+$/, '')
  const other = new URL(otherVersionOf(apiUrl)).pathname.replace(/\/+$/, '')
  for (const exchange of exchanges) {
    if (exchange.method !== 'GET') continue
    const path = below(exchange.path, base)
    const list = path === null ? null : LIST.exec(path)
    if (path !== null && list) sortList(asked, exchange, list)
    else if (path !== null && DETAIL.test(path)) sortDetail(asked, exchange)
    else if (below(exchange.path, other) !== null) asked.otherVersion.push(exchange)
  }
  return asked
}

function below(path: string, base: string): string | null {
  return path.startsWith(`${base}/`) ? path.slice(base.length) : null
}

function sortList(asked: Asked, exchange: Exchange, [, eventId, name]: RegExpExecArray): void {
  const list = (name ?? 'events') as AskedPage['list']
  const size = Number(exchange.query.per_page)
  if (exchange.status >= 400) {
    asked.refused.push({ list, asked: size, status: exchange.status })
    return
  }
  try {
    const { records, total } = readList(exchange.json, list === 'events' ? 'events' : 'participants')
    asked.pages.push({
      ...{ exchange, list, of: eventId ?? '', page: Number(exchange.query.page), asked: size },
      ...{ records: records.filter(isObject), length: records.length, total },
    })
  } catch {
    // No list: what it is instead was the adapter's to say.
  }
}

function sortDetail(asked: Asked, { status, json }: Exchange): void {
  if (status >= 300 || !isObject(json)) return
  const record = [json, json.registration, json.data]
    .filter(isObject)
    .find((one) => 'registration_number' in one)
  if (record !== undefined) asked.details.push(record)
}
