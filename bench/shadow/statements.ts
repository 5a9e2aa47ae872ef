import type {
  KyselyPlugin,
  PluginTransformQueryArgs,
  PluginTransformResultArgs,
  QueryResult,
  RootOperationNode,
  UnknownRow,
} from 'kysely'
import type { Db } from '../../src/store/database.ts'

/** How long a statement took. */
export interface Timed {
  text: string
  from: number
  to: number
}

/** Notes each statement of a pool, when it began and when it was answered, ms. */
export class Statements implements KyselyPlugin {
  readonly timed: Timed[] = []
  readonly #open = new WeakMap<object, Timed>()
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  transformQuery({ node, queryId }: PluginTransformQueryArgs): RootOperationNode {
    const { sql } = this.#db.getExecutor().compileQuery(node, queryId)
    this.#open.set(queryId, { text: sql.replaceAll(/\s+/g, ' ').trim(), from: performance.now(), to: 0 })
    return node
  }

  async transformResult({ queryId, result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    const timed = this.#open.get(queryId)
    if (timed !== undefined) this.timed.push({ ...timed, to: performance.now() })
    return result
  }
}
