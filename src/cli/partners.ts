import { StartlistError } from '../domain/errors.ts'
import { KEPT_BY_DEFAULT, parseParts, partsText } from '../domain/personal-data.ts'
import * as store from '../store/partners.ts'
import type { Command } from './cli.ts'
import { cadenceOption, idOption, optionalId, textOption, zoneOption } from './options.ts'
import { withSession } from './session.ts'

/** `partners add`: a timing partner, under the next free id or one of the caller's choice. */
export const addPartner: Command<{ name: string; id?: string; timezone?: string }> = (cli, options) => {
  const name = textOption(options.name, '--name')
  const wanted = optionalId(options.id, '--id')
  const timezone = options.timezone === undefined ? null : zoneOption(options.timezone)
  return withSession(cli, {}, async ({ db }) => {
    const [same] = await store.listPartners(db, { name })
    if (same !== undefined) {
      throw new StartlistError('BAD_INPUT', `${same.name} is timing partner ${same.partnerId} already`, {
        hint: `startlist partners set ${same.partnerId} --timezone ZONE changes its zone.`,
      })
    }
    const id = await store.addPartner(db, {
      name,
      timezone,
      ...(wanted === undefined ? {} : { partnerId: wanted }),
    })
    if (id === null) {
      throw new StartlistError('BAD_INPUT', `there is a timing partner ${wanted} already`, {
        hint: 'Leave --id out for the next free one; startlist partners list shows those taken.',
      })
    }
    cli.out.record({ id, name, timezone })
    cli.out.line(`Timing partner ${id}: ${name}. Next: startlist credentials add --partner ${id} --help`)
    return 0
  })
}

export interface SetPartnerOptions {
  id: string
  timezone?: string
  cadence?: string
  keep?: string
  retention?: string
}

/** `partners set`: the zone and the cadence of a partner's events where nothing nearer is known. */
export const setPartner: Command<SetPartnerOptions> = (cli, options) => {
  const id = idOption(options.id, 'ID')
  const timezone = options.timezone === undefined ? undefined : zoneOption(options.timezone)
  const cadence = options.cadence === undefined ? undefined : cadenceOption(options.cadence)
  const kept = options.keep === undefined ? undefined : keepOption(options.keep)
  const retention = options.retention === undefined ? undefined : retentionOption(options.retention)
  if ([timezone, cadence, kept, retention].every((value) => value === undefined))
    throw new StartlistError('USAGE', 'nothing to set: give --timezone, --cadence, --keep or --retention')
  return withSession(cli, {}, async ({ db }) => {
    const found = await db
      .transaction()
      .execute(
        async (trx) =>
          (timezone === undefined || (await store.setPartnerTimezone(trx, id, timezone))) &&
          (cadence === undefined || (await store.setPartnerCadence(trx, id, cadence))) &&
          (kept === undefined || (await store.setPartnerKeptParts(trx, id, kept))) &&
          (retention === undefined || (await store.setPartnerRetention(trx, id, retention))),
      )
    if (!found) throw new StartlistError('NO_SUCH_PARTNER', `there is no timing partner ${id}`)
    cli.out.record({ id, timezone, cadence, keep: kept, retentionDays: retention })
    if (timezone !== undefined)
      cli.out.line(
        `Timing partner ${id} is in ${timezone}. startlist discover --partner ${id} applies it to its events.`,
      )
    if (cadence !== undefined)
      cli.out.line(
        `Events of timing partner ${id} without a cadence of their own: ${cadence ?? 'the default'}.`,
      )
    if (retention !== undefined)
      cli.out.line(
        `People of timing partner ${id} are kept ${retention === null ? 'as the default says' : retention === 0 ? 'for ever' : `for ${retention} days after their event`}.`,
      )
    if (kept !== undefined)
      cli.out.line(
        `Of a registration are kept, beside name, bib and status: ${kept ?? partsText(KEPT_BY_DEFAULT)}. What else is stored goes at each event's next poll.`,
      )
    return 0
  })
}

/** Days; 0 for `forever`, null for `default`. */
function retentionOption(text: string): number | null {
  if (text === 'default') return null
  if (text === 'forever') return 0
  const [, digits] = /^([1-9]\d{0,4})d$/.exec(text) ?? []
  if (digits === undefined || Number(digits) > 36_500)
    throw new StartlistError('BAD_INPUT', '--retention is a number of days such as 400d, forever or default')
  return Number(digits)
}

/** Parts of a registration as they are stored; null for `default`. */
function keepOption(text: string): string | null {
  if (text === 'default') return null
  const parts = parseParts(text)
  if (parts === null) {
    throw new StartlistError('BAD_INPUT', '--keep has a part that is unknown', {
      hint: `Parts are ${partsText(parseParts('all') ?? [])}; or all, none, default.`,
    })
  }
  return partsText(parts)
}

/** `partners list` */
export const listPartners: Command<object> = (cli) =>
  withSession(cli, {}, async ({ db }) => {
    const partners = await store.listPartners(db)
    for (const { partnerId, ...rest } of partners) cli.out.record({ id: partnerId, ...rest })
    if (partners.length === 0)
      cli.out.line('There is no timing partner yet: startlist setup, or startlist partners add.')
    else {
      cli.out.table(
        [
          { head: 'Id', align: 'right' },
          { head: 'Timing partner', shrink: true },
          { head: 'Zone' },
          { head: 'Cadence', optional: true },
          { head: 'Credentials', align: 'right' },
          { head: 'Events', align: 'right' },
        ],
        partners.map((p) => [
          String(p.partnerId),
          p.name,
          p.timezone ?? '-',
          p.cadence ?? '',
          String(p.credentials),
          String(p.events),
        ]),
      )
    }
    return 0
  })
