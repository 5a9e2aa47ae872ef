/** Hours of the day at which new and changed events are looked for, in the timing partner's zone. */
export const DISCOVERY_HOURS: readonly number[] = [6, 18]
