import { hash } from 'node:crypto'
import type { Json } from './json.ts'

/** Version of the hashed form (F5): raised whenever {@link canonicalJson} or what is hashed changes. */
export const FINGERPRINT_FORM = 1

/**
 * JSON text that is the same for equal values: keys sorted by code units, no white space.
 */
export function canonicalJson(json: Json): string {
  if (typeof json !== 'object' || json === null) return JSON.stringify(json)
  if (Array.isArray(json)) {
    let text = '['
    for (let i = 0; i < json.length; i++) text += (i === 0 ? '' : ',') + canonicalJson(json[i]!)
    return `${text}]`
  }
  let text = '{'
  for (const key of Object.keys(json).sort()) {
    text += `${text.length === 1 ? '' : ','}${JSON.stringify(key)}:${canonicalJson(json[key]!)}`
  }
  return `${text}}`
}

/**
 * SHA-256 over the canonical form, prefixed with the form's version, so that no hash of another version is ever
 * taken for the same content (F5). The input should be `jsonbSafe`: then a value read back from the database has
 * the same fingerprint.
 * @returns 32 bytes
 */
export function fingerprint(json: Json, formVersion: number = FINGERPRINT_FORM): Buffer {
  return hash('sha256', `${formVersion}\n${canonicalJson(json)}`, 'buffer')
}
