import { compareTimes, type FoundPod, trueState } from '../../state'
import type { ListPod, PodListOptions } from '../api/pods'
import type { EngineContext } from '../context'
import { networkNames, podFilter, statusOfPod } from '../filters'
import { infraOf } from '../records'
import { latestPod, listSandboxes } from '../select'

const row = (found: FoundPod): ListPod => {
  const { sandbox, pod } = found
  const infra = infraOf(sandbox)
  const bridged = infra?.config.namespaces.net?.mode === 'bridge'
  return {
    Cgroup: pod.cgroupParent,
    Containers: sandbox.containers.map((container) => ({
      Id: container.id,
      Names: container.name,
      Status: trueState(sandbox, container).status,
      RestartCount: container.state.restartCount,
    })),
    Created: pod.created,
    Id: sandbox.id,
    InfraId: pod.infraId ?? '',
    Name: pod.name,
    Namespace: '',
    Networks: infra && bridged ? networkNames({ container: infra }) : [],
    Status: statusOfPod(found),
    Labels: Object.keys(pod.labels).length > 0 ? pod.labels : null,
  }
}

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const orders: Record<string, (a: ListPod, b: ListPod) => number> = {
  created: (a, b) => compareTimes(b.Created, a.Created),
  id: (a, b) => text(a.Id, b.Id),
  name: (a, b) => text(a.Name, b.Name),
  number: (a, b) => a.Containers.length - b.Containers.length,
  status: (a, b) => text(a.Status, b.Status),
}

/** The rows of `pod ps`. Reads documents and /proc alone, and takes no lock. */
export const listPods = async (context: EngineContext, options: PodListOptions = {}): Promise<ListPod[]> => {
  const found = options.latest
    ? [latestPod(context)]
    : listSandboxes(context)
        .filter(({ pod }) => pod)
        .map((sandbox) => ({ sandbox, pod: sandbox.pod! }))
        .filter(podFilter(options.filter ?? []))
  const rows = found.map(row).sort(orders.created)
  return options.sort && options.sort !== 'created' ? rows.sort(orders[options.sort]) : rows
}
