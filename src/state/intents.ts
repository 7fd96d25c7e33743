import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifyProcess, isProcessAlive, type ProcessId } from '../kernel/processes'
import { errnoOf, fileError, readText } from './files'
import { newId } from './ids'

/** What a command is about to make or to remove, so that another one can clear up where it is killed half way. */
export interface Intent {
  sandbox: string
  id: string
  name: string
}

interface Written extends Intent {
  process?: ProcessId
}

/** Notes an intent, and returns what takes the note away when it is carried out or undone. */
export const noteIntent = (folder: string, intent: Intent): (() => void) => {
  const path = join(folder, newId())
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(path, JSON.stringify({ ...intent, process: identifyProcess(process.pid) }), { mode: 0o600 })
  } catch (error) {
    throw fileError('write', path, error)
  }
  return () => rmSync(path, { force: true })
}

const list = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw fileError('read', folder, error)
  }
}

const parse = (text: string | undefined): Written | undefined => {
  try {
    return JSON.parse(text ?? '') as Written
  } catch {
    // Cut short by the same end, before anything was done.
    return undefined
  }
}

/** The intents of processes that are dead, and what takes each note away. Usually there is none, and it costs nothing. */
export const abandonedIntents = (folder: string): { intent?: Intent; forget: () => void }[] =>
  list(folder).flatMap((name) => {
    const path = join(folder, name)
    const text = readText(path)
    const intent = parse(text)
    // A note that is just being written is no left-over.
    if (text === undefined || text === '' || (intent?.process && isProcessAlive(intent.process))) return []
    return [{ intent, forget: () => rmSync(path, { force: true }) }]
  })
