import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const LONGEST_FILE = 300

/** Everything in src; what wires the parts together may use all of them. */
const ALL = '*'
/** Which layers each layer may import, apart from itself. A layer is a folder of src, or a file beside the folders. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  domain: [],
  config: ['domain'],
  observe: ['domain'],
  providers: ['domain'],
  quota: ['domain'],
  store: ['domain'],
  simulator: ['domain'],
  export: ['domain'],
  sync: ['domain', 'observe', 'providers', 'quota', 'store'],
  simulate: ['config', 'domain', 'providers', 'quota', 'scheduler', 'simulator', 'store', 'sync'],
  status: ['domain', 'providers', 'quota', 'scheduler', 'store', 'sync'],
  cli: [ALL],
  api: [ALL],
  scheduler: [ALL],
  bibs: ['domain', 'store', 'sync'],
  check: ['domain', 'store'],
  feed: ['domain', 'store'],
  webhooks: ['domain', 'feed', 'store'],
  alerts: ['domain', 'quota', 'store', 'sync', 'scheduler', 'webhooks'],
}
/** What a layer may import for its types alone. */
const MAY_IMPORT_TYPES: Record<string, readonly string[]> = {
  sync: ['config'],
  alerts: ['config'],
  status: ['config'],
}
/** pg-boss is asked for jobs, not in SQL. */
const SQL_PACKAGES = /^(kysely|pg|pg-(?!boss)[\w-]+)(\/|$)/

interface Import {
  specifier: string
  /** `import type`: nothing of it is left at run time. `import { type A }` still loads the module. */
  typeOnly: boolean
}

