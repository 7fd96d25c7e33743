import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Damage, errnoOf, type NameEntry } from '../state'
import type { EngineContext } from './context'

const list = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}

/** All names and ids that stand for something in the sandbox. */
export const entriesOf = (context: EngineContext, sandboxId: string) => {
  const { names, ids, paths } = context.state
  const inFolder = (folder: string, read: (name: string) => NameEntry | undefined) =>
    list(folder).flatMap((name) => {
      const entry = read(name)
      return entry?.sandbox === sandboxId ? [{ name, id: entry.id }] : []
    })
  return {
    names: inFolder(paths.names, names.get),
    ids: inFolder(join(paths.root, 'ids'), ids.get),
  }
}

/** One line about a damaged document, by the name that the user knows. */
export const describeDamage = (context: EngineContext, { id, path, problem }: Damage): string => {
  const { names } = entriesOf(context, id)
  const name = names.find((entry) => entry.id === id) ?? names[0]
  const reason = problem ? ` (${problem})` : ''
  return `the state of ${name?.name ?? id} is damaged${reason} and was set aside as ${path}: remove it with rm --force`
}
