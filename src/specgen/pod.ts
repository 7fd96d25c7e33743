import type { ContainerConfig, PodRecord } from '../state/types'
import { cgroupParentPath, createContainerConfig, defaultCgroupParent } from './container'
import type { CreateContext, PodOptions, SharedKind } from './context-types'
import { parseLabels } from './labels'
import { invalid, quoted, words } from './refusal'
import { createResources } from './resources'
import { parseRestart } from './restart'

const kinds: readonly SharedKind[] = ['cgroup', 'ipc', 'net', 'pid', 'user', 'uts']
const defaultShare = 'ipc,net,uts'

/** The program that an infra container runs. */
const pausePath = '/pause'

const isKind = (name: string): name is SharedKind => (kinds as readonly string[]).includes(name)

/** Namespaces that `--share` names, in Podman's order. */
export const parseShare = (text: string | undefined): PodRecord['shared'] => {
  const list = text ?? defaultShare
  const names = list.startsWith('+') ? `${defaultShare},${list.slice(1)}` : list
  const shared = new Set<SharedKind>()
  for (const name of names.split(',')) {
    if (name === '') continue
    if (name === 'none') return []
    if (name === 'mnt') throw invalid('mount sharing functionality not supported on pod level')
    if (!isKind(name))
      throw invalid(
        `invalid kernel namespace to share: ${name}. Options are: cgroup, ipc, net, pid, uts or none`,
      )
    shared.add(name)
  }
  return kinds.filter((kind) => shared.has(kind))
}

const refusedWithoutInfra = (options: PodOptions): void => {
  const { share = '' } = options
  if (options.publish?.length)
    throw invalid('you must have an infra container to publish port bindings to the host')
  if (options.noHosts) throw invalid('cannot specify --no-hosts without an infra container')
  if (options.infraName) throw invalid('cannot set infra-name without an infra container')
  if (options.infra === false && share !== '' && share !== 'none')
    throw invalid(`cannot set share(${share}) namespaces without an infra container`)
  for (const [flag, value] of [
    ['ip', options.ip],
    ['mac', options.macAddress],
    ['network-alias', options.networkAlias?.join(',')],
  ])
    if (value) throw invalid(`cannot set --${flag} without infra container: ${words.invalidArgument}`)
  if (options.network?.length) throw invalid('NoInfra and network modes cannot be used together')
  const exclusive = [
    ['InfraCommand', options.infraCommand],
    ['InfraImage', options.infraImage],
    ['DNSOption', options.dnsOption?.length],
    ['DNSSearch', options.dnsSearch?.length],
    ['DNSServer', options.dns?.length],
    ['HostAdd', options.addHost?.length],
  ] as const
  for (const [name, value] of exclusive)
    if (value) throw invalid(`NoInfra and ${name} are mutually exclusive pod options: invalid pod spec`)
}

/**
 * Whether the pod gets an infra container; refuses options that need one where there is none. A pod that shares
 * nothing has none, unless it publishes ports: somebody must own the namespace they lead to.
 */
export const needsInfra = (options: PodOptions): boolean => {
  const sharesNothing = options.share === '' || options.share === 'none'
  const infra = options.infra ?? (!sharesNothing || Boolean(options.publish?.length))
  if (!infra) refusedWithoutInfra(options)
  return infra
}

const parseExitPolicy = (text: string | undefined): PodRecord['exitPolicy'] => {
  if (!text || text === 'continue') return 'continue'
  if (text === 'stop') return text
  throw invalid(`invalid pod exit policy: ${quoted(text)}`)
}

const mapsUsers = ({ userns = '', uidmap, gidmap }: PodOptions) =>
  Boolean(uidmap?.length || gidmap?.length) || (userns !== '' && userns !== 'host')

const sharedKinds = (options: PodOptions): PodRecord['shared'] => {
  if (!needsInfra(options)) return []
  if (options.share?.includes('cgroup') && options.shareParent !== false)
    throw invalid(
      `cannot define the pod as the cgroup parent at the same time as joining the infra container's cgroupNS: ${words.invalidArgument}`,
    )
  const shared = parseShare(options.share)
  // A pod with a user namespace has one for all.
  return mapsUsers(options) ? kinds.filter((kind) => kind === 'user' || shared.includes(kind)) : shared
}

/**
 * The record of a pod. `created` is RFC 3339. The caller sets `infraId` where `needsInfra`. `cgroupPath` is empty where
 * the containers' cgroups don't go below the pod's.
 */
export const createPodRecord = (
  options: PodOptions,
  context: Pick<CreateContext, 'id' | 'name' | 'host' | 'warn'> & { created: string },
): PodRecord => {
  const shared = sharedKinds(options)
  const cgroupParent = options.cgroupParent ? cgroupParentPath(options.cgroupParent) : defaultCgroupParent
  return {
    name: context.name,
    created: context.created,
    hostname: options.hostname || context.name,
    labels: parseLabels(options.label ?? []),
    shared,
    exitPolicy: parseExitPolicy(options.exitPolicy),
    restart: options.restart ? parseRestart(options.restart) : { name: 'no', maximumRetries: 0 },
    cgroupParent,
    cgroupPath: options.shareParent === false ? '' : `${cgroupParent}/${context.id}`,
    resources: createResources(options, context.host),
    createCommand: [...(options.createCommand ?? [])],
    stoppedByUser: false,
  }
}

const isHostUts = ({ uts = '' }: PodOptions) => uts !== '' && uts !== 'private'

const infraCommand = (options: PodOptions, context: CreateContext) => {
  if (options.infraCommand) return { entrypoint: options.infraCommand.split(' '), command: [] }
  return context.image ? {} : { entrypoint: [pausePath], command: [] }
}

/**
 * Configuration of the pod's infra container. `context.id` and `context.name` are the infra container's; `context.pod`
 * holds the pod's own.
 */
export const createInfraConfig = (options: PodOptions, context: CreateContext): ContainerConfig => {
  const record = context.pod?.record
  const { name: _name, publish: _publish, ...shared } = options
  const config = createContainerConfig(
    {
      ...shared,
      // Limits of the pod are its cgroup's, not the infra container's.
      memory: undefined,
      memorySwap: undefined,
      cpus: undefined,
      cpuShares: undefined,
      cpusetCpus: undefined,
      cpusetMems: undefined,
      blkioWeight: undefined,
      ...infraCommand(options, context),
      hostname: isHostUts(options) ? undefined : record?.hostname,
      label: [],
      cgroupParent: record?.cgroupPath || record?.cgroupParent,
      restart: undefined,
    },
    { ...context, pod: undefined },
  )
  return {
    ...config,
    restart: record ? { ...record.restart } : config.restart,
    user: config.uidMappings.length > 0 ? config.user : '',
    resources: {},
  }
}
