import { StartlistError } from '../domain/errors.ts'
import { type KeptReject, listRejects, type RejectLine, readReject } from '../store/overview/rejects.ts'
import { retryRejects } from '../sync/rejects.ts'
import type { Command } from './cli.ts'
import { idOption, optionalId } from './options.ts'
import { withSession } from './session.ts'
import { type Cell, type Column, printable } from './table.ts'
import { age } from './times.ts'

/** Rejects that are read at a time: a list may be long. */
const BATCH = 1_000

/** `rejects list`: what could not be stored as it is. Never with the text itself, which may be personal. */
export const list: Command<{ event?: string }> = (cli, { event }) =>
  withSession(cli, {}, async ({ db }) => {
    let count = 0
    for (let after = 0; ; ) {
      const rejects = await listRejects(db, { eventId: event, after, limit: BATCH })
      const last = rejects.at(-1)
      if (last === undefined) break
      cli.signal.throwIfAborted()
      for (const reject of rejects) cli.out.record(recordOf(reject))
      cli.out.table(
        COLUMNS,
        rejects.map((reject) => rowOf(reject, cli.clock.now())),
      )
      // At the reader's pace: lines must not pile up in memory.
      await cli.out.write('')
      count += rejects.length
      after = last.rejectId
    }
    if (count === 0) cli.out.line('Nothing is rejected.')
    else cli.out.note('startlist rejects show ID tells what the provider sent, and what to do.')
    return 0
  })

/** `rejects show`: what the provider sent, why it could not be stored, and what to do. */
export const show: Command<{ id: string }> = (cli, options) => {
  const rejectId = idOption(options.id, 'ID')
  return withSession(cli, {}, async ({ db }) => {
    const reject = await readReject(db, rejectId)
    if (reject === null) throw noSuchReject(rejectId)
    const { raw } = reject
    const advice = adviceOn(reject)
    cli.out.record({ ...recordOf(reject), raw, advice })
    cli.out.line(`${titleOf(reject)}: ${reject.reason}`)
    if (raw !== '') cli.out.line(`The provider sent: ${printable(raw)}`)
    cli.out.line(advice)
    return 0
  })
}

/** `rejects retry`: reads what was rejected again by this release's rules, without a call. */
export const retry: Command<{ id?: string }> = (cli, options) => {
  const rejectId = optionalId(options.id, 'ID')
  return withSession(cli, {}, async ({ db, clock }) => {
    if (rejectId !== undefined && (await readReject(db, rejectId)) === null) throw noSuchReject(rejectId)
    const retried = await retryRejects({ db, clock, signal: cli.signal }, rejectId)
    for (const line of retried) {
      const { eventId, partnerId, before, left } = line
      cli.out.record({ kind: 'retry', ...line })
      cli.out.line(
        `Event ${eventId}, timing partner ${partnerId}: ${before - left} of ${before} are readable now${left === 0 ? '' : `, ${left} stay rejected`}.`,
      )
    }
    if (retried.length === 0) cli.out.line('Nothing is rejected.')
    return 0
  })
}

const noSuchReject = (rejectId: number) =>
  new StartlistError('NO_SUCH_REJECT', `there is no reject ${rejectId}: it may have left the list`)

function titleOf({ kind, recordKey, field, eventId }: RejectLine): string {
  const what = kind === 'field' ? `field ${field} of registration ${recordKey}` : 'a whole record'
  return `Event ${eventId}, ${what}`
}

function adviceOn({ kind, field, eventId, raw }: KeptReject): string {
  const sync = `startlist sync --event ${eventId}`
  if (kind === 'field' && field === 'detail')
    return `The registration is stored as the list shows it. Ask the provider for its detail; ${sync} tries again.`
  if (kind === 'field')
    return `The registration is stored with the value it had before. Correct it at the provider, then ${sync}; a later release of startlist may read it: startlist rejects retry.`
  const number = raw.includes('"registration_number"') ? '' : ' It bears no registration number.'
  return `The record is not stored.${number} Correct it at the provider, then ${sync} --full; or after an update startlist rejects retry.`
}

function recordOf(reject: RejectLine): object {
  const { rejectId, provider, partnerId, eventId, kind, recordKey, field, reason } = reject
  return {
    ...{ rejectId, provider, partnerId, eventId, kind, key: recordKey, field, reason },
    firstSeen: new Date(reject.firstSeen).toISOString(),
    lastSeen: new Date(reject.lastSeen).toISOString(),
  }
}

const COLUMNS: Column[] = [
  { head: 'Id', align: 'right' },
  { head: 'Event' },
  { head: 'P', align: 'right' },
  { head: 'Registration', shrink: true, least: 10, most: 20 },
  { head: 'Field' },
  { head: 'Why', shrink: true, least: 20 },
  { head: 'First', align: 'right' },
  { head: 'Last', align: 'right' },
]

function rowOf(reject: RejectLine, now: number): Cell[] {
  const { rejectId, eventId, partnerId, kind, recordKey, field, reason } = reject
  return [
    String(rejectId),
    eventId,
    String(partnerId),
    recordKey,
    kind === 'field' ? field : 'all of it',
    reason,
    age(reject.firstSeen, now),
    age(reject.lastSeen, now),
  ]
}
