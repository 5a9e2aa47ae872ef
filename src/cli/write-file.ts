import { open, rename, rm } from 'node:fs/promises'

/**
 * Writes a file piece by piece; it appears under its name when it is whole and on the disk, and one that exists is replaced
 * then. Mode 0600: it holds people.
 * @returns bytes
 */
export async function writeWhole(file: string, pieces: AsyncIterable<Uint8Array>): Promise<number> {
  const part = `${file}.part`
  await rm(part, { force: true })
  const handle = await open(part, 'wx', 0o600)
  let bytes = 0
  try {
    try {
      for await (const piece of pieces) {
        await handle.writeFile(piece)
        bytes += piece.length
      }
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(part, file)
    return bytes
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}
