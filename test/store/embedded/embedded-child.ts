/** A process that uses the embedded database of a home. Its orders come by standard input, one word a line. */
import { createInterface } from 'node:readline'
import { openEmbedded } from '../../../src/store/embedded.ts'

const [home, belowRoot] = process.argv.slice(2)
const { url, release } = await openEmbedded(home!, { fast: true, ...(belowRoot ? { belowRoot } : {}) })
process.stdout.write(`${url}\n`)
for await (const order of createInterface({ input: process.stdin })) {
  if (order === 'release') {
    await release()
    break
  }
  if (order === 'exit') process.exit(0)
  if (order === 'throw') throw new Error('as told')
}
process.stdin.destroy()
