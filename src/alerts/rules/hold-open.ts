import { type Hold, openHolds } from '../../store/holds.ts'
import { type Alert, rule } from '../rule.ts'

/** A removal or a foreign list waits for a person (A2, A3). */
export const holdOpen = rule({
  name: 'hold-open',
  every: 60_000,
  read: ({ db }) => openHolds(db),
  judge: judgeHolds,
})

function judgeHolds(holds: readonly Hold[]): Alert[] {
  return holds.map(({ holdId, provider, eventId, kind, absent, known }) => ({
    key: `hold-open:${holdId}`,
    message:
      kind === 'removal'
        ? `${absent} of ${known} registrations of ${provider} event ${eventId} are gone from its list: hold ${holdId}`
        : `the list of ${provider} event ${eventId} looks like another event's: hold ${holdId}`,
    hint: `Look at the provider, then startlist holds apply ${holdId} or startlist holds discard ${holdId}.`,
  }))
}
