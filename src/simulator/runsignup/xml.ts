import type { Json } from '../../domain/json.ts'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** An element with its content; the items of a list become elements of its name. */
function element(name: string, value: Json | undefined): string {
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join('')
  if (value === null || value === undefined) return `<${name}/>`
  const inner =
    typeof value === 'object'
      ? Object.entries(value)
          .map(([key, one]) => element(key, one))
          .join('')
      : String(value).replace(/[&<>]/g, (sign) => ENTITIES[sign] ?? sign)
  return `<${name}>${inner}</${name}>`
}

/** The provider's XML, which is what comes unless `format=json` is asked for (RunSignUp API notes 2.1). */
export function xml(body: Json): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<result>${element('item', body)}</result>`
}
