import type { Json, JsonObject } from '../../domain/json.ts'
import { isObject } from '../records.ts'
import type { ApiCallUse, ApiUses, ParameterUse } from '../uses.ts'
import { resolved, type Spec } from './document.ts'
import { hasField, recordsOf } from './schema.ts'
import { securityOf } from './security.ts'

/** Where a specification and an adapter disagree. */
export interface SpecFinding {
  /** `note`: the adapter finds its way all the same */
  weight: 'breaks' | 'note'
  /** such as `GET /events` */
  where: string
  what: string
}

/** Compares every path, parameter, limit and field that an adapter uses with its provider's specification. Pure. */
export function compareSpec(spec: Spec, uses: ApiUses): SpecFinding[] {
  return [...compareSecurity(spec, uses), ...uses.calls.flatMap((call) => compareCall(spec, call))]
}

function compareSecurity(spec: Spec, { security }: ApiUses): SpecFinding[] {
  const there = securityOf(spec)
  const where = 'security'
  if (there.length === 0) return [{ weight: 'note', where, what: 'the specification names no scheme' }]
  if (there.some((scheme) => (security as readonly string[]).includes(scheme))) return []
  return [{ weight: 'breaks', where, what: `it names ${there.join(', ')}; used: ${security.join(' or ')}` }]
}

function compareCall(spec: Spec, call: ApiCallUse): SpecFinding[] {
  const where = `${call.method} ${shown(call.path)}`
  const found = operationOf(spec, call)
  if (found === null) {
    const near = similarPaths(spec, call.path)
    const instead = near.length === 0 ? '' : `; it has ${near.join(', ')}`
    const weight = call.optional ? 'note' : 'breaks'
    return [{ weight, where, what: `the specification has no such path${instead}` }]
  }
  const { operation, item, path } = found
  const parameters = parametersOf(spec, item, operation)
  const moved: SpecFinding[] = found.prefixed
    ? [{ weight: 'note', where, what: `it stands at ${path}: check the API's address` }]
    : []
  const asked = call.query.flatMap((use) => compareParameter(use, parameters, where))
  const used = new Set(call.query.map(({ name }) => name))
  const lacking = [...parameters.values()].filter(
    ({ name, required }) => required === true && !used.has(String(name)),
  )
  const missing = lacking.map(
    ({ name }): SpecFinding => ({
      weight: 'breaks',
      where,
      what: `it requires ${String(name)}, which is not sent`,
    }),
  )
  return [...moved, ...asked, ...missing, ...compareFields(spec, operation, call, where)]
}

const shown = (path: string) => path.replaceAll('{}', '{id}')
const bare = (path: string) => path.replaceAll(/\{[^}]*\}|:[A-Za-z_]+/g, '{}').replace(/\/+$/, '')

interface Operation {
  path: string
  item: JsonObject
  operation: JsonObject
  /** It stands below something, such as `/v1`, that is not part of the server's address. */
  prefixed: boolean
}

/** The same path, or one with something before it. */
function operationOf(spec: Spec, { path, method }: ApiCallUse): Operation | null {
  const paths = isObject(spec.root.paths) ? Object.entries(spec.root.paths) : []
  for (const prefixed of [false, true]) {
    for (const [written, value] of paths) {
      const fits = prefixed ? bare(written).endsWith(path) : bare(written) === path
      const item = fits ? resolved(spec, value) : null
      const operation = item && resolved(spec, item[method.toLowerCase()])
      if (item !== null && operation !== null) return { path: written, item, operation, prefixed }
    }
  }
  return null
}

/** Paths that end alike, for whoever looks for the one that is missing. */
function similarPaths(spec: Spec, path: string): string[] {
  const last = path.split('/').findLast((part) => part !== '{}') ?? ''
  const all = isObject(spec.root.paths) ? Object.keys(spec.root.paths) : []
  return all.filter((written) => last !== '' && bare(written).includes(last.slice(0, 6))).slice(0, 4)
}

/** Query parameters by name, the operation's own before those of its path. */
function parametersOf(spec: Spec, item: JsonObject, operation: JsonObject): Map<string, JsonObject> {
  const lists = [item.parameters, operation.parameters].map((list) => (Array.isArray(list) ? list : []))
  const all = lists.flat().map((parameter) => resolved(spec, parameter))
  const query = all.filter((one) => one !== null && one.in === 'query') as JsonObject[]
  return new Map(
    query.map((one) => {
      const schema = resolved(spec, one.schema)
      return [String(one.name), schema === null ? one : { ...schema, ...one }]
    }),
  )
}

function compareParameter(
  use: ParameterUse,
  parameters: ReadonlyMap<string, JsonObject>,
  where: string,
): SpecFinding[] {
  const told = parameters.get(use.name)
  if (told === undefined) {
    const other = [...parameters.keys()].find((name) => isRenamed(name, use.name))
    const instead = other === undefined ? '' : `; it has ${other}`
    return [
      { weight: use.optional ? 'note' : 'breaks', where, what: `it has no parameter ${use.name}${instead}` },
    ]
  }
  const { maximum } = told
  const findings: SpecFinding[] = []
  if (use.most !== undefined && typeof maximum === 'number' && maximum < use.most)
    findings.push({
      weight: 'note',
      where,
      what: `${use.name} is at most ${maximum}; ${use.most} is asked for, and what comes is learnt`,
    })
  const allowed = Array.isArray(told.enum) ? told.enum.map(String) : null
  for (const value of allowed === null ? [] : (use.values ?? []))
    if (!allowed?.some((one) => one.toLowerCase() === value.toLowerCase()))
      findings.push({ weight: 'breaks', where, what: `${use.name} does not take ${value}` })
  return findings
}

const letters = (name: string) => name.toLowerCase().replaceAll(/[^a-z]/g, '')
const PAGE_SIZES = ['perpage', 'pagesize', 'limit', 'resultsperpage', 'size']

/** The same letters in another spelling, or the other words for a page's size. */
function isRenamed(a: string, b: string): boolean {
  const [one, other] = [letters(a), letters(b)]
  return one === other || (PAGE_SIZES.includes(one) && PAGE_SIZES.includes(other))
}

function compareFields(spec: Spec, operation: JsonObject, call: ApiCallUse, where: string): SpecFinding[] {
  const records = recordsOf(spec, answerOf(spec, operation))
  if (records.length === 0)
    return [{ weight: 'note', where, what: 'the specification does not say what it answers' }]
  const lacking = records.map((schemas) =>
    call.reads.filter((group) => !group.some((path) => hasField(spec, schemas, path))),
  )
  const fewest = lacking.reduce((best, each) => (each.length < best.length ? each : best))
  return fewest.map((group) => ({
    weight: group === call.reads[0] ? 'breaks' : 'note',
    where,
    what: `the answer has no ${group.join(' or ')}`,
  }))
}

/** The schema of the good answer. */
function answerOf(spec: Spec, operation: JsonObject): Json | undefined {
  const responses = resolved(spec, operation.responses) ?? {}
  const response = resolved(spec, responses['200'] ?? responses['2XX'] ?? responses.default)
  if (response === null) return undefined
  if (spec.version === 2) return response.schema
  const content = resolved(spec, response.content) ?? {}
  const media = Object.entries(content).find(([type]) => /json|\*/.test(type))?.[1]
  return resolved(spec, media)?.schema
}
