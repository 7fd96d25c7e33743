import type { OciResources } from '../../specgen/types'

/** One value to be written to a control file. */
export interface Setting {
  controller: string
  /** Names of the file, the usual one first: kernels differ. */
  files: string[]
  value: string
  /** What it is about, for messages. */
  what: string
  /** Said in place of an error where the kernel has no such file: the container is as safe without it. */
  otherwise?: string
}

type Limits = Partial<Omit<OciResources, 'devices'>>

const orMax = (value: number): string => (value < 0 ? 'max' : String(value))

const noSwap =
  'Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.'
const noWeight =
  'Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.'
const noSwappiness =
  'Your kernel does not support memory swappiness capabilities, or the cgroup is not mounted. Memory swappiness discarded.'

const setting = (
  controller: string,
  file: string | string[],
  value: number | string | undefined,
  what: string,
  otherwise?: string,
): Setting[] =>
  value === undefined ? [] : [{ controller, files: [file].flat(), value: String(value), what, otherwise }]

/** Settings for the controllers of v1. */
export const settingsV1 = ({ memory, cpu, pids, blockIO }: Limits): Setting[] => [
  ...setting('memory', 'memory.limit_in_bytes', memory?.limit, 'memory limit'),
  ...setting('memory', 'memory.memsw.limit_in_bytes', memory?.swap, 'swap limit', noSwap),
  ...setting('memory', 'memory.soft_limit_in_bytes', memory?.reservation, 'memory reservation'),
  ...setting('memory', 'memory.swappiness', memory?.swappiness, 'memory swappiness', noSwappiness),
  ...setting('cpu', 'cpu.shares', cpu?.shares, 'CPU shares'),
  ...setting('cpu', 'cpu.cfs_period_us', cpu?.period, 'CPU period'),
  ...setting('cpu', 'cpu.cfs_quota_us', cpu?.quota, 'CPU quota'),
  ...setting('cpuset', 'cpuset.cpus', cpu?.cpus, 'CPU set'),
  ...setting('cpuset', 'cpuset.mems', cpu?.mems, 'memory node set'),
  ...setting('pids', 'pids.max', pids && orMax(pids.limit), 'limit of processes'),
  ...setting('blkio', ['blkio.weight', 'blkio.bfq.weight'], blockIO?.weight, 'block I/O weight', noWeight),
]

/**
 * The shares of v1 (2 to 262144, usually 1024) as a weight of v2 (1 to 10000, usually 100), on the curve through the
 * three that the OCI runtimes share: the straight line between the ends would give a usual container far less.
 */
export const weightOfShares = (shares: number): number => {
  if (shares <= 2) return 1
  if (shares >= 262_144) return 10_000
  const log = Math.log2(shares)
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34))
}

// v2 counts swap by itself, v1 and the options together with memory.
const swapOf = (memory: OciResources['memory']): string | undefined => {
  const { limit, swap } = memory ?? {}
  if (swap === undefined) return undefined
  return swap < 0 || limit === undefined ? 'max' : String(Math.max(swap - limit, 0))
}

const quotaOf = (cpu: OciResources['cpu']): string | undefined => {
  const { quota, period } = cpu ?? {}
  if (quota === undefined && period === undefined) return undefined
  return `${quota === undefined ? 'max' : orMax(quota)} ${period ?? 100_000}`
}

// From 10 to 1000 on to 1 to 10000.
const ioWeight = (weight: number): string => `default ${Math.round(1 + ((weight - 10) * 9999) / 990)}`

const ioSettings = (weight: number | undefined): Setting[] =>
  weight === undefined
    ? []
    : [
        { ...setting('io', 'io.bfq.weight', weight, 'block I/O weight')[0]!, otherwise: '' },
        ...setting('io', 'io.weight', ioWeight(weight), 'block I/O weight', noWeight),
      ]

/** Settings for the controllers of v2. */
export const settingsV2 = ({ memory, cpu, pids, blockIO }: Limits): Setting[] => [
  ...setting('memory', 'memory.max', memory?.limit && orMax(memory.limit), 'memory limit'),
  ...setting('memory', 'memory.swap.max', swapOf(memory), 'swap limit', noSwap),
  ...setting('memory', 'memory.low', memory?.reservation, 'memory reservation'),
  ...setting('memory', 'memory.swappiness', memory?.swappiness, 'memory swappiness', noSwappiness),
  ...setting('cpu', 'cpu.weight', cpu?.shares && weightOfShares(cpu.shares), 'CPU shares'),
  ...setting('cpu', 'cpu.max', quotaOf(cpu), 'CPU quota'),
  ...setting('cpuset', 'cpuset.cpus', cpu?.cpus, 'CPU set'),
  ...setting('cpuset', 'cpuset.mems', cpu?.mems, 'memory node set'),
  ...setting('pids', 'pids.max', pids && orMax(pids.limit), 'limit of processes'),
  ...ioSettings(blockIO?.weight),
]

/** Processes and threads of a container that no option limits; a host that can't keep it runs the container all the same. */
const defaultPids = 2048

/** Whether somebody asked for a limit: then a host that can't keep it must refuse. */
export const isAsked = ({ memory, cpu, pids, blockIO }: Limits): boolean =>
  [memory, cpu, blockIO].some(
    (limits) => limits && Object.values(limits).some((value) => value !== undefined),
  ) ||
  (pids !== undefined && pids.limit >= 0 && pids.limit !== defaultPids)
