import type { Traces, Walk } from './measure.ts'

/** All walks of one contender over one kind of page, in the order of the repetitions. */
export interface Series {
  contender: string
  pageSize: number
  /** Share of the rows that changed, 0 to 1. */
  changed: number
  walks: Walk[]
}

export interface Line {
  contender: string
  pageSize: number
  changedPercent: number
  rowsPerSecond: number
  prepareMsPerPage: number
  writeMsPerPage: number
  /** Median over the repetitions of this contender's rows/s by those of startlist in the same repetition. */
  timesStartlist: number
}

export interface Expectation {
  what: string
  measured: string
  met: boolean
}

export interface Report {
  rows: number
  rawBytes: number
  repetitions: number
  lines: Line[]
  /** By page size and contender, with nothing changed and right after a checkpoint. */
  wal: (Traces & { contender: string; pageSize: number })[]
  feedEntries: number
  expectations: Expectation[]
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

const speed = (walk: Walk) => (walk.rows * 1000) / (walk.prepareMs + walk.writeMs)

/** Median over repetitions of how many times faster one is than the other, side by side. */
export function ratio(one: Series, other: Series, of: (walk: Walk) => number = speed): number {
  return median(one.walks.map((walk, i) => of(walk) / of(other.walks[i]!)))
}

export function lineOf(series: Series, startlist: Series): Line {
  const { contender, pageSize, changed, walks } = series
  return {
    contender,
    pageSize,
    changedPercent: changed * 100,
    rowsPerSecond: median(walks.map(speed)),
    prepareMsPerPage: median(walks.map((walk) => walk.prepareMs / walk.pages)),
    writeMsPerPage: median(walks.map((walk) => walk.writeMs / walk.pages)),
    timesStartlist: ratio(series, startlist),
  }
}

export function printed(report: Report): string {
  const lines = report.lines.map((line, i) => {
    const before = report.lines[i - 1]
    const sameGroup =
      before && before.pageSize === line.pageSize && before.changedPercent === line.changedPercent
    return [
      sameGroup ? '' : `${line.pageSize} rows`,
      sameGroup ? '' : `${line.changedPercent} %`,
      line.contender,
      Math.round(line.rowsPerSecond).toLocaleString('en-US'),
      line.prepareMsPerPage.toFixed(2),
      line.writeMsPerPage.toFixed(2),
      line.timesStartlist.toFixed(2),
    ]
  })
  const wal = report.wal.map(({ pageSize, contender, walBytesPerPage }) => [
    `${pageSize} rows`,
    contender,
    Math.round(walBytesPerPage).toLocaleString('en-US'),
  ])
  return [
    `${report.rows} registrations, ${report.rawBytes} bytes of raw_data each; medians of ${report.repetitions} interleaved repetitions`,
    '',
    table(
      ['page', 'changed', '', 'rows/s', 'prepare ms', 'write ms', 'x startlist'],
      lines,
      (column) => column > 2,
    ),
    '',
    table(['page', 'nothing changed', 'WAL bytes a page, after a checkpoint'], wal, (column) => column > 1),
    '',
    `Rows of all contenders are the same; so are the feeds of startlist and COPY (${report.feedEntries.toLocaleString('en-US')} entries each).`,
    ...report.expectations.map(
      ({ what, measured, met }) => `${met ? 'met    ' : 'not met'}  ${what}: ${measured}`,
    ),
    '',
  ].join('\n')
}

function table(
  head: readonly string[],
  rows: readonly string[][],
  isNumber: (column: number) => boolean,
): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  const text = all.map((row) =>
    row
      .map((cell, i) => (isNumber(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd(),
  )
  return [text[0], widths.map((width) => '-'.repeat(width)).join('  '), ...text.slice(1)].join('\n')
}
