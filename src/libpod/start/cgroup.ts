import type { OciResources } from '../../specgen/types'
import type { ContainerRecord, Sandbox } from '../../state'
import type { EngineContext } from '../context'
import type { Rollback } from './rollback'

const createPodCgroup = async (context: EngineContext, sandbox: Sandbox): Promise<void> => {
  const { pod } = sandbox
  if (!pod?.cgroupPath) return
  const cgroups = await context.cgroups()
  if (cgroups.exists(pod.cgroupPath)) return
  const { allDevicesRule } = await import('../../specgen/devices')
  const { ociResources } = await import('../../specgen/resources')
  const { warnings } = cgroups.create(pod.cgroupPath, {
    devices: [allDevicesRule],
    ...ociResources(pod.resources),
  })
  for (const warning of warnings) context.warn(warning)
}

/** Makes the container's cgroup, below its pod's; the files by which a process joins it. */
export const createCgroup = async (
  context: EngineContext,
  sandbox: Sandbox,
  container: ContainerRecord,
  resources: OciResources,
  rollback: Rollback,
): Promise<string[]> => {
  const { cgroupPath } = container.state
  if (!cgroupPath) return []
  const cgroups = await context.cgroups()
  await createPodCgroup(context, sandbox)
  const { procsFiles, warnings } = cgroups.create(cgroupPath, resources)
  rollback.add('remove the cgroup', () => cgroups.remove(cgroupPath))
  for (const warning of warnings) context.warn(warning)
  return procsFiles
}

/** Ends what is left in the container's cgroup and removes it. */
export const removeCgroup = async (context: EngineContext, container: ContainerRecord): Promise<void> => {
  const { cgroupPath } = container.state
  const cgroups = await context.cgroups()
  if (!cgroupPath || cgroups.version === 'none' || !cgroups.exists(cgroupPath)) return
  cgroups.kill(cgroupPath)
  cgroups.remove(cgroupPath)
}
