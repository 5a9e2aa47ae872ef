/** How far the first reading has come. Pure. */
export interface BackfillAccount {
  id: number
  label: string
  /** `412 calls left, 2 h 10 min at this pace` */
  sentence: string | null
  races: readonly {
    key: string
    name: string
    href: string | null
    done: number
    total: number | null
    note: string | null
  }[]
}
