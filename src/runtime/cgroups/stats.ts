import { type CgroupFiles, readField, readNumber, readOptional, tree } from './files'
import type { CgroupStats } from './index'
import type { Hierarchy } from './layout'

/** Folder of a cgroup in the hierarchy of a controller of v1; undefined where the host lacks it. */
export type FolderOf = (controller: string) => string | undefined

// What v1 says where there is no limit: the largest number of pages.
const unlimited = 2 ** 62

const bounded = (value: number | undefined): number => (value === undefined || value >= unlimited ? 0 : value)

const number = (files: CgroupFiles, folder: string | undefined, file: string): number =>
  (folder && readNumber(files, `${folder}/${file}`)) || 0

const field = (files: CgroupFiles, folder: string | undefined, file: string, key: string): number =>
  folder ? readField(files, `${folder}/${file}`, key) : 0

/** Sum of the lines `MAJOR:MINOR Read 4096` of a blkio file. */
const blockBytes = (files: CgroupFiles, folder: string | undefined, kind: string): number => {
  const text = folder ? readOptional(files, `${folder}/blkio.throttle.io_service_bytes_recursive`) : ''
  return (text ?? '')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, word]) => word === kind)
    .reduce((sum, [, , value]) => sum + Number(value), 0)
}

export const statsV1 = (files: CgroupFiles, folderOf: FolderOf): CgroupStats => {
  const [cpu, account, memory, pids] = ['cpu', 'cpuacct', 'memory', 'pids'].map(folderOf)
  return {
    cpuUsage: number(files, account, 'cpuacct.usage'),
    cpuUser: number(files, account, 'cpuacct.usage_user'),
    cpuSystem: number(files, account, 'cpuacct.usage_sys'),
    memoryUsage: number(files, memory, 'memory.usage_in_bytes'),
    memoryLimit: bounded(number(files, memory, 'memory.limit_in_bytes')),
    pids: number(files, pids, 'pids.current'),
    pidsLimit: number(files, pids, 'pids.max'),
    blockRead: blockBytes(files, folderOf('blkio'), 'Read'),
    blockWrite: blockBytes(files, folderOf('blkio'), 'Write'),
    throttledPeriods: field(files, cpu, 'cpu.stat', 'nr_throttled'),
    throttledTime: field(files, cpu, 'cpu.stat', 'throttled_time'),
  }
}

/** Sum of `rbytes=` or `wbytes=` over the devices of io.stat. */
const ioBytes = (files: CgroupFiles, folder: string, key: string): number =>
  [...(readOptional(files, `${folder}/io.stat`) ?? '').matchAll(new RegExp(`\\b${key}=(\\d+)`, 'g'))].reduce(
    (sum, [, value]) => sum + Number(value),
    0,
  )

export const statsV2 = (files: CgroupFiles, folder: string): CgroupStats => {
  const cpu = (key: string) => field(files, folder, 'cpu.stat', key)
  return {
    cpuUsage: cpu('usage_usec') * 1000,
    cpuUser: cpu('user_usec') * 1000,
    cpuSystem: cpu('system_usec') * 1000,
    memoryUsage: number(files, folder, 'memory.current'),
    memoryLimit: number(files, folder, 'memory.max'),
    pids: number(files, folder, 'pids.current'),
    pidsLimit: number(files, folder, 'pids.max'),
    blockRead: ioBytes(files, folder, 'rbytes'),
    blockWrite: ioBytes(files, folder, 'wbytes'),
    throttledPeriods: cpu('nr_throttled'),
    throttledTime: cpu('throttled_usec') * 1000,
  }
}

/** v1 counts for each cgroup alone, v2 with all below. */
export const oomKillsIn = (files: CgroupFiles, hierarchy: Hierarchy, folder: string): number =>
  hierarchy.version === 2
    ? readField(files, `${folder}/memory.events`, 'oom_kill')
    : tree(files, folder).reduce(
        (sum, one) => sum + readField(files, `${one}/memory.oom_control`, 'oom_kill'),
        0,
      )
