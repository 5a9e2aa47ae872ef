import { isObject } from '../records.ts'
import { resolved, type Spec } from './document.ts'

/** The security schemes of a specification, in the words of `ApiUses`; one that is none of these by its own type. */
export function securityOf(spec: Spec): string[] {
  const { root } = spec
  const components = resolved(spec, root.components)
  const schemes = resolved(spec, spec.version === 2 ? root.securityDefinitions : components?.securitySchemes)
  const kinds = Object.values(schemes ?? {}).map((scheme) => {
    const told = resolved(spec, scheme)
    if (!isObject(told)) return 'unknown'
    if (told.type === 'apiKey') return told.in === 'query' ? 'apiKeyQuery' : 'apiKeyHeader'
    if (told.type === 'http') return String(told.scheme).toLowerCase()
    return String(told.type)
  })
  return [...new Set(kinds)]
}
