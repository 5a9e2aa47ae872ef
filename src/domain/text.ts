import type { Json } from './json.ts'

const REPLACEMENT = '\uFFFD'

/** PostgreSQL reads nested JSON on its stack; a record this deep is no registration. */
const MAX_DEPTH = 500

/**
 * What jsonb and text columns accept of a text: NUL and lone surrogates become U+FFFD (D2).
 */
function storable(text: string): string {
  const formed = text.isWellFormed() ? text : text.toWellFormed()
  return formed.includes('\0') ? formed.replaceAll('\0', REPLACEMENT) : formed
}

/**
 * What jsonb accepts of a JSON value (D2): storable texts and keys throughout, and nothing nested deeper than
 * 500 levels (what lies deeper becomes U+FFFD). A value that needs no change is returned itself, not a copy.
 */
export function jsonbSafe<T extends Json>(json: T): T {
  return safe(json, 0) as T
}

function safe(json: Json, depth: number): Json {
  if (typeof json === 'string') return storable(json)
  if (typeof json !== 'object' || json === null) return json
  if (depth >= MAX_DEPTH) return REPLACEMENT
  if (Array.isArray(json)) {
    let changed = false
    const items = json.map((item) => {
      const kept = safe(item, depth + 1)
      changed ||= kept !== item
      return kept
    })
    return changed ? items : json
  }
  let changed = false
  const entries = Object.entries(json).map(([key, value]): [string, Json] => {
    const keptKey = storable(key)
    const kept = safe(value, depth + 1)
    changed ||= keptKey !== key || kept !== value
    return [keptKey, kept]
  })
  // Not by assignment: a key `__proto__` would vanish.
  return changed ? Object.fromEntries(entries) : json
}

/** Control characters and all kinds of white space, and the invisible ones that are pasted along with names. */
const BLANKS = /[\s\p{Cc}\u200B\u2060]+/gu

/** The text trimmed, with every run of white space as one space; null when nothing is left. */
export function clean(text: string | null | undefined): string | null {
  const cleaned = text?.replace(BLANKS, ' ').trim()
  return cleaned ? cleaned : null
}

/** The first `length` characters, counted by code points, so that none is cut in two. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text
  // No more than twice as many code units can be needed.
  return [...text.slice(0, 2 * length)].slice(0, length).join('')
}
