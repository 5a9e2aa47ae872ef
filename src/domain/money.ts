/** Signs and codes before or after an amount: `$`, `US$`, `USD`, `€`, `kr`. */
const SIGNS = /^(?:[A-Za-z]{0,3}\s*\p{Sc}|[A-Za-z]{2,3}(?=[\s\d-]))\s*|\s*(?:\p{Sc}|[A-Za-z]{2,3})$/gu

/** The legacy column is numeric(10,2). */
const MAX_CENTS = 9_999_999_999n

/**
 * Reads an amount of money: `"$1,234.50"`, `1234.5`, `"(12.00)"` (negative), `"1.234,50 €"`. A single separator with
 * one, two or more than three digits after it is the decimal one; with exactly three, a comma groups thousands.
 * @returns decimal text with two digits, rounded half away from zero (`1234.50`); null when nothing is said;
 *   undefined when it cannot be read or does not fit eight digits before the point
 */
export function readMoney(value: unknown): string | null | undefined {
  if (value === null || value === undefined) return null
  if (typeof value === 'number') return fromDecimal(plainDecimal(value))
  if (typeof value !== 'string') return undefined
  let text = value.trim()
  if (text === '') return null
  if (text.length > 64) return undefined
  let signs = 0
  const bracketed = /^\((.*)\)$/.exec(text)
  if (bracketed) {
    signs += 1
    text = bracketed[1]!.trim()
  }
  // The minus stands before the currency sign or after it.
  const takeMinus = () => {
    if (!/^[-−]/.test(text)) return
    signs += 1
    text = text.slice(1).trim()
  }
  takeMinus()
  text = text.replace(SIGNS, '')
  takeMinus()
  if (signs > 1) return undefined
  const decimal = withoutGroups(text)
  return decimal === undefined ? undefined : fromDecimal(signs === 1 ? `-${decimal}` : decimal)
}

function plainDecimal(value: number): string {
  const text = String(value)
  return /^-?\d+(\.\d+)?$/.test(text) ? text : Math.abs(value) < 1 ? '0' : 'not plain'
}

/** `1,234.50`, `1.234,50`, `1 234,50`, `1'234.50` as `1234.50`; undefined when the groups make no sense. */
function withoutGroups(text: string): string | undefined {
  const digits = text.replace(/(?<=\d)[\s'’](?=\d{3}(?!\d))/gu, '')
  if (!/^[\d.,]*\d$/.test(digits)) return undefined
  const last = Math.max(digits.lastIndexOf('.'), digits.lastIndexOf(','))
  if (last < 0) return digits
  const mark = digits[last]!
  const other = mark === '.' ? ',' : '.'
  const after = digits.length - last - 1
  const repeated = digits.indexOf(mark) !== last
  const mixed = digits.includes(other)
  const isGroup = repeated || (mark === ',' && after === 3 && !mixed)
  const whole = isGroup ? digits : digits.slice(0, last)
  const groupMark = isGroup ? mark : other
  if (whole.includes(groupMark)) {
    const groups = whole.split(groupMark)
    if (!/^\d{1,3}$/.test(groups[0]!) || groups.slice(1).some((group) => !/^\d{3}$/.test(group)))
      return undefined
  }
  const plain = whole.replaceAll(groupMark, '')
  if (!/^\d*$/.test(plain)) return undefined
  return isGroup ? plain : `${plain || '0'}.${digits.slice(last + 1)}`
}

function fromDecimal(text: string): string | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (!match) return undefined
  const [, sign, whole, fraction = ''] = match
  const digits = fraction.padEnd(3, '0')
  const cents = BigInt(`${whole}${digits.slice(0, 2)}`) + (digits[2]! >= '5' ? 1n : 0n)
  if (cents > MAX_CENTS) return undefined
  const padded = String(cents).padStart(3, '0')
  return `${sign && cents > 0n ? '-' : ''}${padded.slice(0, -2)}.${padded.slice(-2)}`
}
