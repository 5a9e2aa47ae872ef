import type { JsonObject } from '../../domain/json.ts'
import type { RawParticipant } from '../../domain/participant.ts'
import type { Finding } from '../../store/audit/results.ts'
import { changedFields, settingsOf, storedRow } from '../compare-row.ts'
import type { AccountContext, EventContext } from '../context.ts'
import { storeDetail } from '../details.ts'
import { closeRuns } from '../history.ts'
import { isAfterPass } from '../rereads.ts'

/** Registrations drawn at random, each compared with a single read of it, a call each. */

/** What a sample showed. */
export interface SampleResult {
  /** single reads made */
  sampled: number
  /** changed at the provider although the list row we hold is its last: the list is blind to it (F4) */
  blind: number
  /** changed at the provider after our last pass began: the next one brings it */
  moved: number
  /** not there any more: the next sweep notices */
  gone: number
  findings: Map<number, Finding[]>
  /** broken off, by whoever waits for the lane */
  stopped: boolean
}

/**
 * Reads registrations singly. What changed behind an unchanged list row is no defect of ours: it is stored and counted
 * apart. A mismatch is a row that is not what the provider's stored words make of it.
 * @param lastBegan instant, ms, at which the last finished pass began by the provider's clock; null for none
 */
export async function compareSample(
  account: AccountContext,
  event: EventContext,
  keys: readonly string[],
  lastBegan: number | null,
): Promise<SampleResult> {
  const result: SampleResult = {
    sampled: 0,
    blind: 0,
    moved: 0,
    gone: 0,
    findings: new Map(),
    stopped: false,
  }
  for (const [i, key] of keys.entries()) {
    account.signal.throwIfAborted()
    if (i > 0 && (await event.between(event)) === 'stop') {
      result.stopped = true
      break
    }
    const answer = await account.connection.readDetail(event.eventId, key, 'detail', event.events)
    result.sampled++
    if (!answer.found) {
      result.gone++
      continue
    }
    const differs = await compareOne(account, event, key, answer.record, result.findings)
    if (!differs) continue
    result[isAfterPass(account, answer.record, lastBegan) ? 'moved' : 'blind']++
    if (account.connection.needsDetail) await storeDetail(account, event, key, answer.record)
  }
  if (event.holders.some((holder) => holder.runId !== null)) {
    await account.db
      .transaction()
      .execute((trx) => closeRuns(trx, account, event, { quietPoll: false, complete: true }))
  }
  return result
}

/** @returns whether the single read would change anybody's row */
async function compareOne(
  account: AccountContext,
  event: EventContext,
  key: string,
  record: JsonObject,
  findings: SampleResult['findings'],
): Promise<boolean> {
  let differs = false
  for (const holder of event.holders) {
    const { partnerId, state } = holder.holder
    if (state !== 'current') continue
    const row = await storedRow(account, event, partnerId, key)
    if (row?.raw_data == null) continue
    const settings = settingsOf(event, holder)
    const wrong = changedFields(row, row.raw_data, settings)
    if (wrong.length > 0) addFinding(findings, partnerId, { kind: 'row', key, fields: wrong })
    const raw =
      account.provider.capabilities.details === 'never' ? asList(record) : { ...row.raw_data, detail: record }
    differs ||= changedFields(row, raw, settings).length > 0
  }
  return differs
}

const asList = (record: JsonObject): RawParticipant => ({ list: record, detail: null })

function addFinding(findings: SampleResult['findings'], partnerId: number, finding: Finding): void {
  findings.set(partnerId, [...(findings.get(partnerId) ?? []), finding])
}
