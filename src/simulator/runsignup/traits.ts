/**
 * The ways of the provider that nobody has recorded (RunSignUp API notes 2.1 to 2.9), each a switch that may be
 * turned at any moment. The defaults are the likeliest reading.
 */
export interface Traits {
  /** whose dialect: Race Entry knows logins only, and says 102 where a pair has expired (notes 2.9) */
  dialect: 'runsignup' | 'raceentry'
  /** largest page of participants, rows */
  pageCap: number
  /** largest page of races, rows */
  racesPageCap: number
  /** whether a larger `results_per_page` is quietly cut or refused with code 3 */
  pageCapMode: 'silent' | 'reject'
  /** what a page is cut from when several events are asked for: all their rows together, or each event's own */
  pageOver: 'all' | 'event'
  /** what stands where an event has no rows: an empty list, null, no key, or no element for that event at all */
  empty: 'list' | 'null' | 'absent' | 'no-element'
  /** whether an answer about one event is an array of one all the same */
  shape: 'array' | 'object'
  /** `ignored`: rows come by last name, whatever was asked */
  sort: 'honoured' | 'ignored'
  /** whether `modified_after_timestamp` includes its own second, excludes it, or is not heeded */
  modifiedAfter: 'inclusive' | 'exclusive' | 'ignored'
  /** what `last_modified` is cut to, seconds */
  stampStep: number
  /** whether bibs of digits are written as numbers */
  bib: 'number' | 'text'
  /** what the gender X becomes for a client that does not say `supports_nb=T` */
  genderX: 'empty' | 'null' | 'M' | 'F'
  /** where a corral stands on a row: in fields of its own, or in an object */
  corral: 'fields' | 'object'
  /** what `/races` is to a key that is not valid; without any key it lists all public races */
  wrongKeyRaces: 'nation' | 'refused' | 'none'
  /** whether errors have the status 200 or one that fits the code */
  errorStatus: 'ok' | 'http'
  /** whether a call too many is refused with code 14 (and the status above), or with 429 */
  throttle: 'code' | 'status'
  /** calls of one account in any rolling 60 minutes, logins included; null for no limit */
  quota: number | null
  /** calls of one account under way at once; null for no limit */
  concurrent: number | null
  /** how long a pair from a login lives after its last use, seconds */
  loginLifetime: number
}

export const defaultTraits: Readonly<Traits> = {
  dialect: 'runsignup',
  pageCap: 2500,
  racesPageCap: 1000,
  pageCapMode: 'silent',
  pageOver: 'all',
  empty: 'list',
  shape: 'array',
  sort: 'honoured',
  modifiedAfter: 'inclusive',
  stampStep: 1,
  bib: 'number',
  genderX: 'empty',
  corral: 'fields',
  wrongKeyRaces: 'nation',
  errorStatus: 'ok',
  throttle: 'code',
  quota: null,
  concurrent: 2,
  loginLifetime: 86_400,
}
