import { displayWidth } from './table.ts'

const INDENT = '  '

/** A line broken between words so that each part fits `width` columns; a longer word stands alone. Later parts are indented. */
export function wrapLine(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line === '' || displayWidth(longer) <= width) line = longer
    else {
      lines.push(line)
      line = INDENT + word
    }
  }
  return [...lines, line]
}
