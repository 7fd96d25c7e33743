import type { ContainerRecord, PortMapping, Sandbox } from '../../state'
import type { InspectHostPort } from '../api/container-inspect'
import type { ListPort } from '../api/containers'
import { networkOwner } from '../start/network'

/** The mappings by which a container is reached: its own, or those of the pod whose network it is in. */
export const publishedPorts = (sandbox: Sandbox, container: ContainerRecord): PortMapping[] => {
  const owner = networkOwner(sandbox, container)
  return owner.state.network?.ports ?? owner.config.network.ports
}

export const listPort = ({ hostIp, hostPort, containerPort, range, protocol }: PortMapping): ListPort => ({
  host_ip: hostIp,
  container_port: containerPort,
  host_port: hostPort,
  range,
  protocol,
})

/** `{ "80/tcp": [{ HostIp, HostPort }] }`, ranges taken apart. */
export const portBindings = (ports: readonly PortMapping[]): Record<string, InspectHostPort[]> => {
  const bindings: Record<string, InspectHostPort[]> = {}
  for (const { hostIp, hostPort, containerPort, range, protocol } of ports) {
    for (let step = 0; step < Math.max(range, 1); step++) {
      const key = `${containerPort + step}/${protocol}`
      bindings[key] = [
        ...(bindings[key] ?? []),
        { HostIp: hostIp || '0.0.0.0', HostPort: String(hostPort + step) },
      ]
    }
  }
  return bindings
}

/** `{ "80": ["tcp"] }` */
export const exposedByPort = (exposed: readonly string[]): Record<string, string[]> | null => {
  if (exposed.length === 0) return null
  const ports: Record<string, string[]> = {}
  for (const text of exposed) {
    const [port = '', protocol = 'tcp'] = text.split('/')
    ports[port] = [...(ports[port] ?? []), protocol]
  }
  return ports
}
