import type { Json } from '../domain/json.ts'

/** Reads a body as UTF-8 (broken bytes become U+FFFD, as everywhere); null when it is longer than `maxBytes`. */
export async function readBody(response: Response, maxBytes: number): Promise<string | null> {
  if (!response.body) return ''
  const decoder = new TextDecoder()
  const parts: string[] = []
  let bytes = 0
  // Leaving the loop early cancels the stream, and with it the connection.
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) return null
    parts.push(decoder.decode(chunk, { stream: true }))
  }
  parts.push(decoder.decode())
  return parts.join('')
}

/** An integer of 16 digits or more standing as a number: it may not survive as one. */
const LONG_INTEGER = /[:[,]\s*-?\d{16,}\s*[,\]}]/

/**
 * Parses JSON; undefined when it is none. An integer too large for a double becomes its digits as text: a
 * registration number must not be rounded into somebody else's.
 */
export function parseJson(text: string): Json | undefined {
  try {
    return LONG_INTEGER.test(text) ? (JSON.parse(text, keepDigits) as Json) : (JSON.parse(text) as Json)
  } catch {
    return undefined
  }
}

const keepDigits = ((_key: string, value: unknown, context?: { source?: string }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
    ? context?.source
    : value) as (key: string, value: unknown) => unknown
