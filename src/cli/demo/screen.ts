import { setTimeout as sleep } from 'node:timers/promises'
import { styleText } from 'node:util'
import { MultiBar, type SingleBar } from 'cli-progress'
import type { Style } from '../table.ts'

const LABEL = 21

/** A bar of one organization; on anything but a terminal one line at its end. */
export interface Bar {
  /** @param note what stands behind the bar */
  update(done: number, total: number, note: string): void
  finish(note: string): void
}

/** Where the demo writes: standard output, in colour and with bars where a person sits at a terminal. */
export interface Screen {
  readonly isTerminal: boolean
  line(text?: string): void
  heading(text: string): void
  paint(style: Style, text: string): string
  /** Bars for these labels, one below the other; `close` leaves them standing. */
  bars(labels: readonly string[]): { of(label: string): Bar; close(): void }
  /** Gives a person time to read; nothing where nobody reads along. */
  pause(ms: number): Promise<void>
}

export function openScreen(stream: NodeJS.WriteStream, signal: AbortSignal): Screen {
  const isTerminal = stream.isTTY === true
  const paint = (style: Style, text: string) => styleText(style, text, { stream })
  const line = (text = '') => void stream.write(`${text}\n`)
  return {
    isTerminal,
    line,
    paint,
    heading(text) {
      line()
      line(paint('bold', text))
    },
    bars: (labels) => (isTerminal ? liveBars(stream, labels) : plainBars(line)),
    async pause(ms) {
      if (isTerminal) await sleep(ms, undefined, { signal })
    },
  }
}

function liveBars(stream: NodeJS.WriteStream, labels: readonly string[]): ReturnType<Screen['bars']> {
  const multi = new MultiBar({
    stream,
    // Without colour: cli-progress counts escape sequences as characters when it cuts a line to the terminal.
    format: '  {label} {bar} {note}',
    barsize: 18,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    // Ctrl-C is the demo's, which has more to clean up than a line.
    gracefulExit: false,
    emptyOnZero: true,
    forceRedraw: true,
  })
  const bars = new Map<string, SingleBar>()
  for (const label of labels) bars.set(label, multi.create(1, 0, { label: label.padEnd(LABEL), note: '' }))
  return {
    of: (label) => ({
      update(done, total, note) {
        const bar = bars.get(label)
        bar?.setTotal(Math.max(total, 1))
        bar?.update(done, { note })
      },
      finish(note) {
        const bar = bars.get(label)
        bar?.update(bar.getTotal(), { note })
      },
    }),
    close: () => multi.stop(),
  }
}

function plainBars(line: Screen['line']): ReturnType<Screen['bars']> {
  return {
    of: (label) => ({ update() {}, finish: (note) => line(`  ${label.padEnd(LABEL)} ${note}`) }),
    close() {},
  }
}
