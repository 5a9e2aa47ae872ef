import { RECORDING_FORMAT, type RecordedCall, type Recording } from '../domain/recording.ts'

/** What the recordings of all providers are read by. */

/**
 * The recording of a provider from a file of `verify --record`.
 * @throws Error when it has none
 */
export function readRecording(text: string, provider = 'haku'): Recording {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const recordings = lines.map((line) => JSON.parse(line) as Partial<Recording>)
  const found = recordings.find((one) => one.format === RECORDING_FORMAT && one.provider === provider)
  if (found?.calls === undefined) throw new Error(`this file has no recording of ${provider}`)
  return found as Recording
}

/** The types, or the forms, at a path's end, wherever it stands. */
export function at(call: RecordedCall, end: string, what: 'types' | 'forms' = 'types'): string[] {
  return Object.entries(call[what])
    .filter(([path]) => path.endsWith(end))
    .flatMap(([, words]) => words)
}

/** The largest page that was served, and what became of a request for a larger one. */
export function pagesSeen(lists: readonly (RecordedCall | undefined)[]): {
  cap: number
  mode: 'silent' | 'reject'
} {
  const pages = lists.flatMap((call) => call?.pages ?? [])
  const refused = pages.filter(({ came, asked }) => came === null && asked > 1).map(({ asked }) => asked)
  const most = Math.max(0, ...pages.map(({ came }) => came ?? 0))
  const taken = pages.filter(({ came, asked }) => came !== null && asked > 1).map(({ asked }) => asked)
  const status422 = lists.some((call) => Object.values(call?.statuses ?? {}).some((all) => all.includes(422)))
  if (status422 && refused.length > 0)
    return { cap: Math.max(...taken.filter((asked) => asked < Math.min(...refused))), mode: 'reject' }
  const isCut = pages.some((page) => page.came === most && most < page.asked && hasNext(page, pages))
  return { cap: isCut ? most : Math.max(most, ...taken), mode: 'silent' }
}

type Page = RecordedCall['pages'][number]

/** A page behind it that is not empty. */
const hasNext = (page: Page, pages: readonly Page[]): boolean =>
  pages.some((next) => next.page > page.page && next.asked <= page.asked && (next.came ?? 0) > 0)
