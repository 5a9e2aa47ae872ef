/** What startlist did, operation by operation. Pure. */
import type { Tone } from './tone.ts'

export interface RunView {
  id: string
  /** `Poll`, `Sweep`, `Discovery` */
  operation: string
  /** of what: the race's name */
  subject: string
  state: string
  tone: Tone
  at: number
  ms: number | null
  /** `3 added, 1 changed` */
  summary: string
  facts: readonly { name: string; text: string }[]
  messages: readonly string[]
  canUndo: boolean
}
