import { type Blindness, roundsEvery } from '../domain/blindness.ts'

/** What an account's lists hide, and what is done about it (F4), as a sentence; null before anything was read again. */
export function blindnessSentence(blindness: Blindness): string | null {
  const [read, blind] = [Math.round(blindness.read), Math.round(blindness.blind)]
  if (read === 0) return null
  const share = `${((100 * blindness.blind) / blindness.read).toFixed(1)} %`
  return (
    `Of ${read.toLocaleString('en')} ${read === 1 ? 'detail' : 'details'} read again though the list showed no change, ` +
    `${blind.toLocaleString('en')} had changed (${share}): beside a backfill, rounds get one spare call in ${roundsEvery(blindness)}.`
  )
}
