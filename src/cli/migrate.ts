import { StartlistError } from '../domain/errors.ts'
import { openTurnQueue } from '../scheduler/turn-queue.ts'
import { migrate as applyMigrations, pendingMigrations } from '../store/migrate.ts'
import type { Command } from './cli.ts'
import { withSession } from './session.ts'

export interface MigrateOptions {
  plan?: boolean
  check?: boolean
}

/** Brings the database to this release's schema, or says what that would do. */
export const migrate: Command<MigrateOptions> = (cli, options) => {
  if (options.plan && options.check) throw new StartlistError('USAGE', 'give --plan or --check, not both')
  return withSession(cli, { schema: 'any' }, async ({ db, url }) => {
    const { out } = cli
    if (options.plan || options.check) {
      const pending = await pendingMigrations(db)
      out.record({ pending })
      for (const name of pending) out.line(name)
      if (pending.length === 0) out.line('Nothing to do: the schema is up to date.')
      return options.check && pending.length > 0 ? 3 : 0
    }
    const { applied } = await applyMigrations(db)
    // The jobs' tables as well, so that `run` needs no right to make a schema.
    await (await openTurnQueue({ db, url })).stop()
    out.record({ applied })
    for (const name of applied) out.line(`applied ${name}`)
    if (applied.length === 0) out.line('Nothing to do: the schema is up to date.')
    return 0
  })
}
