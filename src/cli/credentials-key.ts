import { StartlistError } from '../domain/errors.ts'
import { registerSecret } from '../observe/scrub.ts'
import { replaceEmbeddedKey, writeKeyFile } from '../store/embedded/key.ts'
import { beginRotation, endRotation, resealAll, rotationStage } from '../store/key-rotation.ts'
import { keyId } from '../store/secrets.ts'
import type { Cli, Command } from './cli.ts'
import type { ExitCode } from './exit.ts'
import { type Session, withSession } from './session.ts'

export interface RotateKeyOptions {
  out?: string
  finish?: boolean
}

/** `credentials rotate-key`: seals everything with a new key while others work with the old one; `--finish` ends that. */
export const rotateKey: Command<RotateKeyOptions> = (cli, options) =>
  withSession(cli, {}, async (session) => {
    const stage = await rotationStage(session.db, session.key)
    if (options.finish === true) return finish(cli, session, stage)
    if (stage === 'new') {
      throw new StartlistError('BAD_INPUT', 'the new key is in place already', {
        hint: 'Once every process has it: startlist credentials rotate-key --finish.',
      })
    }
    return begin(cli, session, options.out)
  })

/** The new key is on disk before anything is sealed with it. */
async function begin({ out }: Cli, session: Session, file: string | undefined): Promise<ExitCode> {
  const { db, key, config } = session
  if (config.key !== null && file === undefined) {
    throw new StartlistError('USAGE', 'say where the new key goes: --out FILE', {
      hint: 'STARTLIST_KEY comes from outside, so startlist cannot replace it there.',
    })
  }
  const next = await beginRotation(db, key)
  registerSecret(next)
  if (file !== undefined) writeKeyFile(file, next)
  const kept = config.key === null ? replaceEmbeddedKey(config.home, next) : null
  const sealed = await resealAll(db, key, next)
  out.record({ stage: 'begun', oldKey: keyId(key), newKey: keyId(next), sealed, file: file ?? null })
  out.line(`${sealed} secrets and tokens are sealed with the new key (${keyId(next)}).`)
  if (kept !== null)
    out.line(`It is in place; the old one is in ${kept}, for backups that were taken before.`)
  if (config.key !== null)
    out.line(`It is in ${file}: put it where STARTLIST_KEY comes from. Keep the old one for older backups.`)
  out.line('Processes that run go on with the old key until they are restarted. When none has it any more:')
  out.line('  startlist credentials rotate-key --finish')
  return 0
}

async function finish({ out }: Cli, session: Session, stage: 'none' | 'old' | 'new'): Promise<ExitCode> {
  const { db, key } = session
  if (stage === 'none') throw new StartlistError('BAD_INPUT', 'no rotation of the key is under way')
  if (stage === 'old') {
    throw new StartlistError('BAD_INPUT', 'the old key is still in force here', {
      hint: 'Put the new one in its place first; rotate-key --out FILE writes it once more.',
    })
  }
  const sealed = await resealAll(db, key, key)
  await endRotation(db, key)
  out.record({ stage: 'finished', newKey: keyId(key), sealed })
  out.line('The old key opens nothing in this database any more.')
  return 0
}
