import { type ContainerRecord, type FoundPod, type Sandbox, trueState } from '../../state'
import type { Outcome } from '../api/common'
import type { InspectInfra, PodInspect } from '../api/pod-inspect'
import type { EngineContext } from '../context'
import { networkNames, statusOfPod } from '../filters'
import { asTspodError } from '../outcome'
import { infraOf } from '../records'
import { selectPods } from '../select'
import { modeText } from './modes'
import { portBindings } from './ports'

const orNull = (list: string[]): string[] | null => (list.length > 0 ? list : null)

const infraConfig = (sandbox: Sandbox, infra: ContainerRecord): InspectInfra => {
  const { network, namespaces } = infra.config
  const isHost = namespaces.net?.mode === 'host'
  return {
    PortBindings: portBindings(infra.state.network?.ports ?? network.ports),
    HostNetwork: isHost,
    StaticIP: network.staticIp ?? '',
    StaticMAC: network.staticMac ?? '',
    NoManageResolvConf: network.dnsServers.includes('none'),
    DNSServer: orNull(network.dnsServers.filter((server) => server !== 'none')),
    DNSSearch: orNull(network.dnsSearch),
    DNSOption: orNull(network.dnsOptions),
    NoManageHostname: network.noHostname,
    NoManageHosts: network.noHosts,
    HostAdd: orNull(network.addHosts),
    HostsFile: '',
    Networks: namespaces.net?.mode === 'bridge' ? networkNames({ container: infra }) : null,
    NetworkOptions: null,
    pid_ns: modeText(sandbox, infra, 'pid'),
    userns: modeText(sandbox, infra, 'user'),
    uts_ns: modeText(sandbox, infra, 'uts'),
  }
}

const limits = ({ pod }: FoundPod): Partial<PodInspect> => {
  const { resources } = pod
  return {
    ...(resources.cpuPeriod ? { cpu_period: resources.cpuPeriod } : {}),
    ...(resources.cpuQuota ? { cpu_quota: resources.cpuQuota } : {}),
    ...(resources.cpuShares ? { cpu_shares: resources.cpuShares } : {}),
    ...(resources.cpusetCpus ? { cpuset_cpus: resources.cpusetCpus } : {}),
    ...(resources.cpusetMems ? { cpuset_mems: resources.cpusetMems } : {}),
    ...(resources.memory ? { memory_limit: resources.memory } : {}),
    ...(resources.memorySwap ? { memory_swap: resources.memorySwap } : {}),
    ...(resources.blkioWeight ? { blkio_weight: resources.blkioWeight } : {}),
  }
}

const data = (found: FoundPod): PodInspect => {
  const { sandbox, pod } = found
  const infra = infraOf(sandbox)
  const containers = sandbox.containers
    .map((container) => ({
      Id: container.id,
      Name: container.name,
      State: trueState(sandbox, container).status,
    }))
    .sort((a, b) => (a.Id < b.Id ? -1 : 1))
  return {
    Id: sandbox.id,
    Name: pod.name,
    Created: pod.created,
    ...(pod.createCommand.length > 0 ? { CreateCommand: pod.createCommand } : {}),
    ExitPolicy: pod.exitPolicy,
    State: statusOfPod(found),
    Hostname: pod.hostname,
    ...(Object.keys(pod.labels).length > 0 ? { Labels: pod.labels } : {}),
    CreateCgroup: pod.cgroupPath !== '',
    CgroupParent: pod.cgroupParent,
    ...(pod.cgroupPath ? { CgroupPath: pod.cgroupPath } : {}),
    CreateInfra: pod.infraId !== undefined,
    ...(pod.infraId ? { InfraContainerID: pod.infraId } : {}),
    ...(infra ? { InfraConfig: infraConfig(sandbox, infra) } : {}),
    ...(pod.shared.length > 0 ? { SharedNamespaces: pod.shared } : {}),
    NumContainers: containers.length,
    ...(containers.length > 0 ? { Containers: containers } : {}),
    ...limits(found),
    RestartPolicy: pod.restart.name,
    LockNumber: 0,
  }
}

/** Data of `pod inspect`. Reads documents and /proc alone, and takes no lock. */
export const inspectPods = async (
  context: EngineContext,
  names: string[],
  options: { latest?: boolean } = {},
): Promise<Outcome<PodInspect>> => {
  const { results, errors } = selectPods(context, names, options)
  return { results: results.map(data), errors: errors.map(asTspodError) }
}
