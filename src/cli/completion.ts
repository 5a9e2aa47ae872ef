import type { Command as Commander } from 'commander'
import { StartlistError } from '../domain/errors.ts'

/** Shells that a completion can be written for. */
const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

/** What may follow a command: other commands, and options. */
interface Words {
  /** The command with those above it, such as `holds apply`; empty for startlist itself. */
  path: string
  commands: { name: string; about: string }[]
  options: { name: string; about: string }[]
}

/**
 * A shell's completion of every command and option, as text for the shell to read.
 * @throws StartlistError BAD_INPUT for a shell that is not known
 */
export function completionFor(shell: string, program: Commander): string {
  const writers: Record<Shell, (all: readonly Words[]) => string> = { bash, zsh, fish }
  const known = SHELLS.find((name) => name === shell)
  if (known === undefined) {
    throw new StartlistError('BAD_INPUT', `"${shell}" is no shell that is known here: ${SHELLS.join(', ')}`)
  }
  return writers[known](wordsOf(program, ''))
}

function wordsOf(command: Commander, path: string): Words[] {
  const own = {
    path,
    commands: command.commands.map((sub) => ({ name: sub.name(), about: sub.description() })),
    options: command.options
      .flatMap(({ long, description }) => (long ? [{ name: long, about: description }] : []))
      .concat({ name: '--help', about: 'print this help' }),
  }
  return [own, ...command.commands.flatMap((sub) => wordsOf(sub, `${path} ${sub.name()}`.trim()))]
}

const namesOf = ({ commands, options }: Words) => [...commands, ...options].map(({ name }) => name)

/** The path is what was typed so far without options, as far as it names commands. */
function bash(all: readonly Words[]): string {
  return `# startlist completion bash > /etc/bash_completion.d/startlist\n${functionOf(all)}`
}

/** zsh reads what is written for bash. */
function zsh(all: readonly Words[]): string {
  const head = ['#compdef startlist', '# startlist completion zsh > "$fpath[1]/_startlist"']
  return `${head.join('\n')}\nautoload -U +X bashcompinit && bashcompinit\n${functionOf(all)}`
}

function functionOf(all: readonly Words[]): string {
  const cases = all.map((words) => `    '${words.path}') words='${namesOf(words).join(' ')}' ;;`)
  const paths = all.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`)
  return `_startlist() {
  local path='' words='' word try
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    try="\${path:+$path }$word"
    case $try in ${paths.join(' | ')}) path=$try ;; esac
  done
  case $path in
${cases.join('\n')}
  esac
  # shellcheck disable=SC2207 # no word of ours has a space in it
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _startlist startlist
`
}

function fish(all: readonly Words[]): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const lines = all.flatMap(({ path, commands, options }) => {
    const subs = commands.map(({ name }) => name).join(' ')
    const seen = path === '' ? [] : path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`)
    const unseen = subs === '' ? [] : [`not __fish_seen_subcommand_from ${subs}`]
    const here = seen.length + unseen.length === 0 ? '' : ` -n ${quoted([...seen, ...unseen].join('; and '))}`
    return [
      ...commands.map(({ name, about }) => `complete -c startlist -f${here} -a ${name} -d ${quoted(about)}`),
      ...options.map(
        ({ name, about }) => `complete -c startlist${here} -l ${name.slice(2)} -d ${quoted(about)}`,
      ),
    ]
  })
  return `# startlist completion fish > ~/.config/fish/completions/startlist.fish\n${lines.join('\n')}\n`
}
