import type { Recording } from '../../domain/recording.ts'
import { adapterOf } from '../../providers/registry.ts'
import { recordingOf } from '../../sync/verify/record.ts'
import type { Cli } from '../cli.ts'
import { saveFile } from './save.ts'
import type { VerifiedAccount } from './view.ts'

/** Writes the structure of all answers, one recording a provider, as JSON lines. */
export async function saveRecording(
  { out }: Cli,
  path: string,
  accounts: readonly VerifiedAccount[],
): Promise<void> {
  const groups = Map.groupBy(accounts, ({ provider }) => provider)
  const recordings = [...groups].flatMap(([provider, members]): Recording[] => {
    const adapter = adapterOf(provider)
    const exchanges = members.flatMap((member) => member.exchanges)
    return adapter === undefined || exchanges.length === 0
      ? []
      : [recordingOf(provider, adapter.uses, exchanges)]
  })
  await saveFile(path, recordings.map((recording) => `${JSON.stringify(recording)}\n`).join(''))
  out.note(`What the answers look like is in ${path}: types, names, sizes, and no value.`)
}
