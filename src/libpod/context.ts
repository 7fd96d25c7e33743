import { join } from 'node:path'
import type { ImageStore } from '../image'
import type { Kernel } from '../kernel'
import type { NetworkHome } from '../network'
import type { Cgroups } from '../runtime/cgroups'
import type { HostFacts } from '../specgen'
import { openState, type State, type StatePaths } from '../state'
import type { EngineOptions } from './index'
import { currentUser, placesOf } from './places'

/** What the verbs work with. All but the state is opened at first use: listing needs none of it. */
export interface EngineContext {
  readonly root: string
  readonly runroot: string
  /** Whether an ordinary user runs us, in a user namespace of his. */
  readonly rootless: boolean
  readonly cgroupManager: 'cgroupfs' | 'systemd'
  readonly state: State
  readonly paths: StatePaths
  warn(message: string): void
  kernel(): Promise<Kernel>
  cgroups(): Promise<Cgroups>
  images(): Promise<ImageStore>
  network(): Promise<NetworkHome>
  host(): Promise<HostFacts>
}

/** A function that works once, and gives the same again afterwards. */
const once = <T>(make: () => T): (() => T) => {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

export const createContext = (options: EngineOptions): EngineContext => {
  const { root, runroot, rootless } = placesOf(currentUser(), options)
  const kernel = once(async () => {
    const opened = options.kernel ?? (await import('../kernel')).openKernel()
    options.onKernel?.(opened)
    return opened
  })
  const cgroups = once(async () =>
    (await import('../runtime/cgroups')).openCgroups(await kernel(), { rootless }),
  )
  const state = openState({ root, runroot, kernel })
  return {
    root,
    runroot,
    rootless,
    cgroupManager: options.cgroupManager ?? 'cgroupfs',
    state,
    paths: state.paths,
    warn: options.warn ?? (() => undefined),
    kernel,
    cgroups,
    images: once(async () => (await import('../image')).openImageStore(await kernel(), root)),
    network: once(async () => ({
      kernel: await kernel(),
      root,
      runroot,
      ...(rootless ? { namespaces: join(runroot, 'netns'), rootless } : {}),
    })),
    host: once(async () => (await import('./host-facts')).collectHostFacts(await cgroups(), rootless)),
  }
}
