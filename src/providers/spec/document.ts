import { parse } from 'yaml'
import { StartlistError } from '../../domain/errors.ts'
import type { Json, JsonObject } from '../../domain/json.ts'
import { isObject } from '../records.ts'

/** An OpenAPI document, 2.0 or 3.x, as far as a comparison looks at it. */
export interface Spec {
  root: JsonObject
  version: 2 | 3
}

/** References that lead to references, or a schema that stands in itself, end here. */
const MOST_STEPS = 16

/**
 * Reads a specification: JSON or YAML.
 * @throws StartlistError `BAD_INPUT` for what is neither, or no OpenAPI
 */
export function readSpec(text: string): Spec {
  let root: unknown
  try {
    // JSON is YAML; aliases that multiply themselves are refused.
    root = parse(text, { maxAliasCount: 100, logLevel: 'silent' })
  } catch (error) {
    throw new StartlistError('BAD_INPUT', 'the specification is neither JSON nor YAML', { cause: error })
  }
  const document = root as Json
  if (isObject(document) && isObject(document.paths)) {
    if (/^2\./.test(String(document.swagger ?? ''))) return { root: document, version: 2 }
    if (/^3\./.test(String(document.openapi ?? ''))) return { root: document, version: 3 }
  }
  throw new StartlistError('BAD_INPUT', 'the specification is no OpenAPI 2.0 or 3.x document with paths')
}

/** What a value refers to, within the document; itself where it is no reference. Null for one that leads nowhere. */
export function resolved({ root }: Spec, value: Json | undefined): JsonObject | null {
  let at: Json | undefined = value
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    if (!isObject(at)) return null
    if (typeof at.$ref !== 'string') return at
    if (!at.$ref.startsWith('#/')) return null
    const parts = at.$ref.slice(2).split('/')
    at = parts.reduce<Json | undefined>((inside, part) => {
      const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
      if (Array.isArray(inside)) return inside[Number(name)]
      return isObject(inside) && Object.hasOwn(inside, name) ? inside[name] : undefined
    }, root)
  }
  return null
}
