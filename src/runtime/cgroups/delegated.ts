import type { CgroupFiles } from './files'
import type { Layout } from './layout'

/** Whether we may make control groups in a folder, and move processes from one to another below it. */
type IsOurs = (folder: string) => boolean

/** The path of a process in v2's hierarchy, from the text of /proc/PID/cgroup. */
const unifiedPath = (text: string): string | undefined => /^0::(\/.*)$/m.exec(text)?.[1]

const nothing = (reason: string): Layout => ({ version: 'none', hierarchies: [], reason })

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

/**
 * The part of the host's control groups that an ordinary user was given: the outermost folder that is his and that our
 * process is in, as a process is moved only within what its user may write to (cgroups(7), "Delegation"). systemd
 * gives `user@UID.service` with all below it, but not the sessions of ssh and su.
 */
export const delegatedLayout = (
  host: Layout,
  own: string,
  files: Pick<CgroupFiles, 'read' | 'exists'>,
  isOurs: IsOurs,
): Layout => {
  const [hierarchy] = host.hierarchies
  if (!hierarchy || host.version === 'none') return host
  if (host.version !== 'v2')
    return nothing('resource limits are not supported on cgroups V1 rootless systems')
  let path = unifiedPath(own) ?? '/'
  let found: string | undefined
  for (; path !== '' && path !== '/' && isOurs(hierarchy.mount + path); path = parentOf(path)) found = path
  if (found === undefined)
    return nothing(
      'this session has no control group of its own (start it with "systemd-run --user --scope -p Delegate=yes")',
    )
  const mount = hierarchy.mount + found
  const controllers = files.read(`${mount}/cgroup.controllers`).trim().split(/\s+/).filter(Boolean)
  return { version: 'v2', hierarchies: [{ ...hierarchy, mount, controllers }] }
}
