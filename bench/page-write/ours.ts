import { systemClock } from '../../src/domain/clock.ts'
import { toListRows } from '../../src/providers/haku/list-rows.ts'
import { haku } from '../../src/providers/haku/provider.ts'
import type { Db, Trx } from '../../src/store/database.ts'
import { NO_COUNTS, openRun } from '../../src/store/history.ts'
import { checkFence } from '../../src/store/lanes.ts'
import { hakuParticipants } from '../../src/store/participants/table.ts'
import type { EventContext, HolderContext } from '../../src/sync/context.ts'
import { distinctRows, probePage, writePage } from '../../src/sync/write-page.ts'
import type { Contender } from './contender.ts'
import { RACE_DAY, responseDate, type Stage } from './race.ts'

/** startlist itself: probe and write of a sweep's page, through the functions that a sweep calls. */
export function ours(db: Db, stage: Stage, eventId: string): Contender {
  let number = 0
  let event = eventContext(stage, eventId)
  return {
    name: 'startlist: probe, then write',
    beginPass() {
      number++
      event = eventContext(stage, eventId)
    },
    prepare(records) {
      const page = { ...toListRows(records), length: records.length, total: null, date: responseDate() }
      const distinct = distinctRows(page)
      const pass = { kind: 'sweep', number, proven: number - 1, whole: true } as const
      return () =>
        db.transaction().execute(async (trx) => {
          await checkFence(trx, stage.account.accountId, stage.fence)
          const { hits } = await probePage(trx, event, pass, distinct)
          await writePage(trx, event, pass, page, distinct, hits)
        })
    },
  }
}

function eventContext(stage: Stage, eventId: string): EventContext {
  const at = { provider: stage.account.provider, accountId: stage.account.accountId, eventId }
  return {
    account: stage.account,
    at,
    eventId,
    events: [eventId],
    schedule: { start: null, overAt: null, phases: [], flags: [] },
    afterRemoval: undefined,
    timezone: null,
    shape: hakuParticipants,
    settings: {
      map: haku.map,
      mappingVersion: haku.mappingVersion,
      now: new Date(systemClock.now()).toISOString(),
    },
    holders: [holderContext(stage, at)],
    someCurrent: true,
    kind: 'sweep',
    callsBefore: 0,
    startedAt: systemClock.now(),
    between: async () => 'go',
    pollAfterResume: false,
    pollWhenMoved: false,
  }
}

function holderContext({ partnerId }: Stage, at: EventContext['at']): HolderContext {
  const context: HolderContext = {
    holder: {
      partnerId,
      organization: 'Bench Races',
      bibAuthority: 'provider',
      raceDay: RACE_DAY,
      state: 'current',
      derivedFrom: null,
      keptParts: null,
      cadence: null,
      days: [
        {
          ...{ startsAt: null, startDay: RACE_DAY, endsAt: null, endDay: null },
          ...{ timezone: null, assumed: false },
        },
      ],
    },
    counts: { ...NO_COUNTS },
    runId: null,
    async run(trx: Trx) {
      const event = { provider: at.provider, partnerId, eventId: at.eventId }
      context.runId ??= await openRun(trx, { event, accountId: at.accountId, kind: 'sweep' })
      return context.runId
    },
  }
  return context
}
