import { StartlistError } from '../../domain/errors.ts'

/** Parts of a registration that are sent on request (RunSignUp API notes 2.4), named as in `include_*`. */
export const INCLUDES = [
  'questions',
  'corrals',
  'checkin_data',
  'registration_addons',
  'registration_notes',
  'est_finish',
  'corp_teams',
  'memberships',
  'multi_race_bundle_info',
  'user_anonymous_flag',
] as const

export type Include = (typeof INCLUDES)[number]

/** What timing needs. Each part is stored with its row: ask for none that nobody reads. */
export const DEFAULT_INCLUDES: readonly Include[] = [
  'questions',
  'corrals',
  'checkin_data',
  'registration_addons',
]

/** Names of parts as a person configured them. @throws StartlistError `CONFIG_INVALID` for one that is none */
export function readIncludes(names: readonly string[]): Include[] {
  return names.map((name) => {
    const known = INCLUDES.find((include) => include === name)
    if (known !== undefined) return known
    throw new StartlistError(
      'CONFIG_INVALID',
      `RUNSIGNUP_INCLUDE names "${name}", which is no part of a registration`,
      {
        hint: `It takes ${INCLUDES.join(', ')}, or none.`,
      },
    )
  })
}

/** The parameters that ask for these parts. */
export function includeQuery(includes: readonly Include[]): Record<string, string> {
  return Object.fromEntries(includes.map((name) => [`include_${name}`, 'T']))
}
