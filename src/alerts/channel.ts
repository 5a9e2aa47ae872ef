import type { ChannelName, Message } from './message.ts'

/** A message on its way. */
export interface Parcel {
  /** the same at every try */
  messageId: string
  message: Message
  /** when it is sent, ms since the epoch */
  at: number
}

/** A way to reach people. */
export interface Channel {
  name: ChannelName
  /**
   * Hands a message over, and waits until the other side has taken it.
   * @throws StartlistError ALERT_UNDELIVERED, which names neither the address nor a secret
   */
  send(parcel: Parcel): Promise<void>
}

/** Longest wait for the other side, ms. */
export const PATIENCE_MS = 10_000
