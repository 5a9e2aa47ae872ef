/** Lengths of time as people write them: `1500ms`, `90s`, `15m`, `4h`, `7d`. */

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const FORM = /^(-?)(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/

/** Milliseconds of a length; negative with a minus sign in front; null when the text is none. */
export function readLength(text: string): number | null {
  const [, sign, digits, unit] = FORM.exec(text.trim()) ?? []
  if (digits === undefined || unit === undefined) return null
  const ms = Math.round(Number(digits) * UNITS[unit as keyof typeof UNITS])
  return sign === '-' ? -ms : ms
}

/** A length for a table or an axis, no finer than it is worth: `850 ms`, `7.5 s`, `2 min 5 s`, `1 h 20 min`. */
export function lengthText(ms: number): string {
  if (!Number.isFinite(ms)) return '-'
  if (ms < 0) return `-${lengthText(-ms)}`
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${trimmed(ms / 1_000)} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 3_600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  const minutes = Math.round(ms / 60_000)
  return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
}

const trimmed = (value: number) => String(Math.round(value * 10) / 10)

function pair(whole: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${restUnit}`
}
