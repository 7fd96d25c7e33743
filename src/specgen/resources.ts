import type { ResourceLimits } from '../state/types'
import type { HostFacts } from './context-types'
import { parseCpuList } from './cpu-list'
import { ramInBytes } from './go-numbers'
import { invalid } from './refusal'
import type { CreateOptions, OciResources } from './types'

type Options = Pick<
  CreateOptions,
  | 'memory'
  | 'memorySwap'
  | 'memoryReservation'
  | 'memorySwappiness'
  | 'cpus'
  | 'cpuShares'
  | 'cpuQuota'
  | 'cpuPeriod'
  | 'cpusetCpus'
  | 'cpusetMems'
  | 'pidsLimit'
  | 'blkioWeight'
>

/** Processes and threads of a container where no option says otherwise, as in Podman. */
export const defaultPidsLimit = 2048

/** Microseconds. */
const defaultPeriod = 100_000

const bytes = (text: string | undefined): number | undefined => {
  if (text === undefined || text === '') return undefined
  try {
    return ramInBytes(text)
  } catch (error) {
    throw invalid(`invalid value for memory: ${(error as Error).message}`)
  }
}

const memoryLimits = (options: Options): ResourceLimits => {
  const memory = bytes(options.memory) || undefined
  const reservation = bytes(options.memoryReservation) || undefined
  const unlimited = options.memorySwap === '-1'
  const given = unlimited ? -1 : bytes(options.memorySwap) || undefined
  const swap = given ?? (memory === undefined || options.memorySwap ? undefined : 2 * memory)
  const limits: ResourceLimits = {}
  if (memory !== undefined) limits.memory = memory
  if (swap !== undefined) limits.memorySwap = swap
  if (reservation !== undefined) limits.memoryReservation = reservation
  checkMemory(limits)
  const swappiness = options.memorySwappiness
  if (swappiness !== undefined && swappiness !== -1) {
    if (swappiness < 0 || swappiness > 100)
      throw invalid(`invalid value: ${swappiness}, valid memory swappiness range is 0-100`)
    limits.memorySwappiness = swappiness
  }
  return limits
}

const checkMemory = ({ memory, memorySwap: swap, memoryReservation: reservation }: ResourceLimits): void => {
  if (swap !== undefined && swap > 0 && memory === undefined)
    throw invalid('you should always set a memory limit when using a memoryswap limit, see usage')
  if (swap !== undefined && swap > 0 && memory !== undefined && swap < memory)
    throw invalid('minimum memoryswap limit should be larger than memory limit, see usage')
  if (reservation !== undefined && memory !== undefined && memory < reservation)
    throw invalid('minimum memory limit cannot be less than memory reservation limit, see usage')
}

const cpuTime = (options: Options): ResourceLimits => {
  const { cpus = 0, cpuQuota = 0, cpuPeriod = 0 } = options
  if (cpus > 0 && cpuPeriod > 0) throw invalid('--cpu-period and --cpus cannot be set together')
  if (cpus > 0 && cpuQuota > 0) throw invalid('--cpu-quota and --cpus cannot be set together')
  if (!Number.isFinite(cpus) || cpus < 0) throw invalid(`invalid value ${cpus} for --cpus`)
  const limits: ResourceLimits = {}
  if (cpus > 0) {
    limits.cpus = cpus
    limits.cpuPeriod = defaultPeriod
    limits.cpuQuota = Math.trunc(cpus * defaultPeriod)
  }
  if (cpuPeriod > 0) limits.cpuPeriod = cpuPeriod
  if (cpuQuota > 0) limits.cpuQuota = cpuQuota
  if (limits.cpuPeriod !== undefined && (limits.cpuPeriod < 1000 || limits.cpuPeriod > 1_000_000))
    throw invalid('CPU cfs period cannot be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)')
  if (limits.cpuQuota !== undefined && limits.cpuQuota < 1000)
    throw invalid('CPU cfs quota cannot be less than 1ms (i.e. 1000)')
  return limits
}

const checkSet = (text: string, option: string, online: number[] | undefined, what: string): void => {
  const wanted = parseCpuList(text, option)
  const there = online
  if (there && wanted.some((number) => !there.includes(number)))
    throw invalid(`requested ${what} are not available - requested ${text}, available: ${ranges(there)}`)
}

const ranges = (numbers: readonly number[]): string => {
  const parts: [number, number][] = []
  for (const number of numbers) {
    const last = parts.at(-1)
    if (last && last[1] === number - 1) last[1] = number
    else parts.push([number, number])
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',')
}

const online = (host: HostFacts, path: string, option: string): number[] | undefined => {
  const text = host.readFile(path)?.trim()
  return text ? parseCpuList(text, option) : undefined
}

const cpuSets = (options: Options, host: HostFacts): ResourceLimits => {
  const limits: ResourceLimits = {}
  if (options.cpusetCpus) {
    const option = '--cpuset-cpus'
    checkSet(options.cpusetCpus, option, online(host, '/sys/devices/system/cpu/online', option), 'CPUs')
    limits.cpusetCpus = options.cpusetCpus
  }
  if (options.cpusetMems) {
    const option = '--cpuset-mems'
    const nodes = online(host, '/sys/devices/system/node/online', option)
    checkSet(options.cpusetMems, option, nodes, 'memory nodes')
    limits.cpusetMems = options.cpusetMems
  }
  return limits
}

/** The limits that the options ask for, checked. */
export const createResources = (options: Options, host: HostFacts): ResourceLimits => {
  const limits = { ...memoryLimits(options), ...cpuTime(options), ...cpuSets(options, host) }
  if (options.cpuShares) limits.cpuShares = options.cpuShares
  if (options.pidsLimit !== undefined) limits.pidsLimit = options.pidsLimit <= 0 ? -1 : options.pidsLimit
  const weight = options.blkioWeight
  if (weight) {
    if (weight < 10 || weight > 1000) throw invalid('range of blkio weight is from 10 to 1000')
    limits.blkioWeight = weight
  }
  return limits
}

const defined = <T extends object>(value: T): T | undefined =>
  Object.values(value).some((one) => one !== undefined) ? value : undefined

/** Limits as the OCI spec and src/runtime/cgroups take them, without devices. */
export const ociResources = (limits: ResourceLimits): Omit<OciResources, 'devices'> => ({
  memory: defined({
    limit: limits.memory,
    swap: limits.memorySwap,
    reservation: limits.memoryReservation,
    swappiness: limits.memorySwappiness,
  }),
  cpu: defined({
    shares: limits.cpuShares,
    quota: limits.cpuQuota,
    period: limits.cpuPeriod,
    cpus: limits.cpusetCpus,
    mems: limits.cpusetMems,
  }),
  pids: limits.pidsLimit === undefined ? undefined : { limit: limits.pidsLimit },
  blockIO: limits.blkioWeight === undefined ? undefined : { weight: limits.blkioWeight },
})
