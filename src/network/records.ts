import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import type { ProcessId } from '../kernel'
import { errnoOf, readText } from '../state/files'
import type { NetworkState, PortMapping } from '../state/types'
import type { NetworkHome } from './types'
import { replaceWhole } from './whole-file'

/** What was set up, or was about to be, for one owner: written before the first step, so that any crash can be undone. */
export interface SetUpRecord {
  owner: string
  ownerName: string
  netns: string
  ports: PortMapping[]
  links: LinkRecord[]
  /** The program that leads out of the namespace of an ordinary user. */
  uplink?: ProcessId
}

export interface LinkRecord {
  network: string
  bridge: string
  /** The end of the veth pair on the host. */
  hostLink: string
  /** What the namespace got; missing until it has it. */
  joined?: NetworkState['networks'][number]
}

const folderOf = (home: NetworkHome): string => `${home.runroot}/network`

const fileOf = (home: NetworkHome, owner: string): string => `${folderOf(home)}/${owner}.json`

export const saveRecord = (home: NetworkHome, record: SetUpRecord): void => {
  mkdirSync(folderOf(home), { recursive: true, mode: 0o700 })
  replaceWhole(fileOf(home, record.owner), JSON.stringify(record))
}

/** The record of an owner; undefined where there is none, or none that can be read. */
export const readRecord = (home: NetworkHome, owner: string): SetUpRecord | undefined => {
  const text = readText(fileOf(home, owner))
  if (text === undefined) return undefined
  try {
    const record = JSON.parse(text) as SetUpRecord
    const isWhole = record.owner === owner && Array.isArray(record.links) && Array.isArray(record.ports)
    return isWhole ? record : undefined
  } catch {
    return undefined
  }
}

export const removeRecord = (home: NetworkHome, owner: string): void => {
  rmSync(fileOf(home, owner), { force: true })
}

/** Ids of all owners for which something is or was being set up. */
export const owners = (home: NetworkHome): string[] => {
  try {
    return readdirSync(folderOf(home)).flatMap((file) =>
      file.endsWith('.json') ? file.slice(0, -'.json'.length) : [],
    )
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}

export const allRecords = (home: NetworkHome): SetUpRecord[] =>
  owners(home).flatMap((owner) => readRecord(home, owner) ?? [])
