import { type RawBuilder, sql } from 'kysely'
import type { AskedLine, LineField, StartListEvent } from '../../domain/start-list.ts'
import type { Trx } from '../database.ts'
import { ofList } from '../participants/of-list.ts'

/** Fields of a line in terms of `startlist.start_lists`, as the row `p`. */
const EXPRESSIONS: Readonly<Record<LineField, string>> = {
  registration: 'p.registration',
  eventId: 'p.event_id',
  status: 'p.status',
  bib: 'p.bib',
  providerBib: 'p.provider_bib',
  localBib: 'p.local_bib',
  chip: 'p.chip',
  firstName: 'p.first_name',
  middleName: 'p.middle_name',
  lastName: 'p.last_name',
  gender: 'p.gender',
  dateOfBirth: 'p.date_of_birth::text',
  age: 'p.age',
  category: 'p.category',
  categories: 'p.categories',
  formerCategories: 'NULL::jsonb',
  wave: 'p.wave',
  corral: 'p.corral',
  team: 'p.team',
  email: 'p.email',
  phone: 'p.phone',
  street: 'p.street',
  city: 'p.city',
  state: 'p.state',
  zip: 'p.zip',
  country: 'p.country',
  nationality: 'p.nationality',
  emergencyContact: 'p.emergency_contact',
  paymentStatus: 'p.payment_status',
  amountPaid: 'p.amount_paid::text',
  specialRequirements: 'p.special_requirements',
  shirt: 'p.shirt',
  answers: 'p.answers',
  registeredAt: 'p.registered_at',
  removedAt: 'p.removed_at',
  successor: 'p.successor',
  details: 'p.details',
  detailReadAt: 'p.detail_read_at',
}

export const LINE_FIELDS = Object.keys(EXPRESSIONS) as LineField[]

/** Which lines of a list are wanted. */
export interface LineQuery {
  /** Only these are filled; what nobody asks for is not even read. */
  fields: readonly LineField[]
  /** `listed`: who is on the start list. `withdrawn`: who is not any more, of this event. */
  which: 'listed' | 'withdrawn'
  /** Of the withdrawn: those as well who are listed, and have left a category. */
  leavers?: boolean
  /** Only who has an entry in the change feed after this position. */
  after?: number
}

const BATCH = 1_000

/** Whether a row `p` of the list is of the event that was asked for; of a list of several events, any is. */
export const ofEvent = ({ listId, eventId }: StartListEvent): RawBuilder<unknown> =>
  listId === eventId ? sql`true` : sql`p.event_id = ${eventId}`

/** Whether the registration of a row `p` is on its start list. */
export const isListed: RawBuilder<unknown> = sql`p.status = 'active' AND p.removed_at IS NULL`

/**
 * Lines of a list in batches, in the order of their registration numbers, through a cursor of the transaction: memory does
 * not grow with their number.
 */
export async function* readLines(
  trx: Trx,
  event: StartListEvent,
  query: LineQuery,
): AsyncGenerator<AskedLine[]> {
  const fields = [...new Set<LineField>(['registration', ...query.fields])]
  const columns = fields.map((field) => sql`${column(field, query)} AS ${sql.ref(field)}`)
  await sql`DECLARE start_list NO SCROLL CURSOR FOR
    ${query.which === 'listed' && query.after === undefined ? sql`` : changed(event, query.after ?? 0)}
    SELECT ${sql.join(columns)} FROM startlist.start_lists p ${rows(event, query)}
    ORDER BY p.registration`.execute(trx)
  for (;;) {
    const batch = await sql<AskedLine>`FETCH ${sql.lit(BATCH)} FROM start_list`.execute(trx)
    if (batch.rows.length > 0) yield batch.rows
    if (batch.rows.length < BATCH) break
  }
  await sql`CLOSE start_list`.execute(trx)
}

/** Who has an entry in the change feed after a position, and what the entries say that a row does not. */
const changed = ({ provider, partnerId, listId, eventId }: StartListEvent, after: number) => sql`
  WITH changed AS MATERIALIZED (
    SELECT participant_id AS registration, bool_or(change = 'added') AS is_new,
      bool_or(fields #>> '{event_id,0}' = ${eventId}) AS has_moved,
      (array_agg(fields #> '{categories,0}' ORDER BY position)
        FILTER (WHERE jsonb_typeof(fields #> '{categories,0}') = 'array'))[1] AS former
    FROM participant_changes
    WHERE provider = ${provider} AND timing_partner_id = ${partnerId} AND event_id = ${listId} AND position > ${after}
    GROUP BY participant_id)`

function rows(event: StartListEvent, query: LineQuery): RawBuilder<unknown> {
  const { which, after, leavers = false } = query
  if (which === 'listed') {
    const isNews = after === undefined ? sql`` : sql`JOIN changed c USING (registration)`
    return sql`${isNews} WHERE ${ofList(event)} AND ${ofEvent(event)} AND ${isListed}`
  }
  const hasGone = sql`${ofEvent(event)} AND NOT (${isListed})`
  const hasLeft = leavers
    ? sql`${ofEvent(event)} AND (p.categories @> '[{"left": true}]' OR c.former IS NOT NULL)`
    : sql`false`
  const hasMoved = sql`NOT (${ofEvent(event)}) AND c.has_moved`
  // Who came after the position as well is in no file before.
  const isNews = after === undefined ? sql`true` : sql`NOT c.is_new`
  return sql`LEFT JOIN changed c USING (registration)
    WHERE ${ofList(event)} AND ((${hasGone}) OR (${hasLeft}) OR (${hasMoved})) AND ${isNews}`
}

/** What a registration was entered in before is told by the feed alone. */
function column(field: LineField, { which }: LineQuery): RawBuilder<unknown> {
  return sql.raw(field === 'formerCategories' && which === 'withdrawn' ? 'c.former' : EXPRESSIONS[field])
}
