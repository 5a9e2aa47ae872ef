/** How much of what changes an account's lists hide (F4). */

/** What single reads showed of registrations whose list row was as it had been: of so many, so many had changed. */
export interface Blindness {
  read: number
  blind: number
}

/** What is believed before anything was read: one hidden change in a hundred, as if 50 reads had shown it. */
const BELIEVED = { read: 50, blind: 0.5 }
/** Rounds get a fifth of a call for each percent that is hidden. */
const SHARE = 0.2
const RAREST = 20
const MOST_OFTEN = 2

/**
 * Of calls that polls leave one in so many goes to detail rounds while backfill or other details wait: 1 in 20 where lists
 * hide nothing, or nobody knows; every second one from where one read in ten finds what a list hides.
 */
export function roundsEvery({ read, blind }: Blindness): number {
  const hidden = (blind + BELIEVED.blind) / (read + BELIEVED.read)
  return Math.min(RAREST, Math.max(MOST_OFTEN, Math.round(SHARE / hidden)))
}
