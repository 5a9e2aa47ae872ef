/**
 * What a provider's answers look like, without a value of any: types, forms of texts, names of headers, sizes. Written by
 * `verify --record`, and played by the simulator, which answers in that shape.
 */
export interface Recording {
  format: typeof RECORDING_FORMAT
  provider: string
  /** by call, `GET /events/{}/participants`, or `token` */
  calls: Record<string, RecordedCall>
}

export const RECORDING_FORMAT = 'startlist-recording/1'

/** How one kind of call was answered. */
export interface RecordedCall {
  /** by how the request said who asks; ascending */
  statuses: Record<string, number[]>
  /** names of the headers of good answers, sorted */
  headers: string[]
  contentType: string
  /** rows asked for and rows that came, of lists; the status where it was refused; sorted */
  pages: { page: number; asked: number; came: number | null }[]
  /** types of what stands at a path below the answer, the answer itself being `$`; `null` among them */
  types: Record<string, string[]>
  /** how texts at a path are written, see {@link textForm} */
  forms: Record<string, string[]>
}

/**
 * How a text is written, without what it says: a date or time by the parts that it has, an amount of money, digits, or
 * simply `text`.
 */
export function textForm(text: string): string {
  if (text === '') return 'empty'
  const time = TIME.exec(text)
  if (time) {
    const [, t, clock, fraction, zone] = time
    if (clock === undefined) return 'date'
    const midnight = /^00:00(:00)?$/.test(clock) && /^(\.0+)?$/.test(fraction ?? '') ? 'midnight' : 'time'
    const offset = zone === undefined ? 'local' : /z/i.test(zone) ? 'Z' : 'offset'
    return `${midnight}${t === ' ' ? ' spaced' : ''}${fraction === undefined ? '' : ' fraction'} ${offset}`
  }
  if (/^\d{1,2}\/\d{1,2}\/\d{4}( \d{1,2}:\d{2})?$/.test(text))
    return text.includes(' ') ? 'US time' : 'US date'
  if (/^[$€£]-?[\d,]+(\.\d{2})?$/.test(text)) return 'money'
  if (/^\d+$/.test(text)) return 'digits'
  return text === 'T' || text === 'F' ? 'flag' : 'text'
}

const TIME = /^\d{4}-\d{2}-\d{2}(?:([T ])(\d{2}:\d{2}(?::\d{2})?)(\.\d+)?(Z|[+-]\d{2}:?\d{2})?)?$/i
