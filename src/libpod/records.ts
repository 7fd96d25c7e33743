import { type ContainerRecord, type IdMapping, nowRfc3339, type Sandbox } from '../state'
import type { EngineContext } from './context'
import { listSandboxes } from './select'

const initialState = (config: ContainerRecord['config'], id: string): ContainerRecord['state'] => ({
  status: 'created',
  exitCode: 0,
  oomKilled: false,
  error: '',
  restartCount: 0,
  stoppedByUser: false,
  cgroupPath: config.cgroups === 'disabled' ? '' : `${config.cgroupParent}/${id}`,
  execIds: [],
})

/** The record of a new container, its state that of one that never ran. */
export const newContainerRecord = (
  record: Pick<ContainerRecord, 'id' | 'name' | 'image' | 'config' | 'infra'>,
): ContainerRecord => ({
  ...record,
  created: nowRfc3339(),
  state: initialState(record.config, record.id),
})

export const infraOf = (sandbox: Sandbox): ContainerRecord | undefined =>
  sandbox.containers.find(({ id }) => id === sandbox.pod?.infraId)

/** The ids of the host that user namespaces hold, so that `--userns auto` finds others. */
export const usedIdRanges = (context: EngineContext): { uids: IdMapping[]; gids: IdMapping[] } => {
  const configs = listSandboxes(context).flatMap(({ containers }) => containers.map(({ config }) => config))
  return {
    uids: configs.flatMap(({ uidMappings }) => uidMappings),
    gids: configs.flatMap(({ gidMappings }) => gidMappings),
  }
}
