import type { RecordedCall, Recording } from '../../domain/recording.ts'
import { at, pagesSeen } from '../recording.ts'
import type { Traits } from './traits.ts'

/**
 * The traits of a RunSignUp whose contact was recorded by `verify --record`: what was not seen stays as it is by default.
 * Refused sizes show as code 3 with the status 200 there, as a page without a row, and so not at all.
 */
export function recordedTraits({ calls }: Recording): Partial<Traits> {
  const races = calls['GET /races']
  const participants = calls['GET /race/{}/participants']
  return {
    ...(races && { racesPageCap: pagesSeen([races]).cap }),
    ...(participants && { pageCap: pagesSeen([participants]).cap, ...listTraits(participants) }),
  }
}

function listTraits(call: RecordedCall): Partial<Traits> {
  const bibs = at(call, '].bib_num')
  const has = (end: string) => at(call, end).length > 0
  const rows = at(call, 'participants')
  return {
    shape: call.types.answer?.includes('object') ? 'object' : 'array',
    ...(rows.includes('null') && { empty: 'null' as const }),
    ...(bibs.includes('number') && { bib: 'number' as const }),
    ...(bibs.includes('string') && { bib: 'text' as const }),
    ...(has('].corral') && { corral: 'object' as const }),
    ...(has('].corral_id') && { corral: 'fields' as const }),
  }
}
