import { formatAnsi } from './go-time'
import { asStruct } from './template/values'

/** The release of Podman whose command line tspod follows. */
const PODMAN_LEVEL = '5.8.0'

const GO_ARCH: Record<string, string> = { x64: 'amd64', ia32: '386' }

/** What `version` says of the program itself, under Podman's names. */
export function clientVersion(version: string): object {
  const built = Number(process.env.TSPOD_BUILT ?? 0)
  const client = {
    APIVersion: PODMAN_LEVEL,
    Version: version,
    GoVersion: process.version,
    GitCommit: '',
    BuiltTime: formatAnsi(new Date(built * 1000)),
    Built: built,
    BuildOrigin: '',
    OsArch: `${process.platform}/${GO_ARCH[process.arch] ?? process.arch}`,
    Os: process.platform,
  }
  return asStruct({ Client: asStruct(client, 'define.Version') }, '*entities.SystemVersionReport')
}
