import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LayeredRoot } from '../../image/layered-root'
import {
  addHostEntries,
  hostAddress,
  hostsFile,
  ownHostEntries,
  removeHostEntries,
  resolvConf,
} from '../../network'
import type { ResolvedUser, SpecFacts } from '../../specgen'
import { groupLine, passwdLine } from '../../specgen/user'
import { type ContainerRecord, readText, type Sandbox } from '../../state'
import type { EngineContext } from '../context'
import { engineVersion } from '../version'
import { networkModeOf, networkOwner } from './network'
import { giveToContainerRoot } from './user-namespace'

/** The files that are mounted over the container's own, by the keys of SpecFacts. */
export type ContainerFiles = SpecFacts['files']

const readHost = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** A container that joins the network namespace of another one in its pod has that one's hosts and resolv.conf. */
const sharesNetworkFiles = (container: ContainerRecord): boolean =>
  container.config.namespaces.net?.mode === 'pod'

const localEntry = (container: ContainerRecord) => [{ ip: '127.0.0.1', names: [container.name] }]

const writeHosts = (path: string, container: ContainerRecord): void => {
  const mode = networkModeOf(container)
  const { network } = container.state
  const { config, name } = container
  const text = hostsFile({
    base: readHost('/etc/hosts'),
    extraHosts: config.network.addHosts,
    hostAddress: hostAddress(mode, network, () => undefined),
    entries: ownHostEntries(mode, network, [config.hostname, name]),
  })
  writeFileSync(path, text, { mode: 0o644 })
}

const writeResolvConf = (path: string, container: ContainerRecord): void => {
  const { network } = container.state
  const { dnsServers, dnsSearch, dnsOptions } = container.config.network
  const mode = networkModeOf(container)
  const text = resolvConf(
    {
      hostNetwork: mode.mode === 'host',
      ipv6: network?.networks.some(({ address }) => address.includes(':')),
      servers: dnsServers.length === 0 && network?.uplink ? [network.uplink.dns] : dnsServers,
      search: dnsSearch,
      options: dnsOptions,
      namespace: mode.mode === 'path' ? mode.path : undefined,
    },
    readHost,
  )
  writeFileSync(path, text, { mode: 0o644 })
}

const networkFiles = (
  context: EngineContext,
  sandbox: Sandbox,
  container: ContainerRecord,
): ContainerFiles => {
  const owner = networkOwner(sandbox, container)
  const folder = context.paths.containerRun(owner.id)
  const hosts = join(folder, 'hosts')
  const resolv = join(folder, 'resolv.conf')
  const { noHosts, dnsServers } = owner.config.network
  if (owner.id === container.id) {
    if (!noHosts) writeHosts(hosts, container)
    if (!dnsServers.includes('none')) writeResolvConf(resolv, container)
  } else if (!noHosts) {
    // In place, as the others have this very file mounted.
    writeFileSync(hosts, addHostEntries(readText(hosts) ?? '', localEntry(container)))
  }
  return {
    ...(noHosts ? {} : { hosts }),
    ...(dnsServers.includes('none') ? {} : { resolvConf: resolv }),
  }
}

/** Takes a container that is down out of the hosts file of its pod. */
export const forgetHost = (context: EngineContext, sandbox: Sandbox, container: ContainerRecord): void => {
  if (!sharesNetworkFiles(container)) return
  const path = join(context.paths.containerRun(networkOwner(sandbox, container).id), 'hosts')
  const text = readText(path)
  if (text !== undefined) writeFileSync(path, removeHostEntries(text, localEntry(container)))
}

const hostnameFile = (folder: string, container: ContainerRecord): ContainerFiles => {
  if (container.config.network.noHostname) return {}
  const path = join(folder, 'hostname')
  writeFileSync(path, `${container.config.hostname}\n`, { mode: 0o644 })
  return { hostname: path }
}

// What a program inside may read to know that it is in a container; the details are for privileged ones alone.
const containerenvFile = (
  context: EngineContext,
  folder: string,
  container: ContainerRecord,
): ContainerFiles => {
  const path = join(folder, '.containerenv')
  const { id, name, image, config } = container
  const lines = [
    `engine="tspod-${engineVersion()}"`,
    `name=${JSON.stringify(name)}`,
    `id=${JSON.stringify(id)}`,
    `image=${JSON.stringify(image?.name ?? '')}`,
    `imageid=${JSON.stringify(image?.id ?? '')}`,
    `rootless=${context.rootless ? 1 : 0}`,
  ]
  writeFileSync(path, config.security.privileged ? `${lines.join('\n')}\n` : '', { mode: 0o700 })
  return { containerenv: path }
}

const accountFiles = (
  folder: string,
  container: ContainerRecord,
  user: ResolvedUser,
  read: (path: string) => string | undefined,
): ContainerFiles => {
  const { user: spec, workdir } = container.config
  const files: ContainerFiles = {}
  const passwd = passwdLine(spec, user, workdir)
  const group = groupLine(spec, read)
  if (passwd) {
    files.passwd = join(folder, 'passwd')
    writeFileSync(files.passwd, `${read('/etc/passwd') ?? ''}${passwd}`, { mode: 0o644 })
  }
  if (group) {
    files.group = join(folder, 'group')
    writeFileSync(files.group, `${read('/etc/group') ?? ''}${group}`, { mode: 0o644 })
  }
  return files
}

/** Text of a file in the container's root. */
export const rootReader =
  (files: LayeredRoot | undefined) =>
  (path: string): string | undefined =>
    files?.readFile(path)?.toString('utf8')

/** Writes the files that the container gets from us. Its network must be there. */
export const prepareFiles = (
  context: EngineContext,
  sandbox: Sandbox,
  container: ContainerRecord,
  root: { user: ResolvedUser; read: (path: string) => string | undefined },
): ContainerFiles => {
  const folder = context.paths.containerRun(container.id)
  const network = networkFiles(context, sandbox, container)
  if (container.infra) return network
  const files = {
    ...network,
    ...hostnameFile(folder, container),
    ...containerenvFile(context, folder, container),
    ...accountFiles(folder, container, root.user, root.read),
  }
  for (const path of Object.values(files)) giveToContainerRoot(path, container)
  return files
}
