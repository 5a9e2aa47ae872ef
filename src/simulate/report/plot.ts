import { lengthText } from '../lengths.ts'

/** A frame with axes for an SVG plot; colours of text and lines follow the reader's light or dark. */

const WIDTH = 960
const HEIGHT = 260
const LEFT = 92
const RIGHT = 40
const TOP = 42
const BOTTOM = 28

/** Where a line of names has room, below the title. */
export const LEGEND = { x: LEFT, y: 31 }

/** What is plotted over time; instants are ms since the epoch. */
export interface Frame {
  title: string
  /** says in words what the plot shows */
  about: string
  from: number
  until: number
  /** where the vertical axis ends, from 0 */
  tallest: number
  /** a value on the vertical axis, for people */
  label: (value: number) => string
}

/** Where a point of the plot stands, in the picture's own units. */
export interface Scale {
  x: (at: number) => string
  y: (value: number) => string
}

/** Draws a frame, and in it what `draw` makes of its scale. */
export function plot(frame: Frame, draw: (scale: Scale) => string): string {
  const { title, about, from, until, tallest } = frame
  const width = WIDTH - LEFT - RIGHT
  const height = HEIGHT - TOP - BOTTOM
  const scale: Scale = {
    x: (at) => n(LEFT + (width * (at - from)) / (until - from)),
    y: (value) => n(TOP + height * (1 - Math.min(value, tallest) / tallest)),
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${text(about)}" font-family="system-ui, sans-serif" font-size="12">
<text x="${LEFT}" y="16" fill="currentColor" font-weight="600">${text(title)}</text>
${values(frame, scale)}${hours(frame, scale)}
${draw(scale)}
</svg>`
}

/** A horizontal line with a word on it: a limit. */
export function limitLine({ x, y }: Scale, { from, until }: Frame, value: number, word: string): string {
  return `<path d="M${x(from)} ${y(value)}H${x(until)}" stroke="#dc2626" stroke-width="1.5" stroke-dasharray="6 3"/><text x="${x(until)}" y="${Number(y(value)) - 4}" text-anchor="end" fill="currentColor">${text(word)}</text>`
}

function values({ from, until, tallest, label }: Frame, { x, y }: Scale): string {
  return [0, 0.25, 0.5, 0.75, 1]
    .map((share) => {
      const at = y(tallest * share)
      return `<path d="M${x(from)} ${at}H${x(until)}" stroke="currentColor" stroke-opacity=".15"/><text x="${LEFT - 6}" y="${Number(at) + 4}" text-anchor="end" fill="currentColor">${text(label(tallest * share))}</text>`
    })
    .join('')
}

/** A label for each tenth of the time or so, counted from the start. */
function hours({ from, until }: Frame, { x }: Scale): string {
  const HOUR = 3_600_000
  const step =
    [0.25, 0.5, 1, 3, 6, 12, 24].map((count) => count * HOUR).find((ms) => (until - from) / ms <= 12) ??
    48 * HOUR
  let labels = ''
  for (let at = from; at <= until; at += step)
    labels += `<path d="M${x(at)} ${HEIGHT - BOTTOM}v5" stroke="currentColor"/><text x="${x(at)}" y="${HEIGHT - 8}" text-anchor="middle" fill="currentColor">${at === from ? 'start' : `+${lengthText(at - from)}`}</text>`
  return labels
}

const n = (value: number) => String(Math.round(value * 10) / 10)
const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
/** Text that HTML takes as text. */
export const text = (value: string) => value.replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char)
