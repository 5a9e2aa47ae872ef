import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { Json, JsonObject } from '../../src/domain/json.ts'
import { hakuUses } from '../../src/providers/haku/uses.ts'
import { runsignupUses } from '../../src/providers/runsignup/uses.ts'
import { compareSpec } from '../../src/providers/spec/compare.ts'
import { readSpec } from '../../src/providers/spec/document.ts'
import type { ApiCallUse, ApiUses } from '../../src/providers/uses.ts'

/** A schema with a field at each path. */
function schemaOf(paths: readonly string[]): JsonObject {
  const inside = Map.groupBy(paths, (path) => path.split('.')[0] ?? '')
  const properties = [...inside].map(([name, all]): [string, Json] => {
    const rest = all.map((path) => path.split('.').slice(1).join('.')).filter((path) => path !== '')
    const one: JsonObject = rest.length === 0 ? { type: 'string' } : schemaOf(rest)
    return name.endsWith('[]') ? [name.slice(0, -2), { type: 'array', items: one }] : [name, one]
  })
  return { type: 'object', properties: Object.fromEntries(properties) }
}

type Change = (call: ApiCallUse) => {
  path?: string
  query?: ApiCallUse['query']
  reads?: string[]
  limit?: number
}

/** A specification that has what an adapter uses, changed here and there; definitions stand behind references. */
function specOf(uses: ApiUses, version: 2 | 3, change: Change = () => ({})): JsonObject {
  const definitions: JsonObject = {}
  const home = version === 2 ? '#/definitions' : '#/components/schemas'
  const paths = uses.calls.map((call, i): [string, JsonObject] => {
    const {
      path = call.path,
      query = call.query,
      reads = call.reads.map(([name = '']) => name),
      limit,
    } = change(call)
    definitions[`Record${i}`] = schemaOf(reads)
    const record = { $ref: `${home}/Record${i}` }
    const answer: JsonObject =
      i % 2 === 0
        ? { type: 'array', items: record }
        : { allOf: [{ type: 'object', properties: { data: { type: 'array', items: record } } }] }
    const parameters = query.map(({ name, values }): Json => {
      const schema = {
        type: 'string',
        ...(values && { enum: [...values] }),
        ...(/per_page/.test(name) && limit !== undefined && { maximum: limit }),
      }
      return version === 2 ? { name, in: 'query', ...schema } : { name, in: 'query', schema }
    })
    const good = version === 2 ? { schema: answer } : { content: { 'application/json': { schema: answer } } }
    let n = 0
    const written = path.replaceAll('{}', () => `{id${n++}}`)
    return [written, { get: { parameters, responses: { 200: { description: '', ...good } } } }]
  })
  const scheme = uses.security.includes('oauth2')
    ? { type: 'oauth2' }
    : { type: 'apiKey', in: 'query', name: 'k' }
  const common = { info: { title: 't', version: '1' }, paths: Object.fromEntries(paths) }
  if (version === 2) return { swagger: '2.0', ...common, definitions, securityDefinitions: { main: scheme } }
  return {
    openapi: '3.0.3',
    ...common,
    components: { schemas: definitions, securitySchemes: { main: scheme } },
  }
}

const compare = (uses: ApiUses, document: JsonObject) => compareSpec(readSpec(JSON.stringify(document)), uses)
const told = (uses: ApiUses, document: JsonObject) =>
  compare(uses, document).map(({ weight, where, what }) => `${weight} ${where}: ${what}`)

describe.each([2, 3] as const)('an OpenAPI %i document', (version) => {
  it.each([
    ['haku', hakuUses],
    ['runsignup', runsignupUses],
  ] as const)('with all that %s is used for has nothing to tell', (_, uses) => {
    expect(told(uses, specOf(uses, version))).toEqual([])
  })

  const at =
    (path: string, changes: ReturnType<Change>): Change =>
    (call) =>
      call.path === path ? changes : {}
  const [events, participants] = hakuUses.calls as [ApiCallUse, ApiCallUse]
  const cases: [what: string, change: Change, found: RegExp[]][] = [
    [
      'without a path',
      at(participants.path, { path: '/events/{}/entrants' }),
      [/^breaks GET \/events\/{id}\/participants: the specification has no such path/],
    ],
    [
      'below a version',
      at(events.path, { path: '/v1/events' }),
      [/^note GET \/events: it stands at \/v1\/events/],
    ],
    [
      'without a parameter',
      at(events.path, { query: events.query.filter(({ name }) => name !== 'show_inactive') }),
      [/^breaks GET \/events: it has no parameter show_inactive$/],
    ],
    [
      'with a renamed parameter',
      at(events.path, {
        query: events.query.map((use) => (use.name === 'per_page' ? { name: 'pageSize' } : use)),
      }),
      [/^breaks GET \/events: it has no parameter per_page; it has pageSize$/],
    ],
    [
      'with another order of the list',
      at(events.path, {
        query: events.query.map((use) => (use.name === 'sort_column' ? { ...use, values: ['name'] } : use)),
      }),
      [/^breaks GET \/events: sort_column does not take event_date$/],
    ],
    [
      'with a smaller page',
      at(events.path, { limit: 25 }),
      [/^note GET \/events: per_page is at most 25; 100 is asked for/],
    ],
    [
      'without a field',
      at(events.path, {
        reads: events.reads.map(([name = '']) => name).filter((name) => name !== 'event_date'),
      }),
      [/^note GET \/events: the answer has no event_date or start_date$/],
    ],
    [
      'without the key of its rows',
      at(participants.path, {
        reads: participants.reads.map(([name = '']) => name).filter((name) => name !== 'registration_number'),
      }),
      [/^breaks GET \/events\/{id}\/participants: the answer has no registration_number$/],
    ],
  ]
  it.each(cases)('%s is told so', (_, change, found) => {
    expect(told(hakuUses, specOf(hakuUses, version, change))).toEqual(
      found.map((one) => expect.stringMatching(one)),
    )
  })

  it('with another way to say who asks is told so', () => {
    const document = specOf(hakuUses, version)
    const schemes = { main: { type: 'apiKey', in: 'query', name: 'key' } }
    const changed =
      version === 2
        ? { ...document, securityDefinitions: schemes }
        : { ...document, components: { ...(document.components as JsonObject), securitySchemes: schemes } }
    expect(told(hakuUses, changed)).toEqual([expect.stringMatching(/^breaks security: it names apiKeyQuery/)])
  })

  it('is read as YAML too', () => {
    expect(compareSpec(readSpec(stringify(specOf(hakuUses, version))), hakuUses)).toEqual([])
  })
})

it('takes another word for a field that the mapping knows', () => {
  const words = specOf(hakuUses, 3, (call) => ({ reads: call.reads.map((group) => group.at(-1) ?? '') }))
  expect(told(hakuUses, words)).toEqual([])
})

it('ends where schemas refer to themselves', () => {
  const loop = specOf(hakuUses, 3)
  const schemas = (loop.components as JsonObject).schemas as JsonObject
  schemas.Record0 = { allOf: [{ $ref: '#/components/schemas/Record0' }] }
  schemas.Record1 = { $ref: '#/components/schemas/Record1' }
  expect(compare(hakuUses, loop).length).toBeGreaterThan(0)
})

it.each([['{}'], ['[1'], ['hello'], ['{"openapi": "4.0", "paths": {}}'], ['a: &a [*a, *a]']])(
  'refuses %s',
  (text) => {
    expect(() => readSpec(text)).toThrowError(expect.objectContaining({ code: 'BAD_INPUT' }))
  },
)
