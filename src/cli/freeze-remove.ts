import { StartlistError } from '../domain/errors.ts'
import { createLogger } from '../observe/logger.ts'
import { type DamagedFreeze, type Freeze, listFreezes, noSuchFreeze } from '../store/freezes/read.ts'
import { removeFreeze } from '../store/freezes/remove.ts'
import type { Cli, Command } from './cli.ts'
import { decider } from './decider.ts'
import { idOption } from './options.ts'
import { ask } from './prompt.ts'
import { withSession } from './session.ts'
import { age } from './times.ts'

export interface FreezeRemoveOptions {
  id: string
  by?: string
  yes?: boolean
}

/** `freeze remove`: removes a freeze for good, a damaged one too. Who did it stands among the runs, and in the log. */
export const remove: Command<FreezeRemoveOptions> = (cli, { id, by, yes = false }) => {
  const freezeId = idOption(id, 'the freeze')
  const removedBy = decider(by)
  return withSession(cli, {}, async ({ db, config, clock }) => {
    const [found] = await listFreezes(db, { freezeId })
    if (found === undefined) throw noSuchFreeze(freezeId)
    const what = textOf(found, clock.now())
    if (!yes && !(await isMeant(cli, what))) return 0
    await removeFreeze(db, freezeId, removedBy)
    cli.out.record({ kind: 'freeze-removed', freezeId, removedBy })
    cli.out.line(`Removed: ${what}.`)
    if (!cli.out.interactive)
      createLogger({ level: config.logLevel }).info({ freezeId, removedBy }, 'freeze removed')
    return 0
  })
}

function textOf({ freezeId, frozenAt, frozenBy, rows, state }: Freeze | DamagedFreeze, now: number): string {
  const of = state === null ? 'of which nothing can be read' : `${rows} registrations of ${state.event.name}`
  const made = frozenAt === null ? '' : `, made ${age(frozenAt, now)} ago`
  return `freeze ${freezeId}, ${of}${made} by ${frozenBy}`
}

async function isMeant({ out }: Cli, what: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new StartlistError('USAGE', 'a freeze that is removed does not come back: confirm it with --yes')
  const answer = await ask(`Remove ${what}? It cannot be taken back. Type yes: `)
  if (answer !== 'yes') out.note('Nothing was changed.')
  return answer === 'yes'
}
