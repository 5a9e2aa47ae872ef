import { StartlistError } from '../domain/errors.ts'
import { openTurnQueue } from '../scheduler/turn-queue.ts'
import { migrate as applyMigrations, type MigrationPlan, planMigration } from '../store/migrate.ts'
import { scriptOf } from '../store/steps/script.ts'
import type { Cli, Command } from './cli.ts'
import { type Session, withSession } from './session.ts'

export interface MigrateOptions {
  plan?: boolean
  check?: boolean
}

const NOTHING = 'Nothing to do: the schema is up to date.'

/** Brings the database to this release's schema, or says what that would do. */
export const migrate: Command<MigrateOptions> = (cli, options) => {
  if (options.plan && options.check) throw new StartlistError('USAGE', 'give --plan or --check, not both')
  return withSession(cli, { schema: 'any' }, async (session) => {
    if (!options.plan && !options.check) return apply(cli, session)
    const plan = await planMigration(session.db)
    tellPlan(cli, plan, options.plan === true)
    return options.check && !isDone(plan) ? 3 : 0
  })
}

const isDone = ({ steps, blockers }: MigrationPlan): boolean => steps.length === 0 && blockers.length === 0

async function apply({ out }: Cli, { db, url }: Session): Promise<0> {
  const { applied } = await applyMigrations(db, {
    onUnit: (step, { about }) => {
      if (about !== step) out.note(`${step}: ${about}`)
    },
  })
  // The jobs' tables as well, so that `run` needs no right to make a schema.
  await (await openTurnQueue({ db, url })).stop()
  out.record({ applied })
  for (const name of applied) out.line(`applied ${name}`)
  if (applied.length === 0) out.line(NOTHING)
  return 0
}

/** @param whole every statement, as a script that psql takes; else the names of the steps */
function tellPlan({ out }: Cli, plan: MigrationPlan, whole: boolean): void {
  const { steps, blockers, notOwned } = plan
  out.record({ pending: steps.map(({ name }) => name), blockers, notOwned })
  const comment = whole ? '-- ' : ''
  if (isDone(plan)) out.line(`${comment}${NOTHING}`)
  for (const blocker of blockers) out.line(`${comment}in the way: ${blocker}`)
  if (notOwned.length > 0) out.line(`${comment}this role does not own ${notOwned.join(', ')}`)
  if (!whole) {
    for (const { name } of steps) out.line(name)
    return
  }
  for (const { name, units } of steps) for (const unit of units) out.record({ step: name, ...unit })
  for (const line of scriptOf(steps)) out.line(line)
}
