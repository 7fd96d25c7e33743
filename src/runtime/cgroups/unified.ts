import { TspodError } from '../../errors'
import type { Kernel } from '../../kernel'
import type { OciDeviceRule } from '../../specgen/types'
import { filterDevices } from './device-filter'
import { type CgroupFiles, cgroupError, errnoOf, readOptional } from './files'

const words = (text: string | undefined): string[] => (text ?? '').trim().split(/\s+/).filter(Boolean)

// Where the root of the mount is not the host's (a container's), processes sit in it, and the kernel then hands no
// controllers down. They move into a leaf, as systemd and Docker-in-Docker do.
const leaf = 'tspod-init'

const emptyRoot = (files: CgroupFiles, root: string): void => {
  const place = `${root}/${leaf}`
  if (!files.exists(place)) files.mkdir(place)
  for (const pid of words(files.read(`${root}/cgroup.procs`))) {
    try {
      files.write(`${place}/cgroup.procs`, pid)
    } catch (error) {
      // It ended meanwhile, or is a thread of the kernel.
      if (!['ESRCH', 'EINVAL'].includes(errnoOf(error))) throw error
    }
  }
}

const enableOne = (files: CgroupFiles, folder: string, root: string, controller: string): void => {
  const file = `${folder}/cgroup.subtree_control`
  try {
    files.write(file, `+${controller}`)
  } catch (error) {
    if (errnoOf(error) !== 'EBUSY' || folder !== root) throw error
    emptyRoot(files, root)
    files.write(file, `+${controller}`)
  }
}

/**
 * Hands the controllers down to `path`. Those that can't be are returned: the kernel refuses `cpu` while real-time
 * processes run, for one.
 */
export const enableControllers = (
  files: CgroupFiles,
  root: string,
  path: string,
  controllers: readonly string[],
): string[] => {
  const failed = new Set<string>()
  const parents = path.split('/').slice(1, -1)
  const folders = [root, ...parents.map((_, index) => `${root}/${parents.slice(0, index + 1).join('/')}`)]
  for (const folder of folders) {
    const there = words(readOptional(files, `${folder}/cgroup.controllers`))
    const on = words(readOptional(files, `${folder}/cgroup.subtree_control`))
    for (const controller of controllers) {
      if (on.includes(controller) || failed.has(controller)) continue
      try {
        if (!there.includes(controller)) throw new Error('not handed down')
        enableOne(files, folder, root, controller)
      } catch {
        failed.add(controller)
      }
    }
  }
  return [...failed]
}

/** Restricts devices. Inside another container the kernel refuses, where that one's own restriction holds already. */
export const restrictDevices = (
  kernel: Kernel,
  path: string,
  rules: readonly OciDeviceRule[],
): string | undefined => {
  try {
    filterDevices(kernel, path, rules)
    return undefined
  } catch (error) {
    if (error instanceof TspodError && error.context.errno === 'EPERM')
      return `the devices of ${path} can't be restricted: operation not permitted`
    throw error
  }
}

/** Waits until the kernel says that all processes of a cgroup stand still, or run again. */
export const setFrozenV2 = (files: CgroupFiles, folder: string, frozen: boolean): void => {
  const doing = frozen ? 'freeze' : 'thaw'
  try {
    files.write(`${folder}/cgroup.freeze`, frozen ? '1' : '0')
  } catch (error) {
    throw cgroupError(doing, folder, error)
  }
  for (let tries = 0; tries < 500; tries++) {
    const events = readOptional(files, `${folder}/cgroup.events`) ?? ''
    if (events.includes(`frozen ${frozen ? 1 : 0}`)) return
    files.sleep(tries < 10 ? 1 : 10)
  }
  throw new TspodError('system', `${doing} ${folder}: the processes did not follow in time`, {
    object: folder,
  })
}
