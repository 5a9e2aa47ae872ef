import type { Config } from '../config.ts'
import type { Clock } from '../domain/clock.ts'
import { clean, cut } from '../domain/text.ts'
import type { Db } from '../store/database.ts'

/** Something that a person should know of. Its texts hold ids, counts and names of events: nothing of a person. */
export interface Alert {
  /** what it is about, the same at every look: `hold:12` */
  key: string
  message: string
  /** what to do about it */
  hint: string
}

/** What rules look at. */
export interface Sources {
  db: Db
  config: Config
  clock: Clock
}

/** One reason for alerts. */
export interface Rule {
  name: string
  /** looked at this often at most, ms */
  every: number
  /** Every alert of this rule that is called for now. */
  look(sources: Sources): Promise<Alert[]>
}

/** More than a person reads in one line, or a phone shows. */
const LONGEST = 300

/**
 * A rule of two halves: `read` has the effects, `judge` is pure.
 * @param parts.judge what is called for, from what was read and the present in ms since the epoch
 */
export function rule<State>(parts: {
  name: string
  every: number
  read: (sources: Sources) => Promise<State>
  judge: (state: State, now: number) => Alert[]
}): Rule {
  const { name, every, read, judge } = parts
  return {
    name,
    every,
    look: async (sources) => judge(await read(sources), sources.clock.now()).map(oneLine),
  }
}

/** Names of events are the provider's: whatever stands in them, an alert is a line. */
function oneLine({ key, message, hint }: Alert): Alert {
  return { key, message: cut(clean(message) ?? '', LONGEST), hint }
}

/** An instant as alerts tell it: `2026-05-02 11:05 UTC`. */
export function instantText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
