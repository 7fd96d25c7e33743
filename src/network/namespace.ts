import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs'
import type { Kernel } from '../kernel'
import { MS } from '../kernel/constants'
import { checked } from '../kernel/raw'

/** Where `ip netns` looks. */
export const NAMESPACES = '/run/netns'

/**
 * Path of an owner's namespace, in the form of Podman's names. It follows from the owner's id, so that one that a killed
 * process left is found again.
 */
export const namespacePath = (folder: string, owner: string): string => {
  const hex = owner.slice(0, 32).padEnd(32, '0')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
  return `${folder}/netns-${parts.join('-')}`
}

const LOCK_EX = 2

/**
 * Runs `act`, short and synchronous, with the folder locked against every other user of network namespaces on the host:
 * iproute2 and Podman take this lock too.
 */
export const withFolderLock = <T>(kernel: Kernel, folder: string, act: () => T): T => {
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const fd = openSync(folder, 'r')
  try {
    checked(kernel.flock(fd, LOCK_EX), 'flock', folder, `lock ${folder}`)
    return act()
  } finally {
    closeSync(fd)
  }
}

/**
 * Makes the folder a shared mount, as iproute2 and Podman do under the same lock: a namespace pinned later is then seen,
 * and let go again, in mount namespaces that were copied from ours.
 */
const prepareFolder = (kernel: Kernel, folder: string): void => {
  withFolderLock(kernel, folder, () => {
    const share = () => kernel.mount('', folder, 'none', MS.SHARED | MS.REC)
    try {
      share()
    } catch {
      kernel.mount(folder, folder, 'none', MS.BIND | MS.REC)
      share()
    }
  })
}

/** Makes a namespace and pins it at `path`, whatever a former attempt left there. */
export const createNamespace = (
  kernel: Kernel,
  path: string,
  make: (path: string) => void = kernel.createNetworkNamespace,
): void => {
  prepareFolder(kernel, path.slice(0, path.lastIndexOf('/')))
  removeNamespace(kernel, path)
  make(path)
}

/** Lets a pinned namespace go; it ends with its last process. */
export const removeNamespace = (kernel: Kernel, path: string): void => {
  while (kernel.unmount(path));
  rmSync(path, { force: true })
}

/** Runs `act` with the open namespace file, closing it after. */
export const withNamespace = <T>(path: string, act: (fd: number) => T): T => {
  const fd = openSync(path, 'r')
  try {
    return act(fd)
  } finally {
    closeSync(fd)
  }
}
