import { readFile } from 'node:fs/promises'
import type { ProviderName } from '../../domain/account.ts'
import { StartlistError } from '../../domain/errors.ts'
import { adapterOf } from '../../providers/registry.ts'
import { compareSpec, type SpecFinding } from '../../providers/spec/compare.ts'
import { readSpec, type Spec } from '../../providers/spec/document.ts'
import { fail, ok, open } from '../../sync/verify/check.ts'
import type { Cli } from '../cli.ts'
import type { ExitCode } from '../exit.ts'
import { tellCheck } from './view.ts'

export interface SpecFile {
  path: string
  spec: Spec
}

/** What a specification and an adapter disagree about. */
export interface SpecResult {
  provider: ProviderName
  findings: SpecFinding[]
}

/** A specification from a file. @throws StartlistError `BAD_INPUT` */
export async function readSpecFile(path: string): Promise<SpecFile> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new StartlistError('BAD_INPUT', `${path} cannot be read (${why})`, { cause: error })
  }
  return { path, spec: readSpec(text) }
}

/** Compares it with the adapter that it fits best of those of the partner; no call. */
export function checkSpec(
  cli: Cli,
  { spec }: SpecFile,
  providers: readonly ProviderName[],
): { code: ExitCode; findings: SpecResult | null } {
  const results = providers.flatMap((provider): SpecResult[] => {
    const adapter = adapterOf(provider)
    return adapter === undefined ? [] : [{ provider, findings: compareSpec(spec, adapter.uses) }]
  })
  const breaksOf = (result: SpecResult) => result.findings.filter(({ weight }) => weight === 'breaks').length
  const [best] = results.sort((a, b) => breaksOf(a) - breaksOf(b))
  if (best === undefined)
    return {
      code: tellCheck(cli, open('spec', 'there is no provider to compare with'), null),
      findings: null,
    }
  const breaks = breaksOf(best)
  const notes = best.findings.length - breaks
  cli.out.line()
  const told = `${best.provider}: ${breaks} ${breaks === 1 ? 'difference breaks' : 'differences break'} something, ${notes} to know of`
  const code = tellCheck(cli, (breaks > 0 ? fail : ok)('spec', told), null)
  for (const { weight, where, what } of best.findings) {
    cli.out.record({ kind: 'spec', provider: best.provider, weight, where, what })
    cli.out.line(
      `      ${cli.out.paint(weight === 'breaks' ? 'red' : 'yellow', weight.padEnd(6))}  ${where}: ${what}`,
    )
  }
  return { code, findings: best }
}
