import { mkdirSync, readdirSync } from 'node:fs'
import { TspodError } from '../errors'
import { errnoOf, readText, writeAtomically } from '../state/files'
import { chooseDefault } from './free-range'
import { parseSubnet } from './subnet'
import type { NetworkDefinition, NetworkHome } from './types'
import { createWhole } from './whole-file'

/** Name of the network that containers join when they name none, as in Podman. */
export const DEFAULT_NETWORK = 'podman'

const folderOf = (home: NetworkHome): string => `${home.root}/networks`

const fileOf = (home: NetworkHome, name: string): string => `${folderOf(home)}/${name}.json`

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** A definition as far as the code relies on it; throws what is wrong. */
const checkDefinition = (value: unknown): NetworkDefinition => {
  const found = value as NetworkDefinition
  if (typeof value !== 'object' || value === null) throw new Error('not an object')
  for (const field of ['name', 'id', 'network_interface'] as const) {
    if (!isText(found[field])) throw new Error(`no ${field}`)
  }
  if (found.driver !== 'bridge') throw new Error(`driver ${String(found.driver)} is not known`)
  if (!/^[a-z0-9._-]{1,15}$/i.test(found.network_interface))
    throw new Error(`${JSON.stringify(found.network_interface)} can't name a network interface`)
  if (!Array.isArray(found.subnets)) throw new Error('no subnets')
  for (const { subnet } of found.subnets) parseSubnet(String(subnet))
  return found
}

const readDefinition = (path: string): NetworkDefinition | undefined => {
  const text = readText(path)
  if (text === undefined) return undefined
  try {
    return checkDefinition(JSON.parse(text))
  } catch (error) {
    throw new TspodError(
      'damaged',
      `network definition ${path} is damaged (${(error as Error).message}): mend or remove it`,
      { object: path },
      error,
    )
  }
}

const names = (home: NetworkHome): string[] => {
  try {
    return readdirSync(folderOf(home)).flatMap((file) =>
      file.endsWith('.json') ? file.slice(0, -'.json'.length) : [],
    )
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}

const chooseAnew = (home: NetworkHome): NetworkDefinition => {
  const others = names(home)
    .filter((name) => name !== DEFAULT_NETWORK)
    .flatMap((name) => readDefinition(fileOf(home, name)) ?? [])
  mkdirSync(folderOf(home), { recursive: true, mode: 0o700 })
  return chooseDefault(home.kernel, DEFAULT_NETWORK, others)
}

const textOf = (definition: NetworkDefinition): string => `${JSON.stringify(definition, null, 2)}\n`

/** Decides on the default network's bridge and range anew, now that somebody else uses the old ones. */
export const redefineDefault = (home: NetworkHome): NetworkDefinition => {
  const definition = chooseAnew(home)
  writeAtomically(fileOf(home, DEFAULT_NETWORK), textOf(definition))
  return definition
}

// Readers hold no lock: whoever decides first has decided for all.
const defaultDefinition = (home: NetworkHome): NetworkDefinition => {
  const path = fileOf(home, DEFAULT_NETWORK)
  const known = readDefinition(path)
  if (known) return known
  const definition = chooseAnew(home)
  return createWhole(path, textOf(definition)) ? definition : readDefinition(path)!
}

/** All networks, the default one first; it is made on first use. */
export const listDefinitions = (home: NetworkHome): NetworkDefinition[] => {
  const first = defaultDefinition(home)
  const others = names(home)
    .filter((name) => name !== DEFAULT_NETWORK)
    .sort()
  return [first, ...others.flatMap((name) => readDefinition(fileOf(home, name)) ?? [])]
}

/** A network by name, id or a unique start of its id. Throws Podman's error where there is none. */
export const findDefinition = (home: NetworkHome, nameOrId: string): NetworkDefinition => {
  if (nameOrId === 'default' || nameOrId === DEFAULT_NETWORK) return defaultDefinition(home)
  const all = listDefinitions(home)
  const exact = all.find(({ name, id }) => name === nameOrId || id === nameOrId)
  if (exact) return exact
  const begun = nameOrId ? all.filter(({ id }) => id.startsWith(nameOrId)) : []
  if (begun.length > 1) throw new TspodError('invalid', `more than one result for network ID ${nameOrId}`)
  if (begun[0]) return begun[0]
  throw new TspodError('not-found', `unable to find network with name or ID ${nameOrId}: network not found`, {
    object: nameOrId,
  })
}
