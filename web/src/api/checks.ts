import type { CheckReport } from '../view/race.ts'
import { api, ask } from './client.ts'

/** People named of each finding at most; the rest is in its file. */
const NAMED = 25

export async function readChecks(event: string, signal: AbortSignal): Promise<CheckReport> {
  const params = { path: { event }, query: { people: NAMED } }
  const { people, findings } = await ask(api.GET('/events/{event}/checks', { params, signal }))
  return {
    people,
    findings: findings.map(({ code, severity, sentence, count, people: named }) => ({
      ...{ code, sentence, count },
      isProblem: severity === 'problem',
      people: named.map(({ registration, name, bib, note }) => ({ registration, name, bib, note })),
      csv: `/v1/events/${encodeURIComponent(event)}/checks/${code}.csv`,
    })),
  }
}
