import { Zip, ZipDeflate } from 'fflate'

/** All entries bear the first instant that a ZIP can tell: the same list has the same bytes, whenever it is written. */
const NO_TIME = '1980-01-01T00:00:00'
/** Much repeats in the XML of a sheet: more effort hardly makes it smaller. */
const LEVEL = 2

/** A ZIP file under way. Deflated in JavaScript, so that its bytes depend neither on the machine nor on its libraries. */
export interface ZipFile {
  /** Opens the next entry; the one before is whole. */
  entry(name: string): void
  push(text: string): void
  /** Bytes that are ready. */
  take(): Uint8Array
  /** Closes the last entry, and the file. */
  end(): void
}

export function createZip(): ZipFile {
  const encoder = new TextEncoder()
  let ready: Uint8Array[] = []
  let entry: ZipDeflate | null = null
  const zip = new Zip((error, data) => {
    if (error) throw error
    ready.push(data)
  })
  const close = () => entry?.push(new Uint8Array(), true)
  return {
    entry(name) {
      close()
      entry = new ZipDeflate(name, { level: LEVEL })
      entry.mtime = NO_TIME
      zip.add(entry)
    },
    push: (text) => entry?.push(encoder.encode(text)),
    take() {
      const bytes = Buffer.concat(ready)
      ready = []
      return bytes
    },
    end() {
      close()
      zip.end()
    },
  }
}
