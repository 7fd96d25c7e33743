import { version } from '../../package.json'
import type { Version } from './api/system'

/** tspod's own version. */
export const engineVersion = (): string => version

const goArchitecture: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64' }

/** What `info` and the API say about the program, under Podman's names. */
export const versionData = (): Version => ({
  APIVersion: version,
  Version: version,
  GoVersion: process.version,
  GitCommit: '',
  BuiltTime: '',
  Built: 0,
  OsArch: `linux/${goArchitecture[process.arch] ?? process.arch}`,
  Os: 'linux',
})
