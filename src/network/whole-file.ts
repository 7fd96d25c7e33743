import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { errnoOf } from '../state/files'

/** Makes `path` with its content in one step; false where it is there already. Not made to outlast a power cut. */
export const createWhole = (path: string, content: string): boolean => {
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, content, { mode: 0o600 })
  try {
    linkSync(temporary, path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** Puts `content` in the place of what `path` held, in one step. For the run-time folder, which no boot survives. */
export const replaceWhole = (path: string, content: string): void => {
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, content, { mode: 0o600 })
  renameSync(temporary, path)
}
