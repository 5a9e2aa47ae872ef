import { age } from '../domain/time-texts.ts'
import type { KeptDrift } from '../store/shapes.ts'
import type { AccountLine, Trouble } from './model.ts'

/** Changes in the structure of a provider's answers, told once for each account. Pure. */

/** So long after it was first seen a change is told, ms. */
export const TOLD_FOR_MS = 30 * 24 * 3_600_000
/** Changes that a person is shown. */
const MOST_TOLD = 4

/** @param drifts newest first */
export function driftTroubles(
  drifts: readonly KeptDrift[],
  accounts: readonly AccountLine[],
  now: number,
): Trouble[] {
  return [...Map.groupBy(drifts, ({ accountId }) => accountId)].flatMap(([accountId, members]) => {
    const account = accounts.find((line) => line.accountId === accountId)
    if (account === undefined) return []
    const told = members.slice(0, MOST_TOLD).map((drift) => textOf(drift, now))
    const more = members.length - told.length
    return [
      {
        problem: 'schema' as const,
        subject: account.label,
        message: `the provider's answers changed: ${told.join('; ')}${more > 0 ? ` and ${more} more` : ''}`,
        hint: 'Answers are kept as they come, so nothing is lost. If a column is empty since then, report it with the field.',
        needsPerson: false,
        fields: {
          provider: account.provider,
          changes: members.map(({ source, path, drift, was, now: types, firstSeen }) => ({
            ...{ source, path, drift, was, now: types, firstSeen: new Date(firstSeen).toISOString() },
          })),
        },
      },
    ]
  })
}

function textOf({ source, path, drift, was, now: types, firstSeen }: KeptDrift, now: number): string {
  const what = drift === 'retyped' ? `is ${types.join(' or ')}, was ${was.join(' or ')}` : drift
  return `${source}.${path} ${what} (first seen ${age(firstSeen, now)} ago)`
}
