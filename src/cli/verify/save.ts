import { chmod, writeFile } from 'node:fs/promises'
import { StartlistError } from '../../domain/errors.ts'

/** Writes a file that its owner alone may read. @throws StartlistError `BAD_INPUT` */
export async function saveFile(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o600 })
    // One that was there keeps its mode.
    await chmod(path, 0o600)
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new StartlistError('BAD_INPUT', `${path} cannot be written (${why})`, { cause: error })
  }
}
