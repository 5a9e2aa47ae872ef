/** How a date is written: 1990-02-03, 02/03/1990, 03/02/1990. */
export const DATE_ORDERS = ['ymd', 'mdy', 'dmy'] as const
export type DateOrder = (typeof DATE_ORDERS)[number]

/** @param date `YYYY-MM-DD`; anything else stays as it is */
export function writeDate(date: string, order: DateOrder): string {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date) ?? []
  if (year === undefined || order === 'ymd') return date
  return order === 'mdy' ? `${month}/${day}/${year}` : `${day}/${month}/${year}`
}
