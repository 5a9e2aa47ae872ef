/** A page for people about all routes, rendered from the document; plain HTML, so no policy has to be opened for it. */

/** The parts of an OpenAPI document that the page shows. */
interface Described {
  info: { title: string; version: string; description?: string }
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

interface Operation {
  tags?: string[]
  summary?: string
  description?: string
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema; description?: string }[]
  requestBody?: { content: Record<string, { schema?: Schema }> }
  responses: Record<string, { description: string; content?: Record<string, { schema?: Schema }> }>
}

interface Schema {
  $ref?: string
  type?: string | string[]
  description?: string
  enum?: unknown[]
  default?: unknown
  example?: unknown
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  allOf?: Schema[]
  anyOf?: Schema[]
  oneOf?: Schema[]
}

export const DOCS_STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 1rem }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere }
pre { padding: .75rem; border: 1px solid; border-radius: .25rem; overflow-x: auto }
summary { cursor: pointer; padding: .4rem 0 }
details { border-bottom: 1px solid }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0 }
`

/** @param document of the routes, as /v1/openapi.json has it */
export function docsPage(document: object): string {
  const { info, paths, components } = document as Described
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const areas = Map.groupBy(operations, ({ operation }) => operation.tags?.[0] ?? '')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${safe(info.title)} API ${safe(info.version)}</title>
<link rel="stylesheet" href="docs.css">
</head>
<body>
<h1>${safe(info.title)} API ${safe(info.version)}</h1>
<p>${safe(info.description ?? '')} For programs: <a href="openapi.json">openapi.json</a>.</p>
<pre>curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8080/v1/board</pre>
${[...areas].map(([name, of]) => `<h2>${safe(name)}</h2>\n${of.map(operationHtml).join('\n')}`).join('\n')}
<h2>Schemas</h2>
${Object.entries(components.schemas).map(schemaHtml).join('\n')}
</body>
</html>
`
}

function operationHtml(shown: { path: string; method: string; operation: Operation }): string {
  const { parameters = [], requestBody, responses, summary = '', description = '' } = shown.operation
  const asked = parameters.map(({ name, in: where, required, schema = {}, description: about }) => [
    `<code>${safe(name)}</code>`,
    `${where}${required ? '' : ', optional'}`,
    typeHtml(schema),
    safe(about ?? schema.description ?? ''),
  ])
  const body = Object.values(requestBody?.content ?? {}).map(({ schema = {} }) => typeHtml(schema))
  const answers = Object.entries(responses).map(([status, { content = {}, description: about }]) => {
    const types = Object.values(content).map(({ schema = {} }) => typeHtml(schema))
    return [`<code>${status}</code>`, types.join(' or '), safe(about)]
  })
  return `<details>
<summary><code>${shown.method.toUpperCase()} /v1${safe(shown.path)}</code> ${safe(summary)}</summary>
<p>${safe(description)}</p>
${asked.length === 0 ? '' : tableHtml(['Parameter', 'Where', 'Type', ''], asked)}
${body.length === 0 ? '' : `<p>Body: ${body.join(' or ')}</p>`}
${tableHtml(['Answer', 'Type', ''], answers)}
</details>`
}

function schemaHtml([name, schema]: [string, Schema]): string {
  const parts = [schema, ...(schema.allOf ?? [])]
  const rows = parts.flatMap(({ properties = {} }) =>
    Object.entries(properties).map(([field, type]) => [
      `<code>${safe(field)}</code>`,
      typeHtml(type),
      safe(type.description ?? ''),
    ]),
  )
  const bases = parts.filter(({ $ref }) => $ref !== undefined).map(typeHtml)
  const base = bases.length === 0 ? '' : `<p>All of ${bases.join(', ')}, and:</p>`
  return `<details id="${safe(name)}">
<summary><code>${safe(name)}</code></summary>
${base}${tableHtml(['Field', 'Type', ''], rows)}
</details>`
}

function typeHtml(schema: Schema): string {
  const name = schema.$ref?.split('/').at(-1)
  if (name !== undefined) return `<a href="#${safe(name)}">${safe(name)}</a>`
  const several = schema.anyOf ?? schema.oneOf ?? schema.allOf
  if (several !== undefined) return several.map(typeHtml).join(' or ')
  if (schema.enum !== undefined) return safe(schema.enum.map(String).join(' | '))
  if (schema.items !== undefined) return `list of ${typeHtml(schema.items)}`
  return safe([schema.type ?? ''].flat().join(' or '))
}

function tableHtml(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[], tag: 'th' | 'td') =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`
  return `<table>${row(heads, 'th')}${rows.map((cells) => row(cells, 'td')).join('')}</table>`
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const safe = (text: string): string => text.replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter)
