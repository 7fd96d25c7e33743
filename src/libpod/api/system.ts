/** A part of the host that tspod can use, whether it is there, and what does not work without it. */
export interface HostPart {
  name: string
  present: boolean
  /** Version, path or value, as far as known. */
  detail: string
  /** What is lost, in one line; `''` where it is present. */
  without: string
}

/** Data of `info`, Podman's shape, and a section of tspod's own. */
export interface Info {
  host: Record<string, unknown>
  store: Record<string, unknown>
  registries: Record<string, unknown>
  plugins: { volume: string[]; network: string[]; log: string[]; authorization: null }
  version: Version
  parts: HostPart[]
}

export interface Version {
  APIVersion: string
  Version: string
  /** Of Node. */
  GoVersion: string
  GitCommit: string
  BuiltTime: string
  /** Unix seconds. */
  Built: number
  /** `linux/amd64` */
  OsArch: string
  Os: string
}
