import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StartlistError } from '../domain/errors.ts'
import { shortestIntervalMs } from '../providers/registry.ts'
import { measure } from '../simulate/judge/figures.ts'
import { judge } from '../simulate/judge/verdict.ts'
import { playPlanner } from '../simulate/planner/play.ts'
import { type PlayOptions, play } from '../simulate/play.ts'
import type { Played } from '../simulate/played.ts'
import { reportHtml } from '../simulate/report/page.ts'
import type { Scenario } from '../simulate/scenario.ts'
import { readScenario } from '../simulate/scenario-file.ts'
import type { Cli, Command } from './cli.ts'
import { makeHome, removeLeftovers } from './demo/home.ts'
import { recordSimulation, tellSimulation } from './simulate/view.ts'

export interface SimulateOptions {
  /** name of one of the scenarios that come with startlist, or a file; left out, they are listed */
  scenario?: string
  html?: string
}

const SCENARIOS = fileURLToPath(new URL('../../scenarios', import.meta.url))
const YAML = '.yaml'
/** Each account has a few of its own. */
const CONNECTIONS = 300
const NAMES = { haku: 'Haku', runsignup: 'RunSignUp' }
/** Width of a scenario's name in the list. */
const LABEL = 24

/** `simulate`: plays a race morning on a virtual clock against a simulated provider, and judges it. */
export const simulate: Command<SimulateOptions> = async (cli, { scenario: name, html }) => {
  if (name === undefined) return list(cli)
  // pg-boss queues statements of its test clock behind each other on a new connection, of which pg warns for its next
  // major release; among a person's lines that is noise.
  process.noDeprecation = true
  const scenario = await readNamed(name)
  // Before minutes are spent: a report that cannot be written is found out now.
  if (html !== undefined) await save(html, '')
  const figures = measure(await playIt(cli, scenario))
  const checks = judge(scenario, figures)
  recordSimulation(cli.out, scenario, figures, checks)
  tellSimulation(cli.out, scenario, figures, checks)
  if (html !== undefined) await save(html, reportHtml(scenario, figures, checks))
  return checks.every(({ ok }) => ok) ? 0 : 1
}

/** The scenarios that come with startlist. */
async function list({ out }: Cli): Promise<0> {
  for (const file of (await readdir(SCENARIOS)).filter((name) => name.endsWith(YAML)).sort()) {
    const { name, about } = await readFrom(join(SCENARIOS, file))
    out.record({ kind: 'scenario', name, about })
    out.line(`${name.padEnd(LABEL)}  ${about}`)
  }
  return 0
}

/** A scenario by its name, or from a file. */
async function readNamed(name: string): Promise<Scenario> {
  const isFile = name.includes('/') || /\.ya?ml$/.test(name)
  return readFrom(isFile ? name : join(SCENARIOS, `${name}${YAML}`))
}

async function readFrom(path: string): Promise<Scenario> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new StartlistError('BAD_INPUT', `there is no scenario ${basename(path, YAML)} (${path}: ${why})`, {
      hint: 'startlist simulate lists those that come with it; docs/simulate.md says how to write one.',
      cause: error,
    })
  }
  return readScenario(text, path, shortestIntervalMs())
}

async function playIt(cli: Cli, scenario: Scenario): Promise<Played> {
  let told = 0
  const onProgress = (share: number) => {
    const tenth = Math.floor(share * 10)
    if (tenth <= told || share >= 1) return
    told = tenth
    cli.out.note(`${tenth * 10} % of ${scenario.name} played`)
  }
  const options = { signal: cli.signal, onProgress }
  return scenario.engine === 'planner' ? playPlanner(scenario, options) : playAtHome(cli, scenario, options)
}

/** Plays in a PostgreSQL of its own, of which nothing is left behind. */
async function playAtHome(cli: Cli, scenario: Scenario, options: Omit<PlayOptions, 'url'>): Promise<Played> {
  await removeLeftovers()
  await using stack = new AsyncDisposableStack()
  const home = makeHome(CONNECTIONS)
  stack.defer(() => home.remove())
  cli.out.note(
    `Preparing ${scenario.name}: a PostgreSQL of its own, and a simulated ${NAMES[scenario.provider.name]} ...`,
  )
  return await play(scenario, { url: await home.open(), ...options })
}

async function save(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new StartlistError('BAD_INPUT', `${path} cannot be written (${why})`, { cause: error })
  }
}
