import type { Kernel } from '../kernel'

export interface FileStatus {
  /** Type and permissions, as in stat(2). */
  mode: number
  uid: number
  gid: number
  size: number
}

/**
 * The files of stacked layers, read as overlayfs would show them and without mounting: whiteouts and opaque folders
 * hide, and links are resolved inside. Nothing outside is ever opened, whatever the layers hold or a running
 * container does to its own.
 */
export interface LayeredRoot {
  /** Contents of a regular file; undefined where there is none. Larger than `limit` (16 MiB) is an error. */
  readFile(path: string, limit?: number): Buffer | undefined
  /** Status of what a path leads to, links followed; undefined where there is nothing. */
  stat(path: string): FileStatus | undefined
  /** Names in a folder, sorted; undefined where it is none. */
  readdir(path: string): string[] | undefined
}

export declare const openLayeredRoot: (kernel: Kernel, dirsTopFirst: string[]) => LayeredRoot
