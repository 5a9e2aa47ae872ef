/** What startlist did, operation by operation. Pure. */
import type { Tone } from './tone.ts'

export interface RunView {
  id: number
  /** `Poll`, `Sweep`, `Discovery` */
  operation: string
  /** of what: the race's name */
  subject: string
  state: string
  tone: Tone
  at: number | null
  ms: number | null
  /** `3 added, 1 changed` */
  summary: string
  facts: Readonly<Record<string, number>>
  /** what a person did, and who; empty where the numbers say it all */
  note: string
  error: { title: string; hint: string | null } | null
  canUndo: boolean
}

/** One call that a run made. */
export interface RunMessage {
  at: number
  text: string
  ms: number | null
}
