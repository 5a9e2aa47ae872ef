import type { Page, PageOf } from '../view/pages.ts'
import type { RunMessage, RunView } from '../view/runs.ts'
import type { Tone } from '../view/tone.ts'
import { label, summary } from '../view/words.ts'
import { api, ask, instant } from './client.ts'
import type { components } from './schema.d.ts'

type Run = components['schemas']['Run']

/** What startlist did, newest first. */
export async function readRuns(
  { failed }: { failed: boolean },
  pageOf: PageOf,
  signal: AbortSignal,
): Promise<Page<RunView>> {
  const page = await ask(api.GET('/runs', { params: { query: { ...pageOf, failed } }, signal }))
  return { items: page.items.map(runOf), next: page.next }
}

/** The calls that it made. */
export async function readMessages(run: number, signal: AbortSignal): Promise<RunMessage[]> {
  const { messages } = await ask(api.GET('/runs/{run}', { params: { path: { run } }, signal }))
  return messages.map(({ at, purpose, status, errorCode, ms }) => ({
    at: instant(at),
    text: `${label(purpose)}: ${errorCode ?? status ?? 'no answer yet'}`,
    ms,
  }))
}

/** Takes back all that a run did. @returns what came of it, in a sentence */
export async function undoRun(run: number): Promise<string> {
  const undone = await ask(
    api.POST('/runs/{run}/undo', { params: { path: { run } }, body: { onlyUntouched: false } }),
  )
  const { restored, removed, changed } = undone
  return `Taken back: ${summary({ restored, removed, changed })}.`
}

function runOf(run: Run): RunView {
  const { inserted, updated, removed, rejected, calls, polls, seen, unchanged } = run
  const at = instant(run.startedAt) ?? instant(run.endedAt)
  return {
    id: run.id,
    operation: label(run.kind),
    subject: run.name ?? run.partner,
    ...stateOf(run),
    at,
    ms: run.startedAt === null || run.endedAt === null ? null : instant(run.endedAt) - instant(run.startedAt),
    summary: summary({ added: inserted, changed: updated, removed, rejected }),
    facts: { calls, polls, seen, unchanged },
    note: run.note ?? '',
    error: run.error === null ? null : { title: run.error.code, hint: run.error.hint },
    canUndo: run.undoable,
  }
}

function stateOf({ status, error, endedAt, holdId }: Run): { state: string; tone: Tone } {
  if (holdId !== null) return { state: 'Held', tone: 'warn' }
  if (error !== null) return { state: 'Failed', tone: 'bad' }
  if (endedAt === null) return { state: 'Under way', tone: 'plain' }
  return status === 'success'
    ? { state: 'Done', tone: 'good' }
    : { state: label(status ?? 'unknown'), tone: 'warn' }
}
