/**
 * The engine's public surface: plain options in, typed results out. Commands and plugins call this and nothing deeper.
 *
 *     const engine = openEngine({ root: '/var/lib/tspod' })
 *     const { id } = await engine.pods.create({ name: 'web', publish: ['8080:80'] })
 *     const { results, errors } = await engine.pods.start(['web'])
 *
 * Failures are TspodError. Verbs over several objects do all they can and return `{ results, errors }`.
 */
import type { Kernel } from '../kernel'
import type { ContainerVerbs } from './api/containers'
import type { ImageVerbs } from './api/images'
import type { PodVerbs } from './api/pods'
import type { Info, Version } from './api/system'
import { containerVerbs } from './container-verbs'
import { createContext } from './context'
import { imageVerbs } from './image-verbs'
import { podVerbs } from './pod-verbs'
import { type RootlessVerbs, rootlessVerbs } from './rootless'

export interface EngineOptions {
  /** Folder of what survives a boot; `/var/lib/tspod` where missing. */
  root?: string
  /** Folder of what does not; `/run/tspod` where missing. */
  runroot?: string
  cgroupManager?: 'cgroupfs' | 'systemd'
  /** Told of things that a user should know and that are no failure; dropped where missing. */
  warn?: (message: string) => void
  /** The running kernel where missing, opened at first use. */
  kernel?: Kernel
  /** Told when the kernel is opened. */
  onKernel?: (kernel: Kernel) => void
}

export interface Engine {
  readonly root: string
  readonly runroot: string
  readonly pods: PodVerbs
  readonly containers: ContainerVerbs
  readonly images: ImageVerbs
  readonly rootless: RootlessVerbs
  /** Facts about the host and the store, and which optional parts of the host are there. */
  info(): Promise<Info>
  version(): Promise<Version>
}

/** Opens the engine. Nothing is read, made or loaded before a verb is called. */
export const openEngine = (options: EngineOptions = {}): Engine => {
  const context = createContext(options)
  return {
    root: context.root,
    runroot: context.runroot,
    containers: containerVerbs(context),
    pods: podVerbs(context),
    images: imageVerbs(context),
    rootless: rootlessVerbs(context),
    info: async () => (await import('./info')).engineInfo(context),
    version: async () => (await import('./version')).versionData(),
  }
}

// For plugins, which import nothing deeper.
export {
  /** @public */
  ManyErrors,
  /** @public */
  TspodError,
} from '../errors'
export type { Kernel } from '../kernel'
export type * from './api/common'
export type * from './api/container-inspect'
export type * from './api/containers'
export type * from './api/images'
export type * from './api/pod-inspect'
export type * from './api/pods'
export type * from './api/system'
export type { RootlessVerbs } from './rootless'
