import type { Ready } from './provider.ts'

/**
 * A polling round as the system that startlist replaces made it: a call for the races of each account and one for each
 * race, then for each event a call that proves the key and one for what changed.
 */
export async function walkNaively({ apiUrl, keys, races }: Ready, since: number): Promise<void> {
  for (const [i, { key, secret }] of keys.entries()) {
    const ask = async (path: string, query: Record<string, string> = {}) => {
      const search = new URLSearchParams({ format: 'json', rsu_api_key: key, ...query })
      const answer = await fetch(`${apiUrl}${path}?${search}`, { headers: { 'x-rsu-api-secret': secret } })
      await answer.arrayBuffer()
    }
    await ask('/races')
    for (const { raceId, eventIds } of races[i] ?? []) {
      await ask(`/race/${raceId}`)
      for (const eventId of eventIds) {
        await ask('/races', { results_per_page: '1' })
        const news = { event_id: eventId, modified_after_timestamp: String(since), results_per_page: '2500' }
        await ask(`/race/${raceId}/participants`, news)
      }
    }
  }
}