// The clause between the keyword and `from` has no quote, bracket or equals sign, so a match never runs over code.
const STATIC = /(?:^|;)[ \t]*(?:import|export)\s+(type\s+)?(?:[\w$*{},\s]+?\s*from\s*)?(['"])([^'"\n]+)\2/gm
const DYNAMIC = /\bimport\s*\(\s*(?:(['"`])([^'"`]+)\1)?/g

/** Imports, re-exports and `import()` of a source file; a computed `import()` has the specifier `(computed)`. */
function importsOf(source: string): Import[] {
  const code = withoutCommentLines(source)
  return [
    ...code.matchAll(STATIC).map((m) => ({ specifier: m[3]!, typeOnly: m[1] !== undefined })),
    ...code.matchAll(DYNAMIC).map((m) => ({ specifier: m[2] ?? '(computed)', typeOnly: false })),
  ]
}

function withoutCommentLines(source: string): string {
  return source.replaceAll(/^[ \t]*(\/\/|\/\*|\*).*$/gm, '')
}

/** `src/store/calls.ts` is of layer `store`, `src/config.ts` of layer `config`; outside src there is none. */
function layerOf(path: string): string | null {
  const [top, name] = path.split('/')
  return top === 'src' && name !== undefined ? name.replace(/\.ts$/, '') : null
}

/** What a source file below src does against the rules; `path` is relative to the root, with slashes. */
function violationsOf(path: string, source: string): string[] {
  const code = withoutCommentLines(source)
  const layer = layerOf(path) ?? ''
  if (!Object.hasOwn(MAY_IMPORT, layer))
    return [`${path} is of no known layer: give it its place in MAY_IMPORT`]
  const found = importsOf(source).flatMap((imported) => importViolation(path, layer, imported))
  const readsTime = /\bDate\.now\b|\bnew Date\b(?!\s*\(\s*[^)\s])/.test(code)
  if (readsTime && path !== 'src/domain/clock.ts' && layer !== 'observe') {
    found.push(`${path} reads the machine's time: take a Clock`)
  }
  const lines = source.trimEnd().split('\n').length
  if (lines > LONGEST_FILE) found.push(`${path} has ${lines} lines: a file is one idea`)
  return found
}

function importViolation(path: string, from: string, { specifier, typeOnly }: Import): string[] {
  const allowed = MAY_IMPORT[from] ?? []
  if (specifier === '(computed)') return [`${path} imports something computed`]
  if (!specifier.startsWith('.')) {
    const hasSql = SQL_PACKAGES.test(specifier) && !typeOnly && from !== 'store'
    return hasSql ? [`${path} imports ${specifier}: only src/store knows SQL`] : []
  }
  const target = posix.join(posix.dirname(path), specifier)
  const to = layerOf(target)
  // For the version that the program shows.
  if (target === 'package.json' && allowed.includes(ALL)) return []
  if (to === null) return [`${path} imports ${target}, outside src`]
  if (to === from || allowed.includes(ALL) || allowed.includes(to)) return []
  if (typeOnly && MAY_IMPORT_TYPES[from]?.includes(to)) return []
  return [`${path} imports ${target}: ${from} may not know ${to}`]
}

// Written in pieces, so that this file does not contain them.
const MACHINE_PATHS = ['work', 'root', 'home/\\w+', 'Users/\\w+', 'var/folders'].map(
  (path) => new RegExp(`(?<![\\w.\\-/~])/${path}/`),
)

/** Paths of somebody's machine in a text, with their line numbers. */
function machinePaths(path: string, text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, i) =>
      MACHINE_PATHS.some((pattern) => pattern.test(line)) ? [`${path}:${i + 1} ${line.trim()}`] : [],
    )
}

const IGNORED = new Set(['node_modules', '.git', '.startlist', 'coverage', 'dist', 'tmp', '.env'])

/** Files below a directory, relative to the root, with slashes; what .gitignore names is left out. */
function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (IGNORED.has(entry.name) || entry.name.endsWith('.log')) return []
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return filesBelow(path)
    return entry.isFile() ? [relative(ROOT, path).split(sep).join('/')] : []
  })
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

describe('the source', () => {
  const sources = filesBelow(join(ROOT, 'src')).filter((path) => path.endsWith('.ts'))

  it('is found', () => {
    expect(sources).toContain('src/domain/clock.ts')
    expect(sources.flatMap((path) => importsOf(read(path))).length).toBeGreaterThan(100)
  })

  it('imports one way, keeps SQL in the store and time in the clock, and has no long file', () => {
    expect(sources.flatMap((path) => violationsOf(path, read(path)))).toEqual([])
  })

  it('gives chance a seed in its tests', () => {
    const tests = filesBelow(join(ROOT, 'test')).filter((path) => path.endsWith('.ts'))
    const direct = tests.filter((path) => importsOf(read(path)).some((one) => one.specifier === 'fast-check'))
    expect(direct).toEqual(['test/helpers/fast-check.ts'])
  })

  it('names no path of somebody’s machine', () => {
    const texts = filesBelow(ROOT).filter((path) => !/\.(png|jpe?g|gif|ico|woff2?)$/.test(path))
    expect(texts).toContain('package.json')
    expect(texts.flatMap((path) => machinePaths(path, read(path)))).toEqual([])
  })
})

describe('these rules can fail', () => {
  const cases: [name: string, path: string, source: string, found: RegExp][] = [
    [
      'domain knows nothing',
      'src/domain/a.ts',
      `import { x } from '../store/b.ts'`,
      /domain may not know store/,
    ],
    [
      'providers know no store',
      'src/providers/a.ts',
      `import { x } from '../store/b.ts'`,
      /may not know store/,
    ],
    [
      'the store knows no provider',
      'src/store/a.ts',
      `import type { X } from '../providers/b.ts'`,
      /providers/,
    ],
    ['quota knows no store', 'src/quota/a.ts', `export { x } from '../store/b.ts'`, /may not know store/],
    [
      'config knows no store',
      'src/config.ts',
      `import { x } from './store/b.ts'`,
      /config may not know store/,
    ],
    [
      'the simulator knows no provider',
      'src/simulator/a.ts',
      `export * from '../providers/b.ts'`,
      /simulator/,
    ],
    ['sync knows no command', 'src/sync/a.ts', `import '../cli/main.ts'`, /sync may not know cli/],
    ['sync loads no config', 'src/sync/a.ts', `import { type C } from '../config.ts'`, /may not know config/],
    ['alerts know no command', 'src/alerts/a.ts', `import '../cli/main.ts'`, /alerts may not know cli/],
    ['src knows no test', 'src/cli/a.ts', `import { x } from '../../test/helpers/a.ts'`, /outside src/],
    ['a new folder is placed', 'src/stuff/a.ts', `export const x = 1`, /no known layer/],
    [
      'over several lines',
      'src/domain/a.ts',
      `import {\n  x,\n  y as z,\n} from '../sync/b.ts'`,
      /know sync/,
    ],
    ['with a default', 'src/domain/a.ts', `import d, * as x from "../sync/b.ts"`, /know sync/],
    ['dynamically', 'src/domain/a.ts', `const a = await import(\n  '../cli/b.ts')`, /know cli/],
    ['computed', 'src/domain/a.ts', 'await import(name)', /computed/],
    ['SQL in sync', 'src/sync/a.ts', `import { sql } from 'kysely'`, /only src\/store knows SQL/],
    ['pg in a command', 'src/cli/a.ts', `import pg from 'pg'`, /only src\/store knows SQL/],
    ['the time', 'src/sync/a.ts', 'const t = Date.now()', /machine's time/],
    ['the date', 'src/store/a.ts', 'const t = new Date( )', /machine's time/],
    ['the date, bare', 'src/store/a.ts', 'const t = new Date', /machine's time/],
    ['a long file', 'src/sync/a.ts', 'a()\n'.repeat(LONGEST_FILE + 1), /301 lines/],
  ]
  it.each(cases)('%s', (_, path, source, found) => {
    expect(violationsOf(path, source)).toEqual([expect.stringMatching(found)])
  })

  const allowed: [name: string, path: string, source: string][] = [
    ['downwards', 'src/sync/a.ts', `import { x } from '../store/b.ts'\nimport { y } from '../domain/c.ts'`],
    ['within a layer', 'src/providers/haku/a.ts', `import { x } from '../http.ts'`],
    ['types of the config', 'src/sync/a.ts', `import type { C } from '../config.ts'`],
    ['SQL in the store', 'src/store/a.ts', `import { sql } from 'kysely'\nimport pg from 'pg'`],
    ['jobs', 'src/scheduler/a.ts', `import { PgBoss } from 'pg-boss'`],
    ['types of kysely', 'src/sync/a.ts', `import type { Kysely } from 'kysely'`],
    ['a given instant', 'src/sync/a.ts', 'const t = new Date(at).toISOString()'],
    ['the clock itself', 'src/domain/clock.ts', 'now: () => Date.now(),'],
    ['the version', 'src/cli/a.ts', `import p from '../../package.json' with { type: 'json' }`],
    ['a comment', 'src/domain/a.ts', `/**\n * import x from '../store/b.ts': Date.now()\n */\n// new Date()`],
    ['a text', 'src/domain/a.ts', `export const x = 'from ../store/b.ts'`],
    ['exactly as long as allowed', 'src/sync/a.ts', 'a()\n'.repeat(LONGEST_FILE)],
  ]
  it.each(allowed)('but not on %s', (_, path, source) => {
    expect(violationsOf(path, source)).toEqual([])
  })

  it('on a machine’s path', () => {
    const [work, home] = ['work', 'home/anna'].map((path) => `see /${path}/main/a.ts`)
    expect(machinePaths('a.md', `fine\n${work}`)).toEqual([`a.md:2 ${work}`])
    expect(machinePaths('a.md', home!)).toHaveLength(1)
    expect(machinePaths('a.md', 'https://example.com/work/a network/work/a ./home/anna/b')).toEqual([])
  })
})
