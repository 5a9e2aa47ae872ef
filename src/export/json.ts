import type { Json } from '../domain/json.ts'
import type { Entry } from './entry.ts'
import { writeSex } from './sex.ts'
import { type Sheet, type SheetPlan, SOURCES } from './sheet.ts'

/** Version of the JSON: raised when a member changes its meaning. */
const FORM = 1

/**
 * One JSON document that says first what it is about, with a participant on each line. Values are as they are stored: no
 * guard, no order of dates.
 */
export function jsonSheet({ columns, options, contents }: SheetPlan): Sheet {
  const encoder = new TextEncoder()
  const { state, which, after } = contents
  let count = 0
  const participant = (entry: Entry): string => {
    const members = columns.map(([, name]): [string, Json] => {
      const { kind, read } = SOURCES[name]
      const value = read(entry) ?? null
      if (kind !== 'sex') return [name, value]
      return [name, writeSex(value as string | null, options.sex) || null]
    })
    return JSON.stringify(Object.fromEntries(members))
  }
  return {
    head: () =>
      encoder.encode(
        `{"form":${FORM},"about":${JSON.stringify({ ...state, which, after })},"participants":[`,
      ),
    rows(entries) {
      const text = entries.map((entry) => `${count++ === 0 ? '' : ','}\n${participant(entry)}`).join('')
      return encoder.encode(text)
    },
    end: () => encoder.encode('\n]}\n'),
  }
}
