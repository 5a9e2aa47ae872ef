import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import { DEFAULT_CADENCE, readCadence } from '../domain/cadence.ts'
import { StartlistError } from '../domain/errors.ts'
import { type Scenario, scenarioSchema } from './scenario.ts'

const HINT = 'docs/simulate.md describes every key of a scenario.'
/** So many mistakes are told at once; more are the same one again. */
const MOST_TOLD = 5

/**
 * Reads a scenario from YAML.
 * @param file named in errors, which also name the line
 * @param floorMs shortest poll interval that makes sense at the provider
 * @throws StartlistError `BAD_INPUT`
 */
export function readScenario(text: string, file: string, floorMs: number): Scenario {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [broken] = document.errors
  if (broken) throw bad(`${file} line ${lines.linePos(broken.pos[0]).line}: ${broken.message}`)
  const place = (path: readonly PropertyKey[], key?: string) =>
    `${file} line ${lineOf(document, lines, path, key)}: `
  const parsed = scenarioSchema.safeParse(document.toJS())
  if (!parsed.success) {
    const told = parsed.error.issues.slice(0, MOST_TOLD).map((issue) => {
      if (issue.code === 'unrecognized_keys')
        return `${place(issue.path, issue.keys[0])}unknown key ${issue.keys.map((key) => `"${key}"`).join(', ')}`
      return `${place(issue.path)}${dotted(issue.path)}${issue.message}`
    })
    throw bad(told.join('; '))
  }
  checkCadences(parsed.data, floorMs, place)
  return parsed.data
}

/** An event's cadence; the default one when the scenario names none. */
export function cadenceOf(cadence: string | undefined, floorMs: number) {
  return cadence === undefined ? DEFAULT_CADENCE : readCadence(cadence, floorMs)
}

function checkCadences(
  scenario: Scenario,
  floorMs: number,
  place: (path: readonly PropertyKey[]) => string,
): void {
  for (const [i, account] of scenario.accounts.entries()) {
    for (const [j, { cadence }] of account.events.entries()) {
      try {
        cadenceOf(cadence, floorMs)
      } catch (error) {
        if (!(error instanceof StartlistError)) throw error
        throw new StartlistError(
          'BAD_INPUT',
          `${place(['accounts', i, 'events', j, 'cadence'])}${error.message}`,
          { hint: error.hint },
        )
      }
    }
  }
}

/** The line, from 1, of the value at a path, of one of its keys, or of what is nearest above. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[], key?: string): number {
  const whole = key === undefined ? path : [...path, key]
  for (let depth = whole.length; depth > 0; depth--) {
    const node = document.getIn(whole.slice(0, depth), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return 1
}

const dotted = (path: readonly PropertyKey[]) => (path.length === 0 ? '' : `${path.map(String).join('.')} `)

const bad = (message: string) => new StartlistError('BAD_INPUT', message, { hint: HINT })
