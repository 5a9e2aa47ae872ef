import { type AccountFigures, busiest, type Figures } from '../judge/figures.ts'
import { lengthText } from '../lengths.ts'
import type { Scenario } from '../scenario.ts'
import { type Frame, LEGEND, limitLine, plot, text } from './plot.ts'

const HOUR = 3_600_000
/** Changes that are drawn; of more, one in so many. */
const MOST_POINTS = 5_000
/** Points of a line, however many calls there are. */
const POINTS = 400
/** Ends of the logarithmic axis of staleness, ms. */
const SOONEST = 1_000
const COLORS = ['#2563eb', '#d97706', '#059669', '#7c3aed', '#db2777', '#64748b', '#0891b2', '#65a30d']

/** Each change at the instant of the change, and how long it took to be stored. */
export function stalenessPlot(scenario: Scenario, { seen }: Figures): string {
  const found = seen.flatMap(({ change, seenAt }) =>
    seenAt === null
      ? []
      : [{ at: change.at, ms: Math.max(SOONEST, seenAt - change.at), batch: change.batch }],
  )
  const longest = found.reduce((most, { ms }) => Math.max(most, ms), 10 * SOONEST)
  const frame: Frame = {
    ...spanOf(scenario),
    title: 'Staleness of changes: from the provider to the committed row',
    about: `${found.length} changes; the longest took ${lengthText(longest)}`,
    tallest: Math.log(longest / SOONEST),
    label: (value) => lengthText(SOONEST * Math.exp(value)),
  }
  const every = Math.ceil(found.length / MOST_POINTS)
  return plot(frame, ({ x, y }) =>
    found
      .filter((_, i) => i % every === 0)
      .map(
        ({ at, ms, batch }) =>
          `<circle cx="${x(at)}" cy="${y(Math.log(ms / SOONEST))}" r="2.5" fill="${batch ? COLORS[1] : COLORS[0]}" fill-opacity=".6"/>`,
      )
      .join(''),
  )
}

/** Calls of each account in the 60 minutes behind every instant, against the limit. */
export function windowPlot(scenario: Scenario, { accounts }: Figures): string {
  const frame: Frame = {
    ...spanOf(scenario),
    title: 'Calls in the last 60 minutes, by account',
    about: `At most ${Math.max(...accounts.map(({ mostInHour }) => mostInHour))} calls in any 60 minutes`,
    tallest: scenario.quota * 1.1,
    label: (value) => String(Math.round(value)),
  }
  return plot(frame, (scale) => {
    const lines = busiest(accounts).map((account, i) => {
      const points = windowCounts(account, frame).map(({ at, count }) => `${scale.x(at)},${scale.y(count)}`)
      return `<polyline points="${points.join(' ')}" fill="none" stroke="${COLORS[i % COLORS.length]}" stroke-width="1.5"/>`
    })
    return `${legend(busiest(accounts))}${lines.join('')}${limitLine(scale, frame, scenario.quota, `limit ${scenario.quota}`)}`
  })
}

/** Names in the colours of their lines; none where one line speaks for itself. */
function legend(accounts: readonly AccountFigures[]): string {
  if (accounts.length < 2) return ''
  const names = accounts.map(
    ({ name }, i) => `<tspan fill="${COLORS[i % COLORS.length]}">\u25cf ${text(name)}\u2003</tspan>`,
  )
  return `<text x="${LEGEND.x}" y="${LEGEND.y}" font-size="10">${names.join('')}</text>`
}

function windowCounts({ instants }: AccountFigures, { from, until }: Frame): { at: number; count: number }[] {
  let [first, behind] = [0, 0]
  return Array.from({ length: POINTS + 1 }, (_, i) => {
    const at = from + ((until - from) * i) / POINTS
    while ((instants[behind] ?? Number.POSITIVE_INFINITY) <= at) behind++
    while ((instants[first] ?? Number.POSITIVE_INFINITY) <= at - HOUR) first++
    return { at, count: behind - first }
  })
}

const spanOf = ({ start, duration }: Scenario) => ({ from: start, until: start + duration })
