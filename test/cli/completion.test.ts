import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { completionFor } from '../../src/cli/completion.ts'
import { buildProgram } from '../../src/cli/program.ts'

const program = buildProgram(async () => {})

/** What bash offers behind these words. */
function offered(...words: string[]): string[] {
  const asked = words.map((word) => `'${word}'`).join(' ')
  const script = `${completionFor('bash', program)}
    COMP_WORDS=(${asked}); COMP_CWORD=${words.length - 1}; _startlist; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean)
}

describe('completion', () => {
  it('offers every command, and its subcommands and options where they belong', () => {
    expect(offered('startlist', '')).toEqual(expect.arrayContaining(['run', 'sync', 'holds', '--json']))
    expect(offered('startlist', 'ba')).toContain('backup')
    expect(offered('startlist', 'holds', '')).toEqual(expect.arrayContaining(['list', 'apply', 'discard']))
    expect(offered('startlist', 'sync', '--fu')).toEqual(['--full'])
    expect(offered('startlist', 'migrate', '--d')).toEqual(['--down'])
    expect(offered('startlist', '--json', 'events', 'set', '--cad')).toEqual(['--cadence'])
  })

  it('is written for zsh and fish too, and for no other shell', () => {
    expect(completionFor('zsh', program)).toMatch(/^#compdef startlist\n/)
    expect(completionFor('fish', program)).toMatch(/^complete -c startlist .* -a sync -d '/m)
    expect(() => completionFor('tcsh', program)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }))
  })
})
