import { appendFileSync } from 'node:fs'

/** Notes what went wrong where nobody is there to be told. The file is made with the first line. */
export const createErrorLog =
  (path: string) =>
  (doing: string, error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    try {
      appendFileSync(path, `${new Date().toISOString()} ${doing}: ${text}\n`, { mode: 0o600 })
    } catch {
      // Nobody is left to be told.
    }
  }
