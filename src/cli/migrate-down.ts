import { StartlistError } from '../domain/errors.ts'
import { migrateDown as goBack, planMigrateDown } from '../store/migrate-down.ts'
import { scriptOf } from '../store/steps/script.ts'
import { LOSSES, type Loss, sayInTheWay } from '../store/way-back/in-the-way.ts'
import type { WayBack } from '../store/way-back/plan.ts'
import type { Cli, Command } from './cli.ts'
import { ask } from './prompt.ts'
import { withSession } from './session.ts'

export interface MigrateDownOptions {
  plan?: boolean
  accept?: string
  yes?: boolean
}

const STEP = 'migrate --down'

/** `migrate --down`: the legacy tables as adoption found them, without startlist; or says what that would do. */
export const migrateDown: Command<MigrateDownOptions> = (cli, { plan, accept = '', yes }) => {
  const losses = lossesOption(accept)
  return withSession(cli, { schema: 'any' }, async ({ db, key, clock }) => {
    if (plan) {
      const way = await planMigrateDown(db, { key, accept: losses })
      tellPlan(cli, way)
      return way.inTheWay.length > 0 ? 3 : 0
    }
    if (!(await isMeant(cli, yes))) return 1
    tellDone(cli, await goBack(db, { key, accept: losses, clock }))
    return 0
  })
}

function lossesOption(text: string): ReadonlySet<Loss> {
  const named = text.split(',').filter((word) => word !== '')
  const unknown = named.find((word) => !LOSSES.some((loss) => loss === word))
  if (unknown !== undefined)
    throw new StartlistError('BAD_INPUT', `--accept takes ${LOSSES.join(', ')}, not "${unknown}"`)
  return new Set(LOSSES.filter((loss) => named.includes(loss)))
}

async function isMeant({ out }: Cli, yes: boolean | undefined): Promise<boolean> {
  if (yes) return true
  if (!process.stdin.isTTY)
    throw new StartlistError('USAGE', 'startlist leaves this database: confirm it with --yes', {
      hint: 'startlist migrate --down --plan says what goes and what stays; startlist backup keeps all of it.',
    })
  const answer = await ask(
    'Remove startlist from this database? Its feed, settings and tokens go. Type yes: ',
  )
  if (answer !== 'yes') out.note('Nothing was changed.')
  return answer === 'yes'
}

const rowsOf = (rows: number): string => `${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}`

/** As comments of a script that psql takes. */
function tellPlan({ out }: Cli, { unit, ...found }: WayBack): void {
  const { inTheWay, notOwned, opens, goes } = found
  out.record(found)
  for (const { statements, ...about } of [unit]) out.record({ step: STEP, ...about, statements })
  const lines = [
    ...inTheWay.map((one) => `in the way: ${sayInTheWay(one)}`),
    ...(notOwned.length === 0 ? [] : [`this role does not own ${notOwned.join(', ')}`]),
    ...(opens.length === 0
      ? []
      : [
          `the secrets of credentials ${opens.join(', ')} are stored in plain text again, by startlist itself`,
        ]),
    ...goes.filter(({ rows }) => rows > 0).map(({ table, rows }) => `goes: ${table}, ${rowsOf(rows)}`),
  ]
  for (const line of lines) out.line(`-- ${line}`)
  for (const line of scriptOf([{ name: STEP, units: [unit] }])) out.line(line)
}

function tellDone({ out }: Cli, { goes, opens }: WayBack): void {
  out.record({ kind: 'down', goes, opens })
  for (const { table, rows } of goes.filter((one) => one.rows > 0))
    out.line(`gone: ${table}, ${rowsOf(rows)}`)
  if (opens.length > 0) out.line(`In plain text again: the secrets of credentials ${opens.join(', ')}.`)
  out.line(
    'The legacy tables are as they were before the adoption, and startlist is gone from this database.',
  )
}
