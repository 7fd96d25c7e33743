import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { TspodError } from '../errors'
import { errnoOf, fileError, readText, syncFolder, writeAtomically } from './files'
import { isFullId } from './ids'
import type { StatePaths } from './paths'
import { parseSandbox } from './schema'
import type { Sandbox } from './types'

/** A document that could not be read. */
export interface Damage {
  /** Id of the sandbox. */
  id: string
  /** Where the document lies now. */
  path: string
  /** Empty where it was set aside before. */
  problem: string
}

export type DocumentRead = { sandbox: Sandbox; text: string } | { damage: Damage } | undefined

const FILE = 'state.json'
export const documentPath = (paths: StatePaths, id: string): string => join(paths.sandbox(id), FILE)

const ASIDE = `${FILE}.damaged-`

export const lockPath = (paths: StatePaths, id: string): string => join(paths.sandbox(id), 'lock')

// What is left of the evidence stays beside it, so that a person can look, and nobody trips over it twice.
const setAside = (paths: StatePaths, id: string, problem: string): Damage => {
  const from = documentPath(paths, id)
  const path = join(paths.sandbox(id), `${ASIDE}${new Date().toISOString().replaceAll(':', '')}`)
  try {
    renameSync(from, path)
  } catch (error) {
    // Another command may have been faster, or the disk can't be written to.
    if (errnoOf(error) !== 'ENOENT') return { id, path: from, problem }
  }
  return { id, path, problem }
}

const findAside = (paths: StatePaths, id: string): Damage | undefined => {
  const name = listFolder(paths.sandbox(id)).find((entry) => entry.startsWith(ASIDE))
  return name === undefined ? undefined : { id, path: join(paths.sandbox(id), name), problem: '' }
}

const listFolder = (path: string): string[] => {
  try {
    return readdirSync(path)
  } catch (error) {
    const code = errnoOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw fileError('read', path, error)
  }
}

/** Reads a document without a lock; undefined where there is none. A damaged one is set aside. */
export const readDocument = (paths: StatePaths, id: string): DocumentRead => {
  const text = readText(documentPath(paths, id))
  if (text === undefined) {
    const damage = findAside(paths, id)
    return damage && { damage }
  }
  const checked = parseSandbox(id, text)
  return 'problem' in checked
    ? { damage: setAside(paths, id, checked.problem) }
    : { sandbox: checked.sandbox, text }
}

export const listDocuments = (paths: StatePaths): string[] => listFolder(paths.sandboxes).filter(isFullId)

/** Makes the folder and the document of a new sandbox. */
export const createDocument = (paths: StatePaths, sandbox: Sandbox): void => {
  const folder = paths.sandbox(sandbox.id)
  try {
    mkdirSync(paths.sandboxes, { recursive: true, mode: 0o700 })
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    throw fileError('create', folder, error)
  }
  try {
    writeAtomically(join(folder, FILE), JSON.stringify(sandbox))
    syncFolder(paths.sandboxes)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

export const writeDocument = (paths: StatePaths, id: string, text: string, lasting: boolean): void =>
  writeAtomically(documentPath(paths, id), text, 0o600, lasting)

/** Removes a sandbox's folder, the document first: without it, the rest is nobody's. */
export const removeDocument = (paths: StatePaths, id: string): void => {
  const folder = paths.sandbox(id)
  try {
    rmSync(join(folder, FILE), { force: true })
    rmSync(folder, { recursive: true, force: true })
  } catch (error) {
    throw fileError('remove', folder, error)
  }
}

export const damageError = ({ path, problem }: Damage, name: string): TspodError => {
  const reason = problem ? ` (${problem})` : ''
  const text = `the state of ${name} is damaged${reason} and was set aside as ${path}: remove it with rm --force`
  return new TspodError('damaged', text, { object: path })
}
