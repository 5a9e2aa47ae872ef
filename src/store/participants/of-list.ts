import { type RawBuilder, sql } from 'kysely'
import { participantTable } from './table.ts'

/** One timing partner's list. */
export interface PartnerList {
  provider: string
  partnerId: number
  listId: string
}

/**
 * Whether a row `p` of `startlist.list_participants` or `startlist.start_lists` is of a list. A race is looked up by its
 * number: as a tenant PostgreSQL uses no index on what was cast to text, since a cast might tell of rows that the
 * tenant may not see (it is not LEAKPROOF), and would read the registrations of all races for each.
 */
export const ofList = ({ provider, partnerId, listId }: PartnerList): RawBuilder<unknown> =>
  sql`${ofProvider(provider)} AND p.timing_partner_id = ${partnerId} AND ${isOfList(provider, sql`${listId}`)}`

/** Like {@link ofList}, for the lists that the rows `k (partner_id, event_id)` name. */
export const ofEachList = (provider: string): RawBuilder<unknown> =>
  sql`${ofProvider(provider)} AND p.timing_partner_id = k.partner_id AND ${isOfList(provider, sql`k.event_id`)}`

/** Not a parameter: with it the other providers' half of the view is left out of the plan. */
const ofProvider = (provider: string) => sql`p.provider = ${sql.lit(provider)}`

const isOfList = (provider: string, listId: RawBuilder<unknown>) =>
  provider === 'runsignup'
    ? sql`p.race_id = ${listId}::${sql.raw(participantTable(provider).listType)}`
    : sql`p.list_id = ${listId}`
