import { writeFileSync } from 'node:fs'
import { TspodError } from '../errors'

/** `--pod-id-file`: the id, without a line's end. */
export function writeIdFile(path: string, id: string): void {
  try {
    writeFileSync(path, id)
  } catch (error) {
    const { code: errno, message } = error as NodeJS.ErrnoException
    throw new TspodError(
      'system',
      `failed to write pod ID to file: ${message}`,
      { call: 'open', errno, object: path },
      error,
    )
  }
}
