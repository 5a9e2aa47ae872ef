/**
 * Runs the demo and draws what it printed: `node bench/demo-image.ts` writes docs/images/demo.svg. The text is the
 * run's own; only the frame is added.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
const IMAGE = fileURLToPath(new URL('../docs/images/demo.svg', import.meta.url))

const COLUMNS = 80
const CHARACTER = 7.8
const LINE = 18
const MARGIN = 18
const BAR = 34

/** What switches a style on, and all that switches it off again. */
const STYLES: Record<string, { on?: string; off?: string[] }> = {
  0: { off: ['b', 'd', 'g', 'r'] },
  1: { on: 'b' },
  2: { on: 'd' },
  22: { off: ['b', 'd'] },
  31: { on: 'r' },
  32: { on: 'g' },
  39: { off: ['g', 'r'] },
}

// A dark window reads well on a light page and on a dark one.
const CSS = `text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d6deeb;white-space:pre}
.b{font-weight:700;fill:#fff}.d{fill:#8b98ad}.g{fill:#7ee2a8}.r{fill:#ff8f8f}`

const run = spawnSync(process.execPath, [MAIN, 'demo'], {
  encoding: 'utf8',
  env: { PATH: process.env.PATH ?? '', FORCE_COLOR: '1' },
})
if (run.status !== 0) throw new Error(`the demo ended with ${run.status}: ${run.stderr}`)
const svg = draw(run.stdout.trimEnd().split('\n'))
writeFileSync(IMAGE, svg)
process.stdout.write(`${IMAGE}: ${Buffer.byteLength(svg)} bytes\n`)

function draw(lines: readonly string[]): string {
  const width = Math.ceil(COLUMNS * CHARACTER + 2 * MARGIN)
  const height = BAR + lines.length * LINE + 2 * MARGIN
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (colour, i) => `<circle cx="${20 + 18 * i}" cy="17" r="5.5" fill="${colour}"/>`,
  )
  const title = `<text x="${width / 2}" y="22" text-anchor="middle" class="d">npm run demo</text>`
  const texts = lines.map((line, i) => textOf(line, BAR + MARGIN + (i + 0.7) * LINE))
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="What npm run demo prints">
<style>${CSS}</style>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="10" fill="#131a26" stroke="#3a4659"/>
${dots.join('')}${title}
${texts.filter((text) => text !== '').join('\n')}
</svg>
`
}

/** A line of terminal output, every piece at its column, so that columns stand whatever the reader's font is. */
function textOf(line: string, y: number): string {
  const styles = new Set<string>()
  let column = 0
  let spans = ''
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is read here
  for (const piece of line.split(/(\u001b\[[\d;]*m)/)) {
    if (piece.startsWith('\u001b')) {
      for (const code of piece.slice(2, -1).split(';')) {
        const { on, off } = STYLES[code || '0'] ?? {}
        if (on) styles.add(on)
        for (const style of off ?? []) styles.delete(style)
      }
      continue
    }
    // Runs of spaces are left out: the next words have a column of their own.
    for (const { 0: words, index } of piece.matchAll(/\S+(?: \S+)*/g)) {
      const x = (MARGIN + (column + index) * CHARACTER).toFixed(1)
      const length = ([...words].length * CHARACTER).toFixed(1)
      const style = styles.size === 0 ? '' : ` class="${[...styles].join(' ')}"`
      spans += `<tspan x="${x}" textLength="${length}"${style}>${escaped(words)}</tspan>`
    }
    column += [...piece].length
  }
  return spans === '' ? '' : `<text y="${y.toFixed(1)}">${spans}</text>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
