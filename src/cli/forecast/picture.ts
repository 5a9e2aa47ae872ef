import type { ForecastHour } from '../../quota/forecast-hours.ts'
import type { Foreseen } from '../forecast.ts'

/** The forecast as a picture: a bar for each hour, by what its calls go to, against the limit. */

const WIDTH = 960
const HEIGHT = 300
const LEFT = 46
const RIGHT = 12
const TOP = 56
const BOTTOM = 40
const PLOT = { width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM }

/** From the bottom of a bar to its top. The patterns tell them apart without colour. */
const CLASSES = [
  { key: 'polls', label: 'polls', color: '#2563eb', mark: '' },
  { key: 'details', label: 'owed details', color: '#d97706', mark: 'M0 4L4 0' },
  { key: 'upkeep', label: 'discovery, tokens', color: '#059669', mark: 'M0 2H4' },
  { key: 'sweeps', label: 'sweeps', color: '#7c3aed', mark: 'M2 0V4' },
  { key: 'rounds', label: 'detail rounds', color: '#64748b', mark: 'M0 0L4 4' },
] as const satisfies readonly { key: keyof ForecastHour; label: string; color: string; mark: string }[]

/** One account's forecast as an SVG document, readable in light and in dark. */
export function forecastSvg({ label, provider, account, forecast }: Foreseen): string {
  const { hours, limit, capacity, fits, peak } = forecast
  const id = `forecast-${account.accountId}`
  const tallest = Math.max(limit, ...hours.map((hour) => hour.asked), ...hours.map(sumOf)) * 1.05
  const y = (calls: number) => TOP + PLOT.height * (1 - calls / tallest)
  const bar = PLOT.width / hours.length
  const x = (hour: number) => LEFT + hour * bar
  const verdict = fits
    ? `Polls fit: at most ${Math.ceil(peak.polls)} of ${capacity} calls an hour.`
    : `Polls do not fit: up to ${Math.ceil(peak.polls)} calls an hour are asked for, ${capacity} may be used.`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-t ${id}-d" font-family="system-ui, sans-serif" font-size="12">
<title id="${id}-t">${text(label)} (${provider}): calls by hour</title>
<desc id="${id}-d">${text(verdict)}</desc>
<style>svg{color:#111827;background:#fff}@media (prefers-color-scheme:dark){svg{color:#e5e7eb;background:#111827}}</style>
<defs>${CLASSES.map(pattern(id)).join('')}</defs>
<text x="${LEFT}" y="18" fill="currentColor" font-size="15" font-weight="600">${text(label)} (${provider}), times in ${text(account.timezone)}</text>
${legend(id)}
${grid(tallest, y)}
${hours.map((hour, i) => barOf(hour, { id, x: x(i), width: Math.max(1, bar - (bar > 4 ? 1 : 0)), y })).join('')}
${line(y(limit), `limit ${limit}`, '6 3', -4)}
${capacity < limit ? line(y(capacity), `for polls ${capacity}`, '2 3', 12) : ''}
${axis(hours, account.timezone, x)}
</svg>`
}

/** All accounts in one page. */
export function forecastHtml(all: readonly Foreseen[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>startlist forecast</title>
<style>:root{color-scheme:light dark}body{max-width:62rem;margin:1.5rem auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif}svg{width:100%;height:auto}</style>
</head><body><h1>Forecast</h1>
${all.map((one) => `<figure style="margin:0 0 2rem">${forecastSvg(one)}</figure>`).join('\n')}
</body></html>
`
}

const sumOf = (hour: ForecastHour) => CLASSES.reduce((sum, { key }) => sum + hour[key], 0)

const pattern =
  (id: string) =>
  ({ key, color, mark }: (typeof CLASSES)[number]) =>
    `<pattern id="${id}-${key}" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="4" height="4" fill="${color}"/><path d="${mark}" stroke="#fff" stroke-opacity=".7"/></pattern>`

function legend(id: string): string {
  let at = LEFT
  return [
    ...CLASSES.map(({ key, label }) => ({ label, fill: `url(#${id}-${key})` })),
    { label: 'asked for, not polled', fill: 'none' },
  ]
    .map(({ label, fill }) => {
      const item = `<rect x="${at}" y="29" width="12" height="12" fill="${fill}" stroke="currentColor"/><text x="${at + 17}" y="39" fill="currentColor">${label}</text>`
      at += 34 + label.length * 6.5
      return item
    })
    .join('')
}

interface BarPlace {
  id: string
  x: number
  width: number
  y: (calls: number) => number
}

function barOf(hour: ForecastHour, { id, x, width, y }: BarPlace): string {
  let base = 0
  const rects = CLASSES.map(({ key }) => {
    const from = base
    base += hour[key]
    return rect(x, y(base), width, y(from) - y(base), `fill="url(#${id}-${key})"`)
  })
  // What polls ask for and do not get stands above the bar as an outline.
  const missed = Math.max(0, hour.asked - hour.polls)
  if (!hour.fits && missed >= 0.5)
    rects.push(
      rect(x, y(base + missed), width, y(base) - y(base + missed), 'fill="none" stroke="currentColor"'),
    )
  return rects.join('')
}

const rect = (x: number, y: number, width: number, height: number, rest: string) =>
  height < 0.05 ? '' : `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" ${rest}/>`

function grid(tallest: number, y: (calls: number) => number): string {
  const step = [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000].find((size) => tallest / size <= 6) ?? 10_000
  let lines = ''
  for (let calls = 0; calls <= tallest; calls += step)
    lines += `<path d="M${LEFT} ${n(y(calls))}H${WIDTH - RIGHT}" stroke="currentColor" stroke-opacity=".15"/><text x="${LEFT - 6}" y="${n(y(calls) + 4)}" text-anchor="end" fill="currentColor">${calls}</text>`
  return `${lines}<text x="12" y="${TOP + PLOT.height / 2}" transform="rotate(-90 12 ${TOP + PLOT.height / 2})" text-anchor="middle" fill="currentColor">calls an hour</text>`
}

const line = (at: number, label: string, dash: string, below: number) =>
  `<path d="M${LEFT} ${n(at)}H${WIDTH - RIGHT}" stroke="#dc2626" stroke-width="1.5" stroke-dasharray="${dash}"/><text x="${WIDTH - RIGHT}" y="${n(at + below)}" text-anchor="end" fill="currentColor">${label}</text>`

/** A label where a day begins, and between them as many hours as find room. */
function axis(hours: readonly ForecastHour[], timezone: string, x: (hour: number) => number): string {
  const part = (at: number, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { timeZone: timezone, ...options }).format(at)
  const every = hours.length <= 24 ? 3 : hours.length <= 72 ? 6 : 24
  return hours
    .map(({ from }, i) => {
      const hour = Number(part(from, { hour: '2-digit', hourCycle: 'h23' }))
      if (hour % every !== 0) return ''
      const day = hour === 0 ? part(from, { weekday: 'short', day: 'numeric', month: 'short' }) : ''
      const clock = every === 24 ? '' : `${String(hour).padStart(2, '0')}:00`
      const at = n(x(i))
      const mark = `<path d="M${at} ${TOP + PLOT.height}v5" stroke="currentColor"/>`
      return `${mark}<text x="${at}" y="${HEIGHT - 22}" fill="currentColor">${clock}</text><text x="${at}" y="${HEIGHT - 7}" fill="currentColor">${day}</text>`
    })
    .join('')
}

const n = (value: number) => String(Math.round(value * 10) / 10)
const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const text = (value: string) => value.replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char)
