import { StartlistError } from '../domain/errors.ts'
import { openTurnQueue } from '../scheduler/turn-queue.ts'
import {
  migrate as applyMigrations,
  checkMigration,
  type MigrationCheck,
  planMigration,
} from '../store/migrate.ts'
import { scriptOf } from '../store/steps/script.ts'
import type { PlannedStep } from '../store/steps/unit.ts'
import type { Cli, Command } from './cli.ts'
import { type MigrateDownOptions, migrateDown } from './migrate-down.ts'
import { type Session, withSession } from './session.ts'

export interface MigrateOptions extends MigrateDownOptions {
  check?: boolean
  down?: boolean
}

const NOTHING = 'Nothing to do: the schema is up to date.'

/** Brings the database to this release's schema, or says what that would do. */
export const migrate: Command<MigrateOptions> = (cli, options) => {
  if (options.plan && options.check) throw new StartlistError('USAGE', 'give --plan or --check, not both')
  if (options.down) {
    if (options.check) throw new StartlistError('USAGE', '--down has --plan, and no --check')
    return migrateDown(cli, options)
  }
  if (options.accept !== undefined || options.yes)
    throw new StartlistError('USAGE', '--accept and --yes belong to --down')
  return withSession(cli, { schema: 'any' }, async (session) => {
    if (!options.plan && !options.check) return apply(cli, session)
    const found = await checkMigration(session.db)
    tellCheck(cli, found, options.plan === true)
    if (options.plan && found.blockers.length === 0) tellPlan(cli, await planMigration(session.db))
    return options.check && found.pending.length > 0 ? 3 : 0
  })
}

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

/** @param asComments for a script that psql takes */
function tellCheck({ out }: Cli, found: MigrationCheck, asComments: boolean): void {
  out.record(found)
  const { pending, blockers, notOwned } = found
  const lines = [
    ...(pending.length === 0 ? [NOTHING] : pending),
    ...blockers.map((blocker) => `in the way: ${blocker}`),
    ...(notOwned.length === 0 ? [] : [`this role does not own ${notOwned.join(', ')}`]),
  ]
  for (const line of lines) out.line(asComments ? `-- ${line}` : line)
}

function tellPlan({ out }: Cli, steps: readonly PlannedStep[]): void {
  for (const { name, units } of steps) for (const unit of units) out.record({ step: name, ...unit })
  for (const line of scriptOf(steps)) out.line(line)
}
