import type { Rows } from '../../src/export/entry.ts'
import { exportOptions } from '../../src/export/options.ts'
import { startListWriter } from '../../src/export/writer.ts'
import type { Db } from '../../src/store/database.ts'
import { openStartList, type StartListOf } from '../../src/store/start-list/snapshot.ts'
import { readBack } from './read-back.ts'

/** A timer's own list, kept by files alone: the whole list once, then what changed and who was withdrawn. */
export class Timer {
  /** Registrations, or entries, by id. */
  readonly list = new Map<string, string>()
  private position: number | undefined
  private readonly db: Db
  private readonly of: StartListOf
  private readonly rows: Rows

  constructor(db: Db, of: StartListOf, rows: Rows = 'registration') {
    this.db = db
    this.of = of
    this.rows = rows
  }

  /** Takes in what changed since the last time, from one snapshot. */
  async update(): Promise<void> {
    const after = this.position
    const list = await openStartList(this.db, this.of, { after })
    try {
      for (const [id, text] of await rowsOf(list, this.rows, 'listed', after)) this.list.set(id, text)
      if (after !== undefined)
        for (const id of (await rowsOf(list, this.rows, 'withdrawn', after)).keys()) this.list.delete(id)
      this.position = list.state.position
    } finally {
      await list.close()
    }
  }

  /** The whole list as it stands now. */
  async whole(): Promise<Map<string, string>> {
    const list = await openStartList(this.db, this.of)
    try {
      return await rowsOf(list, this.rows, 'listed')
    } finally {
      await list.close()
    }
  }
}

/** Rows of a file by id, as text; each id once. */
export async function rowsOf(
  list: Awaited<ReturnType<typeof openStartList>>,
  rows: Rows,
  which: 'listed' | 'withdrawn',
  after: number | undefined = undefined,
): Promise<Map<string, string>> {
  const options = exportOptions('generic', { rows }, String)
  const writer = startListWriter('generic', options, { state: list.state, which, after: after ?? null })
  const pieces: Uint8Array[] = []
  const { fields, leavers } = writer
  for await (const piece of writer.write(list.lines({ fields, leavers, which }))) pieces.push(piece)
  const read = await readBack('generic', Buffer.concat(pieces))
  const byId = new Map(read.map((row) => [String(row['Registration ID']), JSON.stringify(row)]))
  if (byId.size !== read.length) throw new Error('an id is there twice')
  return byId
}
