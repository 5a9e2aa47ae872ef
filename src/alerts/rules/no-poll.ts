import { type PollPulse, pollPulse } from '../../store/alerts/facts.ts'
import { type Alert, instantText, rule } from '../rule.ts'

/** Longer than a throttle, a take-over, or a restart of everything. */
const SILENCE_MS = 15 * 60_000

/** Polls are due, and none of any account has succeeded for a quarter of an hour. */
export const noPoll = rule({
  name: 'no-poll',
  every: 60_000,
  read: ({ db }) => pollPulse(db),
  judge: judgePulse,
})

export function judgePulse({ overdueSince, lastPassAt }: PollPulse, now: number): Alert[] {
  if (overdueSince === null || now - overdueSince < SILENCE_MS) return []
  if (lastPassAt !== null && now - lastPassAt < SILENCE_MS) return []
  const last = lastPassAt === null ? 'there has been none yet' : `the last was at ${instantText(lastPassAt)}`
  return [
    {
      key: 'no-poll',
      message: `no poll succeeds, of any account: ${last}`,
      hint: 'startlist status and startlist doctor tell more.',
    },
  ]
}
